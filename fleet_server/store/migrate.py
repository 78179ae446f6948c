"""Brings a database to the present shape. Alembic is large: it is loaded where there is a step to be done."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = "fleet_server.store:migrations"
REVISION = "alembic_version"
"""The table in which Alembic keeps up to which step a database has come."""


class UnknownRevision(RuntimeError):
    """The database has steps that this server has not: it is of a newer one."""


def migrate(engine: Engine, revision: str | None = None) -> None:
    """Run the steps that this database has not seen yet, all of them or up to ``revision``. Raises UnknownRevision."""
    revision = revision or max(revisions())
    with engine.connect() as connection:
        if revision_of(connection) == revision:
            return
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(engine), revision)
    except CommandError as error:
        raise UnknownRevision(str(error)) from error


def revision_of(connection: Connection) -> str | None:
    """The last step that a database has seen; None of an empty one."""
    if not inspect(connection).has_table(REVISION):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {REVISION}"))  # noqa: S608 - a constant
    return revision


@cache
def revisions() -> frozenset[str]:
    """All steps, by the numbers with which their files' names begin; the highest is the last."""
    folder = files("fleet_server.store").joinpath("migrations", "versions")
    return frozenset(file.name[:4] for file in folder.iterdir() if file.name[:4].isdecimal())


def alembic_config(engine: Engine) -> "Config":
    """Alembic's configuration for ``engine``; there is no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config
