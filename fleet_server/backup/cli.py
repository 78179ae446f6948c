"""``xiaotian server backup`` and ``restore``."""

import os
import sqlite3
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from fleet_server.backup.backup import back_up, back_up_dated
from fleet_server.backup.manifest import BadBackup
from fleet_server.backup.restore import restore as restored
from fleet_server.core.clock import utc_now
from fleet_server.core.command_line import DatabaseUrl, DataDir, FleetDir, give_up, settings_or_exit
from fleet_server.core.settings import PREFIX
from fleet_server.core.settings_file import SETTINGS
from fleet_server.core.signing import BadKey
from fleet_server.store.migrate import UnknownRevision

FAULTS = (BadBackup, BadKey, OSError, SQLAlchemyError, UnknownRevision, sqlite3.Error)


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder; only this user can read it.")],
    dated: Annotated[
        bool, typer.Option("--dated", help="Into a folder of that one, named by the time, and as --previous the last.")
    ] = False,
    keep: Annotated[int, typer.Option(min=1, help="With --dated: how many are kept; the oldest are deleted.")] = 14,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    fleet_dir: FleetDir = None,
    previous: Annotated[
        Path | None, typer.Option(help="A backup on the same disk: pictures that it has are not copied again.")
    ] = None,
) -> None:
    """Copy database, pictures, keys and settings of one moment into a folder. The server may be running."""
    settings = settings_or_exit(data_dir=data_dir, database=database, fleet_dir=fleet_dir)
    try:
        if dated:
            made, folder = back_up_dated(settings, folder, keep, utc_now())
        else:
            made = back_up(settings, folder, previous)
    except FAULTS as error:
        give_up(str(error))
    told = made.manifest
    linked = f" ({made.linked} of them as in the one before)" if made.linked else ""
    typer.echo(f"{sum(told.rows.values())} rows, {told.pictures} pictures{linked}, {told.picture_bytes} bytes of them")
    typer.echo(f"backed up to {folder} in {made.took_s:.1f} s")


def restore(
    folder: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    fleet_dir: FleetDir = None,
) -> None:
    """Fill a new station from a backup, and verify every row, picture and key of it. Start the server after."""
    named = os.environ.pop(f"{PREFIX}FLEET_DIR", None)  # not there yet, so nothing can be read in it
    settings = settings_or_exit(data_dir=data_dir, database=database)
    fleet_dir = fleet_dir or (Path(named) if named else None)
    settings = settings.model_copy(update={"fleet_dir": fleet_dir})
    try:
        made = restored(folder, settings)
    except FAULTS as error:
        give_up(str(error))
    told = made.manifest
    typer.echo(
        f"{sum(told.rows.values())} rows, {told.pictures} pictures, {told.picture_bytes} bytes of them, all right"
    )
    typer.echo(f"restored in {made.took_s:.1f} s, {made.verified_s:.1f} s of them to verify; as of {told.made_at}")
    typer.echo(f"how it was set: {folder / SETTINGS}")
