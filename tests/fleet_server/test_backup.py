"""A station is lost and built anew from its backup: by command, under load, and with what could be wrong."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import insert, inspect, select, text

from edge.link.whole_link import Reach, WholeLink, open_link
from fleet_server.audit.log import GENESIS, SERVER, append
from fleet_server.audit.log import digest as audit_digest
from fleet_server.audit.tables import AuditEntry
from fleet_server.backup.backup import back_up, back_up_dated
from fleet_server.backup.manifest import BadBackup
from fleet_server.backup.restore import restore
from fleet_server.core.clock import utc_now
from fleet_server.core.fleet_folder import About
from fleet_server.core.settings import Settings
from fleet_server.core.signing import station_key
from fleet_server.enrolment.fleet_setup import init
from fleet_server.evidence.files import EvidenceFiles, FolderStore
from fleet_server.evidence.tables import Evidence
from fleet_server.incidents.tables import Sighting
from fleet_server.store.database import Database
from fleet_server.store.migrate import alembic_config, migrate
from protocol.topics import Address
from tests.broker import TestBroker
from tests.edge.link.dog import sighting
from tests.fleet_server import world
from tests.fleet_server.dog import Dog as Bare
from tests.fleet_server.test_server_restart import served
from tests.fleet_server.world import eventually

PICTURES = 20
MOST_WAITING = 50  # in the outbox of a dog that goes on seeing


class Watchdog:
    """A dog's real link in a thread of its own, that sees something with a picture again and again."""

    def __init__(self, port: int, server_port: int, data: Path, token: Path) -> None:
        reach = Reach("127.0.0.1", port, f"http://127.0.0.1:{server_port}", token)
        self.line: WholeLink = open_link(Address("xiaotian", "watchdog"), data, reach, time.time())
        self.seen: dict[str, tuple[str, str]] = {}  # by anomaly: its evidence, and the bytes' hash
        self.sees = True
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.line.start()
        self._thread.start()

    def received(self) -> tuple[set[str], set[str]]:
        """The anomalies and the pictures that the station said it has stored."""
        outbox, seen = self.line.link.outbox, dict(self.seen)
        return {key for key in seen if key not in outbox}, {p for p, _ in seen.values() if p not in outbox}

    def end(self) -> None:
        self._ending.set()
        self._thread.join()
        self.line.stop(time.time())

    def _run(self) -> None:
        while not self._ending.wait(0.02):
            if self.sees and len(self.line.link.outbox) < MOST_WAITING:
                key, picture, data = str(uuid.uuid4()), str(uuid.uuid4()), os.urandom(20_000)
                self.line.tell_anomaly(sighting(key, data), picture, None, time.monotonic(), time.time())
                self.seen[key] = picture, hashlib.sha256(data).hexdigest()
            self.line.step(None, time.monotonic(), time.time())


