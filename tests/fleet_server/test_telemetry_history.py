"""What is kept of telemetry, how it is told, and when it goes."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace as changed
from sqlalchemy import func, select, text

from fleet_server.backup.database_copy import tables
from fleet_server.core.clock import utc_now
from fleet_server.store.database import POSTGRESQL, Database
from fleet_server.store.migrate import migrate
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry_history.api import span_for
from fleet_server.telemetry_history.recorder import Recorder, insert, store_quarter
from fleet_server.telemetry_history.retention import DAY_S, HistoryRetention, partitions
from fleet_server.telemetry_history.sample import MOST_ERRORS, Sample, down_sampled
from fleet_server.telemetry_history.tables import QUARTER_S, TelemetryMinute, TelemetryQuarter
from protocol.connection import Connection, ConnectionState
from protocol.state import AgvPosition, BatteryState, Error, ErrorLevel
from protocol.topics import Address, Topic
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, database_in, station_of
from tests.postgresql import cluster
from tests.protocol import samples

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
ADDRESS = Address("xiaotian", "dog1")


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp(str(request.param))
    if request.param == "sqlite":
        made = Database(f"sqlite:///{folder / 'test.sqlite3'}")
        migrate(made.engine)
        yield made
        return
    with cluster() as running:
        made = Database(running.url_for(folder))
        migrate(made.engine)
        yield made
        made.close()


def one(**more: object) -> Sample:
    return replace(Sample("dog1", 0), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(20))
def test_down_sampling_loses_no_way_no_time_and_no_error(seed: int) -> None:
    chance = random.Random(seed)
    minutes = [
        one(
            dog_id=dog,
            at=60 * number,
            watched_s=60,
            live_s=chance.randint(0, 60),
            battery=chance.choice([None, chance.uniform(10, 100)]),
            battery_least=chance.choice([None, chance.uniform(0, 10)]),
            map_id="yard",
            x=float(number),
            walked_m=round(chance.uniform(0, 60), 2),
            speed_most=chance.uniform(0, 1),
            errors=chance.choice(["", "blocked", "blocked,lost"]),
        )
        for dog in ("dog1", "dog2")
        for number in sorted(chance.sample(range(200), 80))
    ]
    span = 60 * chance.choice([1, 2, 7, 15, 200])
    spans = down_sampled(minutes, span)
    assert len({(each.dog_id, each.at) for each in spans}) == len(spans)
    assert all(each.at % span == 0 for each in spans)
    for dog in ("dog1", "dog2"):
        before, after = ([s for s in group if s.dog_id == dog] for group in (minutes, spans))
        assert sum(s.live_s for s in after) == sum(s.live_s for s in before)
        assert sum(s.walked_m for s in after) == pytest.approx(sum(s.walked_m for s in before), abs=0.01 * len(after))
        assert max(s.speed_most for s in after) == max(s.speed_most for s in before)
        assert {e for s in after for e in s.errors.split(",")} >= {e for s in before for e in s.errors.split(",") if e}
        assert after[-1].x == before[-1].x
        told = [s.battery for s in before if s.battery is not None]
        assert all(min(told) - 0.01 <= s.battery <= max(told) + 0.01 for s in after if s.battery is not None)
    for each in spans:  # and what is down-sampled twice is down-sampled once
        mine = [s for s in minutes if s.dog_id == each.dog_id and s.at - s.at % span == each.at]
        (again,) = down_sampled(down_sampled(mine, 60), span)
        assert replace(again, battery=each.battery) == each
        assert again.battery == pytest.approx(each.battery, abs=0.02) if each.battery is not None else True


@pytest.mark.parametrize("seed", range(50))
def test_no_more_spans_are_told_than_were_asked_for(seed: int) -> None:
    chance = random.Random(seed)
    seconds, points, step = chance.uniform(1, 4e7), chance.randint(1, 1500), chance.choice([60, 900])
    start = chance.randint(0, 10**9)
    span = span_for(seconds, points, step)
    assert span % step == 0
    touched = int(start + seconds) // span - start // span + 1
    assert touched <= max(points, 2)


def fleet_with_a_dog(charge: float = 80.0) -> Fleet:
    fleet = Fleet(timedelta(seconds=35), "xiaotian")
    fleet.link_up = True
    say(fleet, NOW, charge, 0.0)
    return fleet


def say(fleet: Fleet, now: datetime, charge: float, x: float, errors: tuple[str, ...] = ()) -> None:
    head = samples.ALL[Topic.CONNECTION]
    assert isinstance(head, Connection)
    fleet.hear(ADDRESS, changed(head, connection_state=ConnectionState.ONLINE), now)
    told = [Error(error_type=name, error_level=ErrorLevel.WARNING) for name in errors]
    place = AgvPosition(x=x, y=0.0, theta=0.0, map_id="yard", position_initialized=True)
    battery = BatteryState(battery_charge=charge, charging=False)
    fleet.hear(ADDRESS, changed(samples.STATE, agv_position=place, battery_state=battery, errors=told), now)


def test_a_walk_becomes_a_row_a_minute_and_one_a_quarter(store: Database) -> None:
    fleet, now = fleet_with_a_dog(), NOW
    recorder = Recorder(fleet)
    for second in range(20 * 60):
        now = NOW + timedelta(seconds=second)
        if second < 10 * 60:  # then it is silent, and live for 35 s more
            say(fleet, now, 80.0 - second / 60, 0.5 * second, ("blocked",) if second == 130 else ())
        with store.write() as session:
            recorder.update(session, now)
    with store.read() as session:
        rows = list(session.scalars(select(TelemetryMinute).order_by(TelemetryMinute.at)))
        quarters = list(session.scalars(select(TelemetryQuarter)))
    assert [row.at for row in rows] == [int(NOW.timestamp()) // 60 * 60 + 60 * n for n in range(11)]
    assert sum(row.walked_m for row in rows) == pytest.approx(0.5 * 599, abs=0.1)
    assert rows[3].speed_most == 0.5
    assert [row.at for row in rows if row.errors == "blocked"] == [rows[2].at]
    assert (rows[5].watched_s, rows[5].live_s) == (60, 60)
    assert 30 <= rows[10].live_s < rows[10].watched_s
    assert [(q.at % QUARTER_S, q.live_s) for q in quarters] == [(0, sum(row.live_s for row in rows))]
    assert quarters[0].battery_least == rows[-1].battery_least
    with store.write() as session:
        store_quarter(session, quarters[0].at)  # once more changes nothing


def test_a_quarter_that_ends_while_nobody_records_is_stored_by_who_records_next(tmp_path: Path) -> None:
    store = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    migrate(store.engine)
    fleet = fleet_with_a_dog()
    started_again = NOW + timedelta(minutes=16)
    for recorder, begins, seconds in ((Recorder(fleet), NOW, 10 * 60), (Recorder(fleet), started_again, 2)):
        for second in range(seconds):
            now = begins + timedelta(seconds=second)
            say(fleet, now, 80.0, 0.0)
            with store.write() as session:
                recorder.update(session, now)
    with store.read() as session:
        rows = list(session.scalars(select(TelemetryMinute)))
        (quarter,) = session.scalars(select(TelemetryQuarter))
    assert quarter.at == int(NOW.timestamp()) // QUARTER_S * QUARTER_S
    assert quarter.live_s == sum(row.live_s for row in rows) > 0


def test_a_clock_that_is_set_back_does_not_stop_the_recorder_from_looking(tmp_path: Path) -> None:
    store = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    migrate(store.engine)
    fleet = fleet_with_a_dog()
    recorder = Recorder(fleet)
    for second in (40, *range(60)):
        now = NOW.replace(second=0) + timedelta(seconds=second)
        say(fleet, now, 80.0, 0.0)
        with store.write() as session:
            recorder.update(session, now)
    with store.write() as session:
        recorder.update(session, NOW.replace(second=0) + timedelta(seconds=60))
    with store.read() as session:
        (row,) = session.scalars(select(TelemetryMinute))
    assert row.watched_s == 61


def test_what_is_too_old_goes_and_on_postgresql_as_whole_partitions(store: Database) -> None:
    retention = HistoryRetention(store, timedelta(days=7), timedelta(days=90))
    day = NOW + timedelta(days=400)
    for number in range(120):
        retention.update(day + timedelta(days=number))
        at = int((day + timedelta(days=number)).timestamp()) // 60 * 60
        with store.write() as session:
            insert(
                session, TelemetryMinute.__table__, [one(at=at + 60 * n, errors="e" * MOST_ERRORS) for n in range(3)]
            )
            insert(session, TelemetryQuarter.__table__, [one(at=at // 900 * 900)])
    with store.read() as session:
        for table, kept in ((TelemetryMinute, 7), (TelemetryQuarter, 90)):
            first, rows = session.execute(select(func.min(table.at), func.count()).select_from(table)).one()
            assert first >= (day + timedelta(days=119 - kept)).timestamp() - 60 * 15
            assert rows == (3 * kept + 2 if table is TelemetryMinute else kept)  # the last day's begin on the edge
        if store.engine.dialect.name == POSTGRESQL:
            parts = partitions(session.connection(), "telemetry_minutes")
            assert 8 <= len(parts) <= 7 + 5
            assert session.scalar(text("SELECT count(*) FROM telemetry_minutes_default")) == 0
            assert min(parts.values()) % DAY_S == 0
            assert [t.name for t in tables(session.connection()) if t.name.startswith("telemetry")] == [
                "telemetry_minutes",
                "telemetry_quarters",
            ]


def test_a_dogs_history_is_told_by_range_in_as_many_spans_as_are_asked_for(client: TestClient, dog: Dog) -> None:
    now = utc_now()
    at = int(now.timestamp()) // 60 * 60
    with station_of(client).database.write() as session:
        minutes = [one(at=at - 60 * n, watched_s=60, live_s=30, battery=50.0, battery_least=n) for n in range(1, 700)]
        insert(session, TelemetryMinute.__table__, minutes)
        old = at // 900 * 900 - 86_400 * 20
        insert(session, TelemetryQuarter.__table__, [one(at=old, watched_s=900, live_s=900, errors="blocked,lost")])
    told = client.get(f"{API}/dogs/{dog.name}/history", params={"points": 13}).json()
    assert told["spanS"] == 3600
    assert 12 <= len(told["samples"]) <= 13
    assert told["samples"][5]["live"] == 0.5
    params = {"since": (now - timedelta(days=21)).isoformat(), "until": (now - timedelta(days=19)).isoformat()}
    told = client.get(f"{API}/dogs/{dog.name}/history", params=params).json()
    assert [(each["live"], each["errors"]) for each in told["samples"]] == [(1.0, ["blocked", "lost"])]
    for wrong in (
        {"since": now.isoformat(), "until": now.isoformat()},
        {"points": 0},
        {"until": "0001-01-01T00:00:00Z"},
    ):
        assert client.get(f"{API}/dogs/{dog.name}/history", params=wrong).status_code == 422
    assert client.get(f"{API}/dogs/nobody/history").status_code == 404


def test_a_station_writes_it_by_itself(tmp_path: Path) -> None:
    store, fleet = database_in(tmp_path), fleet_with_a_dog()
    migrate(store.engine)
    recorder = Recorder(fleet)
    for second in (0, 1, 56):
        with store.write() as session:
            recorder.update(session, NOW + timedelta(seconds=second))
    with store.read() as session:
        assert session.scalars(select(TelemetryMinute.dog_id)).all() == ["dog1"]
