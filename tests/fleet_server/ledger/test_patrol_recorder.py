"""A dog walks by simulated time, the recorder looks once a second, and the server is killed on the way."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from fleet_server.core.change_events import ChangeEvents
from fleet_server.ledger.patrol_recorder import PatrolRecorder
from fleet_server.ledger.round_compliance import rounds_in
from fleet_server.ledger.span import Span
from fleet_server.ledger.tables import PatrolAccount, PatrolTrack
from fleet_server.ledger.track import decode
from fleet_server.patrols.tables import Patrol, PatrolStatus
from fleet_server.schedules.tables import RoundRow
from fleet_server.sites.tables import Site
from fleet_server.store.database import Database
from fleet_server.telemetry.fleet_state import Fleet
from protocol.connection import Connection
from protocol.state import State
from protocol.topics import Address
from tests.fleet_server.test_store import database

BEGAN = datetime(2026, 3, 1, 22, tzinfo=UTC)
DOG = Address("xiaotian", "dog1", "xiaotian")
HEADER = {"headerId": 0, "version": "2.1.0", "manufacturer": "xiaotian", "serialNumber": "dog1"}


def state(at: datetime, x: float, map_id: str = "yard") -> State:
    told = HEADER | {
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "orderId": "o", "orderUpdateId": 0, "lastNodeId": "", "lastNodeSequenceId": 0, "driving": True,
        "nodeStates": [], "edgeStates": [], "actionStates": [], "errors": [], "operatingMode": "AUTOMATIC",
        "agvPosition": {"x": x, "y": 0.0, "theta": 0.0, "mapId": map_id, "positionInitialized": True},
        "batteryState": {"batteryCharge": 90.0 - x / 10, "charging": False},
        "safetyState": {"eStop": "NONE", "fieldViolation": False},
    }  # fmt: skip
    return msgspec.convert(told, State)


def online(fleet: Fleet, at: datetime) -> None:
    told = HEADER | {"timestamp": at.isoformat().replace("+00:00", "Z"), "connectionState": "ONLINE"}
    fleet.link_up = True
    fleet.hear(DOG, msgspec.convert(told, Connection), at)


@pytest.fixture
def store(tmp_path: Path) -> Database:
    made = database(tmp_path)
    with made.write() as session:
        session.add(
            Site(
                site_id="yard",
                version=1,
                source_hash="h",
                updated_at=BEGAN,
                name={"zh": "院", "en": "Yard"},
                timezone="UTC",
                origin={},
                map_id="yard",
                map_resolution=0.1,
                map_origin={},
                map_png=b"",
                map_width=1,
                map_height=1,
                zones=[],
                checkpoints=[],
                docks=[],
                sentences=[],
            )
        )
        session.add(
            Patrol(
                patrol_id="p",
                route_id="r",
                route_name={"zh": "线", "en": "Line"},
                site_id="yard",
                dog_id="dog1",
                manufacturer="xiaotian",
                order_id="o",
                order={"nodes": []},
                status=PatrolStatus.ACTIVE,
                created_at=BEGAN,
                started_at=BEGAN,
                assigned_by="admin",
                checkpoints=[],
            )
        )
    return made


def new_recorder(store: Database, at: datetime) -> tuple[PatrolRecorder, Fleet]:
    fleet = Fleet(timedelta(seconds=35), "xiaotian")
    online(fleet, at)
    return PatrolRecorder(store, fleet), fleet


def walk(store: Database, recorder: PatrolRecorder, fleet: Fleet, seconds: range, map_id: str = "yard") -> None:
    """At half a metre a second along x."""
    for second in seconds:
        now = BEGAN + timedelta(seconds=second)
        fleet.hear(DOG, state(now, second / 2, map_id), now)
        with store.write() as session:
            recorder.update(session, now, ChangeEvents())


def kept(store: Database) -> tuple[list[list[float]], PatrolAccount]:
    with store.read() as session:
        track = session.get(PatrolTrack, "p")
        points = decode(track.points).tolist() if track is not None else []
        return points, session.scalars(select(PatrolAccount)).one()


def end(
    store: Database, recorder: PatrolRecorder, second: int, status: str = PatrolStatus.COMPLETED, why: str | None = None
) -> None:
    now = BEGAN + timedelta(seconds=second)
    with store.write() as session:
        patrol = session.get_one(Patrol, "p")
        patrol.status, patrol.ended_at, patrol.reason = status, now, why
    with store.write() as session:
        recorder.update(session, now, ChangeEvents())


def test_the_way_of_a_patrol_is_kept_with_metres_battery_and_minutes(store: Database) -> None:
    recorder, fleet = new_recorder(store, BEGAN)
    walk(store, recorder, fleet, range(1, 301))
    end(store, recorder, 301)
    points, account = kept(store)
    assert len(points) == 150
    assert account.walked_m == pytest.approx(149, abs=1)
    assert account.charge_used_pct == pytest.approx(14.9, abs=0.2)
    assert (account.seconds, account.status) == (301, "COMPLETED")


@pytest.mark.parametrize(
    ("status", "outcome", "why"),
    [("COMPLETED", "LATE", None), *((each, "UNFINISHED", "it fell") for each in ("FAILED", "CANCELED", "REJECTED"))],
)
def test_a_round_says_that_its_patrol_ended_badly_also_when_that_has_aged_out(
    store: Database, status: str, outcome: str, why: str | None
) -> None:
    with store.write() as session:
        for name, patrol_id in (("s", "p"), ("another", "q")):
            row = RoundRow(schedule_id=name, due_at=BEGAN, schedule_name={}, route_id="r", until=BEGAN, status="BEGUN")
            row.site_id, row.patrol_id, row.outcome, row.changed_at = "yard", patrol_id, "LATE", BEGAN
            session.add(row)
    recorder, fleet = new_recorder(store, BEGAN)
    walk(store, recorder, fleet, range(1, 5))
    end(store, recorder, 6, status, "it fell")
    with store.write() as session:
        session.delete(session.get_one(Patrol, "p"))
    with store.read() as session:
        told = [(row.outcome, row.why) for row in rounds_in(session, Span("yard", BEGAN, BEGAN + timedelta(seconds=1)))]
    assert told == [("LATE", None), (outcome, why)]


def test_the_way_of_a_call_is_no_patrol(store: Database) -> None:
    with store.write() as session:
        session.get_one(Patrol, "p").call_id = "c"
    recorder, fleet = new_recorder(store, BEGAN)
    walk(store, recorder, fleet, range(1, 60))
    end(store, recorder, 61)
    recorder.save(BEGAN + timedelta(seconds=62))
    with store.read() as session:
        assert session.scalars(select(PatrolAccount)).all() == []


def test_a_server_that_is_killed_loses_half_a_minute_of_the_way_at_most(store: Database) -> None:
    recorder, fleet = new_recorder(store, BEGAN)
    walk(store, recorder, fleet, range(1, 100))
    assert kept(store)[0][-1][0] >= 99 - 31
    recorder, fleet = new_recorder(store, BEGAN + timedelta(seconds=100))  # the next one goes on with the same path
    walk(store, recorder, fleet, range(100, 200))
    recorder.save(BEGAN + timedelta(seconds=200))
    points, account = kept(store)
    times = [point[0] for point in points]
    assert times == sorted(times)
    assert max(b - a for a, b in itertools.pairwise(times)) <= 32
    assert account.walked_m == pytest.approx(99, abs=1)


def test_what_is_not_heard_or_on_another_map_is_not_kept(store: Database) -> None:
    recorder, fleet = new_recorder(store, BEGAN)
    walk(store, recorder, fleet, range(1, 20), map_id="elsewhere")
    fleet.link_up = False
    walk(store, recorder, fleet, range(20, 40))
    recorder.save(BEGAN + timedelta(seconds=40))
    points, account = kept(store)
    assert (points, account.walked_m) == ([], None)
