"""A backup into a new station, and the proof that all of it is there."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from fleet_server.audit.verification import verify
from fleet_server.backup.backup import DATABASE, FLEET, KEYS, PICTURES, key_files
from fleet_server.backup.database_copy import fault_of, kind_of, put_back, rows
from fleet_server.backup.manifest import BadBackup, Manifest, digest, read_manifest
from fleet_server.core.fleet_folder import FleetFolder
from fleet_server.core.settings import Settings
from fleet_server.core.signing import station_key
from fleet_server.enrolment.fleet_setup import moved
from fleet_server.evidence.opening import evidence_of
from fleet_server.evidence.tables import Evidence
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again, and how long it took (s), of that the proof."""

    manifest: Manifest
    took_s: float
    verified_s: float


def restore(source: Path, settings: Settings) -> Restored:
    """Fill the station of ``settings``, which has nothing yet, and verify it. Raises BadBackup, OSError."""
    began = time.monotonic()
    manifest = read_manifest(source)
    _check_room(manifest, settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        if kind_of(database) != manifest.database:
            raise BadBackup(f"the backup is of a {manifest.database} database, and --database names another kind")
        put_back(database, source / DATABASE, manifest.revision)
        if settings.fleet_dir is not None:
            shutil.copytree(source / FLEET, settings.fleet_dir, dirs_exist_ok=True)
            moved(FleetFolder(settings.fleet_dir.resolve()), Path(manifest.fleet_dir))
        for name in key_files(settings):
            if (source / KEYS / name.name).exists() and not name.exists():
                shutil.copy(source / KEYS / name.name, name)
        files = evidence_of(settings)
        for picture in sorted((source / PICTURES).glob("*/*")):
            files.take(picture.name, picture, digest(picture))
        copied = time.monotonic()
        _verify_rows(manifest, database)
        migrate(database.engine)
        _verify(manifest, settings, database)
    finally:
        database.close()
    ended = time.monotonic()
    return Restored(manifest, ended - began, ended - copied)


def _check_room(manifest: Manifest, settings: Settings) -> None:
    if manifest.fleet_dir and settings.fleet_dir is None:
        raise BadBackup(f"the station had a fleet folder, {manifest.fleet_dir}: say with --fleet-dir where it goes")
    if not manifest.fleet_dir and settings.fleet_dir is not None:
        raise BadBackup("the station had no fleet folder")
    for folder in (settings.data_dir, settings.fleet_dir):
        if folder is not None and folder.exists() and any(folder.iterdir()):
            raise BadBackup(f"{folder} is not empty: a backup goes into a new station")


def _verify_rows(manifest: Manifest, database: Database) -> None:
    with database.engine.connect() as connection:
        found = rows(connection)
    if found != manifest.rows:
        raise BadBackup(f"rows are missing: {manifest.rows} as they were, {found} as they are")


def _verify(manifest: Manifest, settings: Settings, database: Database) -> None:
    """Raises BadBackup at the first thing that is not as it was."""
    if fault := fault_of(database.engine):
        raise BadBackup(f"the restored database is damaged: {fault}")
    files = evidence_of(settings)
    with database.read() as session:
        log = verify(session)
        if log.broken_at is not None or (manifest.audit_head and log.head != manifest.audit_head):
            raise BadBackup(f"the audit log is not as it was: {log.why or 'it ends otherwise'}")
        right = 0
        for row in session.execute(
            select(Evidence.evidence_id, Evidence.sha256).where(Evidence.complete_at.is_not(None))
        ):
            found = files.store.digest(row.evidence_id)
            if found not in (row.sha256, None):
                raise BadBackup(f"the picture {row.evidence_id} is damaged")
            right += found is not None
    if right != manifest.pictures:
        raise BadBackup(f"{manifest.pictures - right} pictures are missing")
    station_key(settings.station_key_file, settings.station_public_key_file)