def xiaotian_server(*words: object, database: str | None) -> str:
    given = dict(os.environ) | ({"XIAOTIAN_DATABASE": database} if database else {})
    line = [sys.executable, "-m", "xiaotian.cli", "server", *map(str, words)]
    made = subprocess.run(line, env=given, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr[-2000:]
    return made.stdout


@pytest.mark.slow  # a server is started twice, and two commands of it
def test_a_station_lost_under_load_is_there_again_with_all_that_was_backed_up_and_the_dogs_bring_the_rest(
    mqtt: TestBroker, tmp_path: Path
) -> None:
    station, copy = tmp_path / "station", tmp_path / "backup"
    with served(tmp_path, mqtt.port) as server:
        dog = Watchdog(mqtt.port, server.port, tmp_path / "dog", station / "robot_token")
        try:
            eventually(lambda: len(dog.received()[1]) >= PICTURES)
            before = dog.received()
            told = xiaotian_server("backup", copy, "--data-dir", station, database=server.database)
            assert "backed up" in told
            after = len(dog.received()[1])
            eventually(lambda: len(dog.received()[1]) >= after + PICTURES)
            key = (station / "station_key.pem").read_bytes()

            server.kill()
            shutil.rmtree(station)
            server.database = world.database_for(tmp_path / "new machine")
            told = xiaotian_server("restore", copy, "--data-dir", station, database=server.database)
            assert "all right" in told
            assert "to verify" in told
            eventually(lambda: len(dog.line.link.outbox) >= MOST_WAITING)
            hear_out(dog, mqtt)
            since = [now - then for now, then in zip(dog.received(), before, strict=True)]
            server.start()
            assert (station / "station_key.pem").read_bytes() == key  # the dogs obey it still
            dog.sees = False
            eventually(lambda: not len(dog.line.link.outbox))
        finally:
            dog.end()
        anomalies, pictures = contents(server.database, station)
    # What the station took between the backup and its end is lost, and nothing else.
    assert len(dog.seen) > len(before[0]) + len(since[0])
    assert dog.seen.keys() - since[0] - anomalies == set()
    for picture, sha256 in dog.seen.values():
        if picture not in since[1]:
            assert pictures[picture] == sha256
            assert digest(station, picture) == sha256


def hear_out(dog: Watchdog, mqtt: TestBroker) -> None:
    """Return when the dog has heard the last that a server said before its end, which may still be on its way."""
    with Bare(mqtt.port, "watchdog") as beside:
        topic = f"{beside.root}/received"
        beside.client.publish(topic, b"{}")
        eventually(lambda: dog.line.link.refused[topic])


def contents(url: str | None, station: Path) -> tuple[set[str], dict[str, str]]:
    with opened(url, station) as database, database.read() as session:
        sightings = set(session.scalars(select(Sighting.anomaly_id)))
        rows = session.scalars(select(Evidence).where(Evidence.complete_at.is_not(None)))
        return sightings, {row.evidence_id: row.sha256 for row in rows}


@contextmanager
def opened(url: str | None, station: Path) -> Iterator[Database]:
    database = Database(url or f"sqlite:///{station / 'xiaotian.sqlite3'}")
    try:
        yield database
    finally:
        database.close()


def digest(station: Path, evidence_id: str) -> str:
    return hashlib.sha256(FolderStore(station / "evidence").path(evidence_id).read_bytes()).hexdigest()


# A station that does not run: what can be wrong with it, or with its backup


def settings(folder: Path, **more: Any) -> Settings:
    return Settings.load(data_dir=folder / "station", database=world.database_for(folder), **more)


@pytest.fixture
def station(tmp_path: Path) -> Settings:
    """With a few pictures and deeds."""
    made = settings(tmp_path / "old")
    fill(made, "head")
    return made


def fill(made: Settings, revision: str) -> None:
    made.data_dir.mkdir(parents=True)
    station_key(made.station_key_file, made.station_public_key_file)
    made.token_file.write_text("token")
    files = EvidenceFiles(made.data_dir / "evidence")
    database = Database(made.database_url)
    command.upgrade(alembic_config(database.engine), revision)
    with database.write() as session:
        columns = {column["name"] for column in columns_of(session, "evidence")}
        for number in range(5):
            key, data, now = str(uuid.uuid4()), bytes([number]) * 1000, utc_now()
            files.append(key, data)
            row = {"evidence_id": key, "dog_id": "dog1", "manufacturer": "xiaotian", "purpose": "ANOMALY"}
            row |= {
                "media_type": "image/jpeg",
                "sha256": hashlib.sha256(data).hexdigest(),
                "size_bytes": 1000,
                "held": False,
            }
            row |= {"captured_at": now, "received_at": now, "complete_at": now}
            assert files.seal(key, row["sha256"])
            session.execute(insert(Evidence), {name: value for name, value in row.items() if name in columns})
            write_deed(session, now, key)
    database.close()


def write_deed(session: Any, now: datetime, target: str) -> None:
    """A deed as a server of any age wrote it: the audit log had fewer columns."""
    last = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    number, before = (last.id + 1, last.hash) if last else (1, GENESIS)
    deed = {"id": number, "at": now, "actor": SERVER, "action": "a deed", "target": target, "details": "{}"}
    deed["previous_hash"] = before
    deed["hash"] = audit_digest(AuditEntry(**deed))
    session.execute(insert(AuditEntry), deed)


def columns_of(session: Any, table: str) -> Any:
    return inspect(session.connection()).get_columns(table)


def pictures(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "evidence").rglob("*") if path.is_file())


def test_all_of_it_comes_back(station: Settings, tmp_path: Path) -> None:
    made = back_up(station, tmp_path / "backup")
    assert (made.manifest.pictures, made.manifest.rows["evidence"], made.manifest.rows["audit_log"]) == (5, 5, 5)
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    new = settings(tmp_path / "new")
    restored = restore(tmp_path / "backup", new)
    assert restored.manifest == made.manifest
    assert restored.took_s >= restored.verified_s > 0
    assert new.token_file.read_text() == "token"
    assert [p.read_bytes() for p in pictures(new.data_dir)] == [p.read_bytes() for p in pictures(station.data_dir)]
    again = back_up(new, tmp_path / "again")
    assert (again.manifest.rows, again.manifest.audit_head) == (made.manifest.rows, made.manifest.audit_head)
    database = Database(new.database_url)
    with database.write() as session:  # what counts by itself counts on
        append(session, utc_now(), SERVER, "a deed after")
    database.close()


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "0005", "0006"])
def test_a_backup_of_an_older_server_is_brought_to_the_present_shape(tmp_path: Path, revision: str) -> None:
    old, new = settings(tmp_path / "old"), settings(tmp_path / "new")
    fill(old, revision)
    assert back_up(old, tmp_path / "backup").manifest.revision == revision
    restore(tmp_path / "backup", new)
    database, fresh = Database(new.database_url), settings(tmp_path / "fresh")
    fresh.data_dir.mkdir(parents=True)
    with database.read() as session:
        assert len(session.scalars(select(Evidence)).all()) == 5
        now = session.scalar(text("SELECT version_num FROM alembic_version"))
    database.close()
    latest = Database(fresh.database_url)
    migrate(latest.engine)
    with latest.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == now
    latest.close()


