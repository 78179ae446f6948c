import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text

from fleet_server.app import ROOMS
from fleet_server.enrolment.identities import void_names
from fleet_server.enrolment.tables import Identity
from fleet_server.evidence.tables import Evidence, EvidenceAnomaly
from fleet_server.incidents.tables import Incident, Sighting
from fleet_server.retention.age_out import age_out
from fleet_server.routes.tables import Route
from fleet_server.store.columns import Table
from fleet_server.store.database import Database
from fleet_server.store.migrate import alembic_config, migrate, revision_of, revisions
from fleet_server.telemetry.tables import Dog
from tests.fleet_server.world import database_in
from tests.postgresql import cluster

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = "2026-01-01 00:00:00.000000"
OLD = NOW - timedelta(days=31)
OLD_SITE = f"""
INSERT INTO sites (site_id, version, source_hash, updated_at, name, timezone, origin, map_id, map_resolution,
map_origin, map_png, map_width, map_height, zones, docks, checkpoints)
VALUES ('yard', 1, 'hash', '{LONG_AGO}', '{{}}', 'UTC', '{{}}', 'yard', 0.1, '{{}}', '', 1, 1, '[]', '[]', '[]')
"""


def database(folder: Path) -> Database:
    made = database_in(folder)
    migrate(made.engine)
    return made


def test_the_migrations_lead_to_the_tables_that_the_rooms_describe(tmp_path: Path) -> None:
    command.check(alembic_config(database(tmp_path).engine))


def test_the_last_step_is_known_without_asking_alembic_and_a_database_that_has_it_is_left_alone(tmp_path: Path) -> None:
    store = database(tmp_path)
    steps = ScriptDirectory.from_config(alembic_config(store.engine))
    assert revisions() == {step.revision for step in steps.walk_revisions()}
    assert max(revisions()) == steps.get_current_head()
    with store.read() as session:
        assert revision_of(session.connection()) == max(revisions())
    command.downgrade(alembic_config(store.engine), "-1")
    with store.read() as session:
        assert revision_of(session.connection()) != max(revisions())
    migrate(store.engine)
    command.check(alembic_config(store.engine))


def test_every_table_belongs_to_one_room() -> None:
    tables = [table for room in ROOMS for table in room.tables]
    assert sorted(each.__tablename__ for each in tables) == sorted(Table.metadata.tables)


def test_vehicles_of_other_makers_get_their_makers_name_and_routes_their_wish(tmp_path: Path) -> None:
    store = database_in(tmp_path)
    command.upgrade(alembic_config(store.engine), "0002")
    with store.engine.begin() as old:
        for dog, maker in (("dog1", "xiaotian"), ("7", "acme")):
            old.execute(
                text(f"INSERT INTO dogs VALUES ('{dog}', '{maker}', 'ONLINE', '{LONG_AGO}', '{LONG_AGO}', NULL)")
            )
        old.execute(text(OLD_SITE))
        old.execute(text(f"INSERT INTO routes VALUES ('r', 'yard', '{{}}', '[]', '{LONG_AGO}', '{LONG_AGO}')"))
    migrate(store.engine)
    with store.read() as session:
        assert sorted(session.scalars(select(Dog.dog_id))) == ["7@acme", "dog1"]
        assert session.get_one(Route, "r").on_link_loss == {"policy": "carryOnThenHome", "minutes": 30.0}
    command.downgrade(alembic_config(store.engine), "0002")
    with store.engine.begin() as old:
        assert sorted(old.execute(text("SELECT dog_id FROM dogs")).scalars()) == ["7", "dog1"]


def test_certificates_of_before_are_void_and_their_dogs_enrol_anew(tmp_path: Path) -> None:
    store = database_in(tmp_path)
    command.upgrade(alembic_config(store.engine), "0004")
    with store.engine.begin() as old:
        old.execute(
            text(
                "INSERT INTO identities (manufacturer, name, invited_at, invited_by, enrolled_at, certificate_serial, "
                f"token_hash) VALUES ('xiaotian', 'dog7', '{LONG_AGO}', 'admin', '{LONG_AGO}', '1f', 'hash')"
            )
        )
    migrate(store.engine)
    with store.read() as session:
        row = session.get_one(Identity, ("xiaotian", "dog7"))
        assert (row.certificate_name, row.enrolled_at, row.token_hash) == (None, None, None)
        assert void_names(session) == ["xiaotian/dog7"]
    command.downgrade(alembic_config(store.engine), "0004")


