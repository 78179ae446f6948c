"""What is done to the real table behind the server's back, and what `xiaotian audit verify` says of it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from alembic import command
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from fleet_server.audit.cli import app
from fleet_server.audit.head import BadHeads, Head, head_of, read_heads
from fleet_server.audit.head_export import HeadExport
from fleet_server.audit.log import GENESIS, append, digest
from fleet_server.audit.tables import AuditEntry
from fleet_server.audit.verification import verify
from fleet_server.core.request_origin import ORIGIN
from fleet_server.core.signing import PRIVATE_KEY, PUBLIC_KEY, station_key
from fleet_server.store.columns import Utc
from fleet_server.store.database import Database
from fleet_server.store.migrate import alembic_config, migrate
from tests.fleet_server import world
from tests.fleet_server.world import API, database_in, serving, settings, sign_in

UNUSED_PORT = 25099  # nothing listens there: these tests need no broker
ENTRIES = 30
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
UNGUARDED = {
    "sqlite": ("DROP TRIGGER audit_log_no_UPDATE", "DROP TRIGGER audit_log_no_DELETE"),
    "postgresql": ("DROP TRIGGER audit_log_append_only ON audit_log",),
}
KEY = Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The real table with thirty entries, its triggers taken off as who owns the database can."""
    database = database_in(tmp_path_factory.mktemp("log"))
    migrate(database.engine)
    with database.write() as session:
        for number in range(1, ENTRIES + 1):
            asked = ORIGIN.set("198.51.100.7" if number % 2 else None)
            append(session, NOON + timedelta(minutes=number), "li", "route.changed", f"route {number}", name="东线")
            ORIGIN.reset(asked)
        for statement in UNGUARDED[database.engine.dialect.name]:
            session.execute(text(statement))
    yield database
    database.close()


@contextmanager
def tampered(log: Database, tamper: Callable[[Session], object]) -> Iterator[Session]:
    """The log as the tamperer leaves it; the next test has it as it was."""
    with Session(log.engine) as session:
        tamper(session)
        session.flush()
        session.expunge_all()
        yield session


def entry(session: Session, number: int) -> AuditEntry:
    return session.get_one(AuditEntry, number)


def alter(session: Session, number: int) -> None:
    entry(session, number).actor = "nobody"


def move_elsewhere(session: Session, number: int) -> None:
    entry(session, number).address = "203.0.113.8"


def forget_or_invent_from_where(session: Session, number: int) -> None:
    told = entry(session, number)
    told.address = None if told.address is not None else "203.0.113.8"


def alter_and_hash_anew(session: Session, number: int) -> None:
    altered = entry(session, number)
    altered.actor = "nobody"
    altered.hash = digest(altered)


def remove(session: Session, number: int) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.id == number))


def remove_and_renumber(session: Session, number: int) -> None:
    remove(session, number)
    for later in range(number + 1, ENTRIES + 1):
        session.execute(update(AuditEntry).where(AuditEntry.id == later).values(id=later - 1))


def swap_with_the_next(session: Session, number: int) -> None:
    for before, after in ((number, 1000), (number + 1, number), (1000, number + 1)):
        session.execute(update(AuditEntry).where(AuditEntry.id == before).values(id=after))


def move_to_the_end(session: Session, number: int) -> None:
    session.execute(update(AuditEntry).where(AuditEntry.id == number).values(id=1000))
    for later in range(number + 1, ENTRIES + 1):
        session.execute(update(AuditEntry).where(AuditEntry.id == later).values(id=later - 1))
    session.execute(update(AuditEntry).where(AuditEntry.id == 1000).values(id=ENTRIES))


def cut_off(session: Session, left: int) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.id > left))


def write_anew_from(session: Session, number: int) -> None:
    """What who owns the database does best: the whole chain fits again."""
    alter(session, number)
    previous = GENESIS if number == 1 else entry(session, number - 1).hash
    for later in range(number, ENTRIES + 1):
        again = entry(session, later)
        again.previous_hash = previous
        again.hash = previous = digest(again)


def head(session: Session) -> Head:
    made = head_of(session, KEY, NOON)
    assert made is not None
    return made


def head_at(database: Database, entries: int) -> Head:
    """The head as it was signed when there were so many entries."""
    with tampered(database, lambda session: cut_off(session, entries)) as session:
        return head(session)


@pytest.mark.parametrize("number", [1, 2, 17, ENTRIES - 1])
@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (alter, "it was altered"),
        (move_elsewhere, "it was altered"),
        (forget_or_invent_from_where, "it was altered"),
        (alter_and_hash_anew, "it was altered, and its hash made anew"),
        (remove, "it was removed"),
        (remove_and_renumber, "it was removed, and what followed was renumbered"),
        (swap_with_the_next, "it stands in another's place: entries were reordered"),
        (move_to_the_end, "it stands in another's place: entries were reordered"),
    ],
)
def test_the_first_entry_that_is_not_as_it_was_is_named_with_what_was_done(
    log: Database, tamper: Callable[[Session, int], None], said: str, number: int
) -> None:
    with tampered(log, lambda session: tamper(session, number)) as session:
        found = verify(session)
    assert (found.broken_at, found.why) == (number, said)


@pytest.mark.parametrize("left", [0, 1, 12, 29])
def test_a_tail_that_was_cut_off_shows_against_a_head_kept_elsewhere_and_not_without(log: Database, left: int) -> None:
    with log.read() as session:
        kept = head(session)
    with tampered(log, lambda session: cut_off(session, left)) as session:
        assert verify(session).broken_at is None
        found = verify(session, [kept])
    assert found.broken_at == left + 1
    assert f"{left + 1} to 30 were cut off" in found.why


