"""What the commands of the server's rooms share: their options, and how they give up."""

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from fleet_server.core.fleet_folder import BadFolder
from fleet_server.core.settings import Settings, UnknownSetting

DataDir = Annotated[Path | None, typer.Option(help="Database, evidence, tokens. (default: var/station)")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="postgresql://user:password@host/name; in XIAOTIAN_DATABASE nobody reads the password off the list of "
        "processes. (default: SQLite in the data folder)"
    ),
]
FleetDir = Annotated[
    Path | None, typer.Option(help="The folder of `xiaotian fleet init`: TLS, and only dogs that have enrolled.")
]


def settings_or_exit(**options: Any) -> Settings:
    """The settings; ends the command in a sentence where they are none."""
    try:
        return Settings.load(**options)
    except (UnknownSetting, BadFolder) as error:
        give_up(str(error))
    except ValidationError as error:
        give_up("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))


def give_up(why: str) -> NoReturn:
    """Say why, and end with rc 1."""
    typer.echo(f"xiaotian: {why}", err=True)
    raise typer.Exit(1)