def test_incidents_of_before_have_no_covariance_and_outlive_the_way_there_and_back(tmp_path: Path) -> None:
    store = database_in(tmp_path)
    command.upgrade(alembic_config(store.engine), "0031")
    columns = "incident_id, site_id, kind, status, first_seen, last_seen, frame_stamp, received_at, x, y, deviation"
    times = ", ".join([f"'{LONG_AGO}'"] * 4)
    with store.engine.begin() as old:
        values = f"'i', 'yard', 'k', 'OPEN', {times}, 1, 2, 0.5, 1, 'd', 'dog1', false"
        old.execute(text(f"INSERT INTO incidents ({columns}, score, detector, dog_id, held) VALUES ({values})"))
    migrate(store.engine)
    with store.write() as session:
        row = session.get_one(Incident, "i")
        assert (row.deviation, row.covariance) == (0.5, None)
        row.covariance = {"xx": 0.2, "xy": 0.0, "yy": 0.1}
    with store.engine.begin() as whole:
        exported = text("SELECT x, deviation_m, xx_m2, xy_m2, yy_m2 FROM ledger_incidents")
        assert whole.execute(exported).one() == (1, 0.5, 0.2, 0.0, 0.1)
    command.downgrade(alembic_config(store.engine), "0031")
    migrate(store.engine)
    with store.read() as session:
        assert (session.get_one(Incident, "i").x, session.get_one(Incident, "i").covariance) == (1, None)


def test_a_reader_of_the_ledgers_views_reads_them_after_an_upgrade_and_nothing_else() -> None:
    """On a PostgreSQL whichever ``--database`` is, with the grant of docs/ledger.md given before the upgrade."""
    views = "ledger_patrols, ledger_visits, ledger_incidents"
    with cluster() as postgresql:
        owner = postgresql.url("granted")
        store = Database(owner)
        command.upgrade(alembic_config(store.engine), "0037")
        with store.engine.begin() as granting:
            granting.execute(text("CREATE ROLE reader LOGIN PASSWORD 'of-the-tests'"))
            granting.execute(text(f"GRANT SELECT ON {views} TO reader"))
        migrate(store.engine)
        store.close()
        with psycopg.connect(owner, user="reader", password="of-the-tests", autocommit=True) as reader:
            for view in views.split(", "):
                assert reader.execute(f"SELECT count(*) FROM {view}").fetchone() == (0,)
            reader.execute("SELECT x, deviation_m, xx_m2, xy_m2, yy_m2 FROM ledger_incidents")
            for refused in (
                *("SELECT * FROM incidents", "SELECT * FROM users", "SELECT described FROM site_versions"),
                *("DELETE FROM ledger_incidents", "UPDATE ledger_incidents SET x = 0", "CREATE TABLE mine (a int)"),
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(refused)


def test_data_age_out_except_what_is_held(tmp_path: Path) -> None:
    store = database(tmp_path)
    with store.write() as session:
        for name, when, held in (("old", OLD, False), ("held", OLD, True), ("new", NOW, False)):
            session.add(_incident(name, when, held))
            session.flush()
            session.add(_sighting(name, when))
            session.add(_evidence(name, when))
            session.flush()
            session.add(EvidenceAnomaly(evidence_id=name, anomaly_id=name))
    with store.write() as session:
        aged = age_out(session, NOW, timedelta(days=30))
    assert (aged.incidents, aged.evidence_ids) == (1, ["old"])
    with store.read() as session:
        assert {i.incident_id for i in session.query(Incident)} == {"held", "new"}
        assert {s.anomaly_id for s in session.query(Sighting)} == {"held", "new"}
        assert {e.evidence_id for e in session.query(Evidence)} == {"held", "new"}


def _incident(name: str, when: datetime, held: bool) -> Incident:
    return Incident(
        incident_id=name,
        site_id="yard",
        kind="k",
        status="OPEN",
        first_seen=when,
        last_seen=when,
        frame_stamp=when,
        received_at=when,
        x=0,
        y=0,
        score=1,
        detector="d",
        dog_id="dog1",
        held=held,
    )


def _sighting(name: str, when: datetime) -> Sighting:
    return Sighting(
        anomaly_id=name, incident_id=name, dog_id="dog1", observed_at=when, received_at=when, x=0, y=0, score=1
    )


def _evidence(name: str, when: datetime) -> Evidence:
    return Evidence(
        evidence_id=name,
        dog_id="dog1",
        manufacturer="x",
        purpose="ANOMALY",
        sha256="0" * 64,
        size_bytes=1,
        media_type="image/jpeg",
        captured_at=when,
        received_at=when,
        anomaly_id=name,
        held=False,
    )


def test_writers_come_one_after_another_and_a_reader_sees_one_moment(tmp_path: Path) -> None:
    store = database(tmp_path)
    with store.write() as session:
        session.add(_incident("first", NOW, False))
    began, seen = threading.Event(), []

    def write_second() -> None:
        began.set()
        with store.write() as session:
            seen.extend(session.scalars(select(Incident.incident_id)))
            session.add(_incident("second", NOW, False))

    writer = threading.Thread(target=write_second)
    with store.read() as reader:
        assert reader.scalar(select(func.count()).select_from(Incident)) == 1
        with store.write() as session:
            session.add(_incident("between", NOW, False))
            session.flush()
            writer.start()
            began.wait()
        writer.join(60)
        assert sorted(seen) == ["between", "first"]
        assert reader.scalar(select(func.count()).select_from(Incident)) == 1
    with store.read() as reader:
        assert reader.scalar(select(func.count()).select_from(Incident)) == 3