def test_pictures_of_the_backup_before_are_not_copied_again(station: Settings, tmp_path: Path) -> None:
    back_up(station, tmp_path / "first")
    made = back_up(station, tmp_path / "second", previous=tmp_path / "first")
    assert (made.linked, made.manifest.pictures) == (5, 5)
    assert [p.stat().st_ino for p in pictures(tmp_path / "second")] == [
        p.stat().st_ino for p in pictures(tmp_path / "first")
    ]
    restore(tmp_path / "second", settings(tmp_path / "new"))


def test_dated_backups_go_on_from_the_last_and_the_oldest_go(station: Settings, tmp_path: Path) -> None:
    root, now = tmp_path / "backups", datetime(2026, 11, 26, 3, 20, tzinfo=UTC)
    for day in range(5):
        made, _ = back_up_dated(station, root, 3, now + timedelta(days=day))
        assert made.linked == (5 if day else 0)
        (root / f"2026-01-0{day + 1}T000000Z").mkdir()  # begun once, and never ended
    (root / "of somebody else").mkdir()
    back_up_dated(station, root, 3, now + timedelta(days=5))
    names = sorted(path.name for path in root.iterdir())
    assert names == ["2026-11-29T032000Z", "2026-11-30T032000Z", "2026-12-01T032000Z", "of somebody else"]
    restore(root / names[2], settings(tmp_path / "new"))


def test_what_was_changed_or_cut_off_in_a_backup_is_found(station: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "backup"
    back_up(station, copy)
    damages = {
        "holds no whole backup": lambda at: (at / "manifest.json").unlink(),
        "was changed": lambda at: next((at / "database").iterdir()).write_bytes(b"nothing"),
        "robot_token": lambda at: (at / "keys/robot_token").unlink(),
        "is damaged": lambda at: pictures(at)[2].write_bytes(b"x" * 1000),
        "missing": lambda at: pictures(at)[0].unlink(),
        "of format 9": lambda at: rewrite(at / "manifest.json", format=9),
        "rows are missing": lambda at: rewrite(at / "manifest.json", rows={"evidence": 6}),
        "it ends otherwise": lambda at: rewrite(at / "manifest.json", audit_head="0" * 64),
    }
    for number, (why, damage) in enumerate(damages.items()):
        spoilt = tmp_path / f"spoilt {number}"
        shutil.copytree(copy, spoilt)
        damage(spoilt)
        with pytest.raises(BadBackup, match=why):
            restore(spoilt, settings(tmp_path / f"new {number}"))


def rewrite(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_nothing_that_is_there_is_ever_overwritten(station: Settings, tmp_path: Path) -> None:
    back_up(station, tmp_path / "backup")
    with pytest.raises(BadBackup, match="is not empty"):
        back_up(station, tmp_path / "backup")
    with pytest.raises(BadBackup, match="is not empty"):
        restore(tmp_path / "backup", station)
    elsewhere = station.model_copy(update={"data_dir": tmp_path / "elsewhere", "database": station.database})
    if station.database is not None:  # the folder is new, the database is not
        with pytest.raises(BadBackup, match="has tables already"):
            restore(tmp_path / "backup", elsewhere)


def test_a_picture_that_is_lost_or_damaged_is_told_and_one_that_aged_out_meanwhile_is_none(
    station: Settings, tmp_path: Path
) -> None:
    damaged = pictures(station.data_dir)[1]
    whole = damaged.read_bytes()
    damaged.write_bytes(b"?" * 1000)
    with pytest.raises(BadBackup, match=f"{damaged.name} is damaged"):
        back_up(station, tmp_path / "first")
    damaged.unlink()
    with pytest.raises(BadBackup, match=f"{damaged.name} is lost"):
        back_up(station, tmp_path / "second")
    damaged.write_bytes(whole)
    assert back_up(station, tmp_path / "third").manifest.gone == 0


def test_a_fleet_folder_comes_back_elsewhere_with_its_keys_and_the_broker_finds_its_files(tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    now = datetime.now(UTC) - timedelta(minutes=1)
    init(root, About(["localhost"], 8883, 8443), "127.0.0.1", "root", Path("/usr/lib/plugin.so"), now)
    old = settings(tmp_path / "old", fleet_dir=root)
    fill(old, "head")
    back_up(old, tmp_path / "backup")
    new = settings(tmp_path / "new").model_copy(update={"fleet_dir": tmp_path / "fleet again"})
    restore(tmp_path / "backup", new)
    for path in root.rglob("*.key"):
        assert (tmp_path / "fleet again" / path.relative_to(root)).read_bytes() == path.read_bytes()
    told = (tmp_path / "fleet again/mosquitto/mosquitto.conf").read_text()
    assert f"cafile {tmp_path / 'fleet again'}/mosquitto/ca.pem" in told
    assert f"{root}/" not in told
    with pytest.raises(BadBackup, match="--fleet-dir"):
        restore(tmp_path / "backup", settings(tmp_path / "third"))
