"""A running station's database, pictures, keys and settings, copied into a folder of one moment."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, select

from fleet_server.audit.tables import AuditEntry
from fleet_server.backup.database_copy import copied, kind_of, rows
from fleet_server.backup.manifest import NAME, BadBackup, Manifest, digest, read_manifest
from fleet_server.core.clock import utc_now
from fleet_server.core.settings import Settings
from fleet_server.core.settings_file import SETTINGS, write_settings
from fleet_server.evidence.files import FolderStore
from fleet_server.evidence.opening import evidence_of
from fleet_server.evidence.tables import Evidence
from fleet_server.store.database import Database
from fleet_server.store.migrate import revision_of

DATED = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
DATABASE, PICTURES, KEYS, FLEET = "database", "evidence", "keys", "fleet"


@dataclass(frozen=True, slots=True)
class Made:
    """What was backed up, and how long it took (s); ``linked`` pictures were in the backup before."""

    manifest: Manifest
    linked: int
    took_s: float


def back_up(settings: Settings, target: Path, previous: Path | None = None) -> Made:
    """Copy all of the station into the new folder ``target``; the server may be at work. Raises BadBackup, OSError.

    Pictures that ``previous`` has, a backup on the same disk, are not copied again: both folders name one file.
    """
    began = time.monotonic()
    if target.exists() and any(target.iterdir()):
        raise BadBackup(f"{target} is not empty")
    if previous is not None:
        read_manifest(previous)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url)
    made_at = utc_now()
    try:
        with copied(database, target / DATABASE) as moment:
            pictures = _Pictures(settings, target, previous)
            for evidence_id, size, sha256 in _whole(moment):
                pictures.copy(evidence_id, size, sha256, database)
            _copy_keys(settings, target)
            manifest = Manifest(
                xiaotian=version("xiaotian"),
                made_at=made_at.isoformat(),
                database=kind_of(database),
                revision=str(revision_of(moment)),
                audit_head=_audit_head(moment),
                rows=rows(moment),
                pictures=pictures.copied + pictures.linked,
                picture_bytes=pictures.bytes,
                gone=pictures.gone,
                fleet_dir=str(settings.fleet_dir.resolve()) if settings.fleet_dir else "",
            )
    finally:
        database.close()
    manifest.files.update({str(path.relative_to(target)): digest(path) for path in _beside_pictures(target)})
    manifest.write(target)
    os.sync()
    return Made(manifest, pictures.linked, time.monotonic() - began)


def back_up_dated(settings: Settings, root: Path, keep: int, now: datetime) -> tuple[Made, Path]:
    """Back up into a folder of ``root`` named by ``now``, and delete all but the newest ``keep``; tells which it is.

    What was begun and not ended is deleted too.
    """
    whole = sorted(path.parent for path in root.glob(f"*/{NAME}"))
    target = root / f"{now:%Y-%m-%dT%H%M%SZ}"
    made = back_up(settings, target, whole[-1] if whole else None)
    for old in {path for path in root.iterdir() if DATED.fullmatch(path.name)} - set([*whole, target][-keep:]):
        shutil.rmtree(old)
    return made, target


class _Pictures:
    """Copies pictures, each checked against the hash that its dog promised."""

    def __init__(self, settings: Settings, target: Path, previous: Path | None) -> None:
        self._source = evidence_of(settings)
        self._target = FolderStore(target / PICTURES)
        self._previous = FolderStore(previous / PICTURES) if previous is not None else None
        self.copied = self.linked = self.gone = self.bytes = 0

    def copy(self, evidence_id: str, size: int, sha256: str, database: Database) -> None:
        copy = self._target.path(evidence_id)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if self._previous is not None and _linked(self._previous.path(evidence_id), copy, size):
            self.linked += 1
        else:
            try:
                self._source.fetch(evidence_id, copy)
            except FileNotFoundError:
                self._missed(evidence_id, database)
                return
            if digest(copy) != sha256:
                raise BadBackup(f"the station's picture {evidence_id} is damaged: its hash is not the one of its row")
            self.copied += 1
        self.bytes += size

    def _missed(self, evidence_id: str, database: Database) -> None:
        with database.read() as session:
            if session.get(Evidence, evidence_id) is not None:
                raise BadBackup(f"the station's picture {evidence_id} is lost: there is a row, and no file")
        self.gone += 1


def _linked(before: Path, copy: Path, size: int) -> bool:
    try:
        if before.stat().st_size != size:
            return False
        os.link(before, copy)
    except OSError:
        return False
    return True


def _whole(moment: Connection) -> Iterator[tuple[str, int, str]]:
    columns = select(Evidence.evidence_id, Evidence.size_bytes, Evidence.sha256)
    for row in moment.execute(columns.where(Evidence.complete_at.is_not(None)).order_by(Evidence.evidence_id)).all():
        yield row.evidence_id, row.size_bytes, row.sha256


def _audit_head(moment: Connection) -> str:
    return moment.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or ""


def key_files(settings: Settings) -> tuple[Path, ...]:
    """What a station is not itself without; one with a fleet folder has some of them there."""
    station = (settings.station_key_file, settings.station_public_key_file)
    return (*station, settings.token_file, settings.secrets_key_file)


def _copy_keys(settings: Settings, target: Path) -> None:
    (target / KEYS).mkdir(mode=0o700)
    for path in key_files(settings):
        if path.exists():
            shutil.copy(path, target / KEYS / path.name)
    if settings.fleet_dir is not None:
        shutil.copytree(settings.fleet_dir, target / FLEET)
        (target / FLEET).chmod(0o700)
    said = settings.data_dir / SETTINGS  # by the server itself, which may be set otherwise than this command
    if said.exists():
        shutil.copy(said, target / SETTINGS)
    else:
        write_settings(settings, target)


def _beside_pictures(target: Path) -> list[Path]:
    found = [path for path in sorted(target.rglob("*")) if path.is_file()]
    return [path for path in found if path.relative_to(target).parts[0] != PICTURES]
