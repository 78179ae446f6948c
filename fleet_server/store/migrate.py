"""Brings a database to the present shape."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

SCRIPTS = "fleet_server.store:migrations"


def migrate(engine: Engine) -> None:
    """Run the steps that this database has not seen yet."""
    command.upgrade(alembic_config(engine), "head")


def alembic_config(engine: Engine) -> Config:
    """Alembic's configuration for ``engine``; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config