@pytest.mark.parametrize("number", [1, 11, 20, 21, 30])
def test_a_log_that_was_written_anew_shows_against_the_heads_that_bound_it(log: Database, number: int) -> None:
    heads = [head_at(log, entries) for entries in (10, 20, 30)]
    with tampered(log, lambda session: write_anew_from(session, number)) as session:
        assert verify(session).broken_at is None
        found = verify(session, heads)
    first = {1: 1, 11: 11, 20: 11, 21: 21, 30: 21}[number]
    assert found.broken_at == first
    assert f"{first} to {first + 9}, or some of them, were written anew" in found.why


def test_a_log_that_is_as_it_was_fits_all_its_heads(log: Database) -> None:
    heads = [head_at(log, entries) for entries in (1, 10, 10, 30)]
    with log.read() as session:
        found = verify(session, heads)
    assert (found.broken_at, found.entries, found.heads) == (None, 30, 4)


def test_a_head_that_somebody_else_made_or_changed_is_none(log: Database, tmp_path: Path) -> None:
    with log.read() as session:
        mine = head(session)
        theirs = head_of(session, Ed25519PrivateKey.generate(), NOON)
    assert theirs is not None
    changed = mine.line().replace('"entries":30', '"entries":29')
    for number, line in enumerate((theirs.line(), changed, "{}", "30", mine.line()[:-9])):
        file = tmp_path / str(number)
        file.write_text(f"{mine.line()}\n{line}\n")
        with pytest.raises(BadHeads, match="line 2"):
            read_heads([file], [KEY.public_key()])


def test_a_log_from_before_there_were_addresses_is_unbroken_and_goes_on(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    command.upgrade(alembic_config(database.engine), "0045")
    columns = "id, at, actor, action, target, details, previous_hash, hash"
    previous = GENESIS
    with database.engine.begin() as old:
        for number in (1, 2):
            told = [number, "2026-11-26T12:00:00.000000+00:00", "li", "route.changed", "东线", '{"名": "东"}', previous]
            previous = sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
            values = dict(zip(columns.split(", "), [*told, previous], strict=True)) | {"at": NOON}
            insert = f"INSERT INTO audit_log ({columns}) VALUES (:{columns.replace(', ', ', :')})"
            old.execute(text(insert).bindparams(bindparam("at", type_=Utc)), values)
    migrate(database.engine)
    asked = ORIGIN.set("198.51.100.7")
    with database.write() as session:
        append(session, NOON, "li", "route.deleted", "东线")
    ORIGIN.reset(asked)
    with database.read() as session:
        found = verify(session)
        assert (found.entries, found.broken_at) == (3, None)
        assert list(session.scalars(select(AuditEntry.address).order_by(AuditEntry.id))) == [None, None, "198.51.100.7"]
    database.close()


def test_a_line_a_day_is_kept_and_delivered_when_its_keeper_is_back(log: Database, tmp_path: Path) -> None:
    class Keeper(BaseHTTPRequestHandler):
        said: list[bytes] = []
        away = True

        def do_POST(self) -> None:
            self.said.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(503 if self.away else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        file = tmp_path / "elsewhere" / "heads.jsonl"
        export = HeadExport(log, KEY, file, f"http://127.0.0.1:{server.server_port}/")
        export.update(NOON)
        Keeper.away = False
        for hours in (1, 2, 3, 24, 25, 48):
            export.update(NOON + timedelta(hours=hours))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    lines = file.read_bytes().splitlines()
    assert len(lines) == 3
    assert Keeper.said == [lines[0], lines[0], lines[1], lines[2]]
    assert [kept.entries for kept in read_heads([file], [KEY.public_key()])] == [30, 30, 30]


def test_the_command_says_it_to_who_has_the_key_and_a_head_and_no_server(tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    options = ["--data-dir", str(chosen.data_dir)]
    if address := world.database_for(tmp_path):
        options += ["--database", address]
    with serving(chosen) as client:
        sign_in(client)
        run = CliRunner()
        kept = tmp_path / "kept.jsonl"
        signed = run.invoke(app, ["head", *options])
        assert signed.exit_code == 0, signed.output
        kept.write_text(signed.stdout)
        assert json.loads(kept.read_text())["entries"] == len(client.get(f"{API}/audit").json())
        fits = run.invoke(app, ["verify", *options, "--heads", str(kept)])
        assert (fits.exit_code, "unbroken" in fits.stdout) == (0, True), fits.output
    database = database_in(tmp_path) if address else Database(chosen.database_url)
    with database.write() as session:
        for statement in UNGUARDED[database.engine.dialect.name]:
            session.execute(text(statement))
        last = session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1))
        assert last is not None
        remove(session, last)
    database.close()
    cut = run.invoke(app, ["verify", *options, "--heads", str(kept)])
    assert cut.exit_code == 1
    assert f"broken at entry {last}: the entries {last} to {last} were cut off" in cut.output
    other = tmp_path / "other"
    other.mkdir()
    station_key(other / PRIVATE_KEY, other / PUBLIC_KEY)
    strange = run.invoke(app, ["verify", *options, "--heads", str(kept), "--key", str(other / PUBLIC_KEY)])
    assert (strange.exit_code, "not signed with this station's key" in strange.output) == (1, True)
