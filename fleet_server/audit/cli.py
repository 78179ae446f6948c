"""``xiaotian audit``: whether the audit log is as it was written, and its head, to be kept elsewhere."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from fleet_server.audit.head import BadHeads, head_of, read_heads
from fleet_server.audit.verification import verify as verify_log
from fleet_server.core.clock import utc_now
from fleet_server.core.command_line import DatabaseUrl, DataDir, FleetDir, give_up, settings_or_exit
from fleet_server.core.detached_signature import public_keys
from fleet_server.core.settings import Settings
from fleet_server.core.signing import BadKey, station_key
from fleet_server.store.database import Database

app = typer.Typer(help="The audit log: verify it; its signed head.", pretty_exceptions_enable=False)
Heads = Annotated[
    list[Path] | None,
    typer.Option(help="A file of heads that was kept elsewhere; may be given again. The station's own is read too."),
]
Key = Annotated[Path | None, typer.Option(help="The station's public key. (default: the station's own file)")]


@app.command()
def verify(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    fleet_dir: FleetDir = None,
    heads: Heads = None,
    key: Key = None,
) -> None:
    """Walk the chain of hashes and hold the signed heads against it; rc 1 at the first entry that is not as it was."""
    settings = _settings(data_dir, database, fleet_dir)
    own = settings.audit_heads_file
    paths = [*(heads or []), *([own] if own.exists() else [])]
    try:
        kept = read_heads(paths, public_keys(key or settings.station_public_key_file)) if paths else []
        with _database(settings).read() as session:
            verdict = verify_log(session, kept)
    except (BadKey, BadHeads, OSError, SQLAlchemyError) as error:
        give_up(str(error))
    if verdict.broken_at is not None:
        give_up(f"the audit log is broken at entry {verdict.broken_at}: {verdict.why}")
    beside = f"{verdict.heads} signed heads fit" if kept else "no head was kept: a cut tail would not show"
    typer.echo(f"{verdict.entries} entries, unbroken; head {verdict.head}; {beside}")


@app.command()
def head(data_dir: DataDir = None, database: DatabaseUrl = None, fleet_dir: FleetDir = None) -> None:
    """Print the signed head as it is now, a line to be kept elsewhere."""
    settings = _settings(data_dir, database, fleet_dir)
    try:
        signing = station_key(settings.station_key_file, settings.station_public_key_file)
        with _database(settings).read() as session:
            made = head_of(session, signing, utc_now())
    except (BadKey, OSError, SQLAlchemyError) as error:
        give_up(str(error))
    if made is None:
        give_up("the audit log is empty")
    typer.echo(made.line())


def _settings(data_dir: Path | None, database: str | None, fleet_dir: Path | None) -> Settings:
    settings = settings_or_exit(data_dir=data_dir, database=database, fleet_dir=fleet_dir)
    if not settings.data_dir.is_dir():
        give_up(f"{settings.data_dir} is no station's data folder")
    return settings


def _database(settings: Settings) -> Database:
    return Database(settings.database_url)
