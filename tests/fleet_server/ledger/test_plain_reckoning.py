"""What the database adds up, against the same reckoned row by row, on pasts drawn by seeds."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from bench._station_history import Past, write_past
from fleet_server.core.events import Events
from fleet_server.incidents.near_checkpoint import assign_checkpoints
from fleet_server.incidents.scores import scores
from fleet_server.incidents.tables import Incident
from fleet_server.ledger.figures import incident_sums, visits_in
from fleet_server.ledger.round_compliance import compliance, rounds_in
from fleet_server.ledger.shift_report import MOST_LINES, shift_report
from fleet_server.ledger.span import Span, place_of
from fleet_server.ledger.tables import CheckpointVisit
from fleet_server.patrols.tables import Patrol
from fleet_server.routes.starter_routes import add_starter_routes
from fleet_server.schedules.due_rounds import RoundStatus
from fleet_server.schedules.promise import Promise, PromisedRounds, Window
from fleet_server.schedules.round_outcome import Outcome, outcome_of
from fleet_server.schedules.round_record import schedules
from fleet_server.schedules.tables import RoundRow
from fleet_server.sites.site_import import NewSite, import_site
from fleet_server.sites.tables import Site
from fleet_server.store.database import Database
from fleet_server.store.migrate import alembic_config, migrate
from tests.fleet_server.world import database_in, write_site

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
LASTED = timedelta(days=5)


def past(folder: Path, seed: int) -> Database:
    """Five days with rounds and a promise; incidents in zones or not, near a checkpoint or not."""
    chance = random.Random(seed)
    store = database_in(folder)
    migrate(store.engine)
    events = Events()
    events.on(NewSite, add_starter_routes)
    with store.write() as session:
        import_site(session, write_site(folder / "yard"), NOW - LASTED, events)
        write_past(session, Past("yard", NOW, LASTED, 120, 300, dogs=3, seed=seed, scheduled=True))
        for incident in session.scalars(select(Incident)):
            incident.zone_id = chance.choice((None, "armory_yard", "gate"))
            incident.x, incident.y = chance.uniform(-30, 50), chance.uniform(-20, 20)
        for row in session.scalars(select(RoundRow).order_by(RoundRow.due_at, RoundRow.schedule_id)):
            _vary(row, chance)
        session.flush()
        assign_checkpoints(session, session.get_one(Site, "yard"))
    command.downgrade(alembic_config(store.engine), "0043")  # rounds have no outcome there: the way back fills them in
    migrate(store.engine)
    return store


def _vary(row: RoundRow, chance: random.Random) -> None:
    """Rounds as a station has them besides: one waits, one says nothing of why, one's patrol has aged out."""
    what = chance.choice(("", "", "waits", "no reason", "a reason of its own", "patrol gone"))
    if what == "waits":
        row.status, row.patrol_id = RoundStatus.WAITING, chance.choice((None, row.patrol_id))
        row.reason = chance.choice((None, "", "no dog is free"))
    elif what == "no reason":
        row.reason = ""
    elif what == "a reason of its own":
        row.reason = "it was told to wait"
    elif what == "patrol gone" and row.patrol_id is not None:
        row.patrol_id = f"gone {row.patrol_id}"[:36]


def scored(rows: Sequence[Incident]) -> tuple[int, int, int]:
    of = Counter(row.status for row in rows)
    return len(rows), of["RESOLVED"], of["FALSE_ALARM"]


def near(site: Site, incident: Incident) -> str | None:
    away = {
        c["checkpointId"]: math.dist((incident.x, incident.y), (c["pose"]["x"], c["pose"]["y"])) for c in places(site)
    }
    first = min(sorted(away), key=lambda each: away[each])
    return first if away[first] <= 15.0 else None


def places(site: Site) -> list[dict[str, Any]]:
    return site.checkpoints


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_every_incident_by_itself_also_after_a_checkpoint_has_moved(
    tmp_path: Path, seed: int
) -> None:
    store = past(tmp_path, seed)
    with store.write() as session:
        _check_scores(session)
        site = session.get_one(Site, "yard")
        moved = dict(places(site)[0], pose={"x": 17.0, "y": 9.0, "theta": 0.0})
        session.execute(update(Site).values(checkpoints=[moved, *places(site)[1:]]))
        session.expire_all()
        before = scores(session, "yard").checkpoints
        assign_checkpoints(session, session.get_one(Site, "yard"))
        session.expire_all()
        assert scores(session, "yard").checkpoints != before
        _check_scores(session)


def _check_scores(session: Session) -> None:
    site, rows = session.get_one(Site, "yard"), session.scalars(select(Incident)).all()
    told = scores(session, "yard")
    rules = {(each.kind, each.zone_id): (each.incidents, each.resolved, each.false_alarms) for each in told.rules}
    assert rules == {rule: scored([i for i in rows if (i.kind, i.zone_id) == rule]) for rule in rules}
    assert sum(each.incidents for each in told.rules) == len(rows)
    at = {each.checkpoint_id: (each.incidents, each.resolved, each.false_alarms) for each in told.checkpoints}
    assert at == {place: scored([i for i in rows if near(site, i) == place]) for place in at}
    assert sum(each.incidents for each in told.checkpoints) == sum(near(site, i) is not None for i in rows)
    falses = [each.false_alarms for each in told.rules]
    assert falses == sorted(falses, reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_sums_rounds_and_promises_are_those_of_every_row_by_itself(tmp_path: Path, seed: int) -> None:
    store, chance = past(tmp_path, seed), random.Random(seed)
    seen: Counter[str] = Counter()
    with store.read() as session:
        incidents = session.scalars(select(Incident)).all()
        visits = session.execute(select(CheckpointVisit.checkpoint_id, CheckpointVisit.reached_at)).all()
        for _ in range(5):
            since = NOW - timedelta(seconds=chance.uniform(3600, LASTED.total_seconds()))
            span = Span("yard", since, since + timedelta(seconds=chance.uniform(60, 4 * 86_400)))
            inside = [i for i in incidents if span.since <= i.received_at < span.until]
            _check_incidents(session, span, inside)
            plain: dict[str, list[datetime]] = {}
            for place, at in visits:
                if at is not None and span.since <= at < span.until:
                    plain.setdefault(place, []).append(at)
            found = visits_in(session, span)
            assert found.keys() == plain.keys()
            for place, times in found.items():
                seconds = [(at - span.since).total_seconds() for at in sorted(plain[place])]
                assert times.tolist() == pytest.approx(seconds, abs=1e-5)
            seen += _check_rounds(session, span, plain)
    compared = {*Outcome, "promises", "missed for no reason", "patrol gone", "ended badly, and the round says nothing"}
    assert seen.keys() == compared, "what was never compared is not shown to be the same"


@pytest.mark.parametrize("unseen", [0, 40, 150])
def test_what_is_open_is_told_unseen_first_and_then_by_its_age_a_hundred_at_most(tmp_path: Path, unseen: int) -> None:
    store, chance = past(tmp_path, 0), random.Random(unseen)
    with store.write() as session:
        rows = session.scalars(select(Incident).order_by(Incident.incident_id)).all()
        for number, incident in enumerate(rows):
            later = chance.choice(("ACKNOWLEDGED", "DISPATCHED", "RESOLVED"))
            incident.status = "OPEN" if number < unseen else later
    with store.read() as session:
        span = Span("yard", NOW - timedelta(hours=8), NOW)
        told = shift_report(session, span, place_of(session, "yard"), None, "admin", NOW).open_incidents
        still = [i for i in session.scalars(select(Incident)) if i.status != "RESOLVED"]
    still.sort(key=lambda i: (i.status != "OPEN", i.received_at))
    assert told.total == len(still) > MOST_LINES
    assert [(row.status, row.received_at) for row in told.rows] == [(i.status, i.received_at) for i in still[:100]]


def _check_incidents(session: Session, span: Span, inside: list[Incident]) -> None:
    told = incident_sums(session, span)
    assert {each.kind for each in told} == {i.kind for i in inside}
    for each in told:
        mine = [i for i in inside if i.kind == each.kind]
        waits = [(i.acknowledged_at - i.received_at).total_seconds() for i in mine if i.acknowledged_at is not None]
        _, resolved, false = scored(mine)
        open_ = len(mine) - resolved - false
        assert (each.incidents, each.open, each.false_alarms) == (len(mine), open_, false)
        assert each.acknowledged == len(waits)
        assert each.answered_s == (pytest.approx(sum(waits) / len(waits)) if waits else None)
        assert each.slowest_s == (pytest.approx(max(waits)) if waits else None)


def _check_rounds(session: Session, span: Span, visits: dict[str, list[datetime]]) -> Counter[str]:
    """Compare them; how often there was each kind of thing to compare."""
    seen: Counter[str] = Counter()
    rows = _rounds(session, span)
    told = compliance(session, span, visits_in(session, span), NOW)
    assert [each.schedule_id for each in told] == list(dict.fromkeys(row.schedule_id for row in rows))
    promises = {s.schedule_id: s.when.promise for s, _ in schedules(session) if isinstance(s.when, PromisedRounds)}
    for each in told:
        mine = [row for row in rows if row.schedule_id == each.schedule_id]
        ends = [outcome_of(row.status, row.due_at, row.patrol_began, row.patrol_status) for row in mine]
        assert each.outcomes == {outcome: ends.count(outcome) for outcome in Outcome}
        assert each.name == mine[-1].schedule_name
        seen.update(ends)
        for row, end in zip(mine, ends, strict=True):
            seen["missed for no reason"] += end == Outcome.MISSED and row.reason == ""
            seen["patrol gone"] += row.patrol_id is not None and row.patrol_status is None
            seen["ended badly, and the round says nothing"] += end == Outcome.UNFINISHED and row.reason == ""
        whys = Counter(
            row.reason or row.patrol_reason
            for row, end in zip(mine, ends, strict=True)
            if end in (Outcome.MISSED, Outcome.UNFINISHED)
        )
        assert dict(each.reasons) == {why: count for why, count in whys.items() if why}
        assert [count for _, count in each.reasons] == sorted((count for _, count in each.reasons), reverse=True)
        promise, until = promises.get(each.schedule_id), min(span.until, NOW)
        windows = [w for w in promise.windows(span.since, until) if w.start >= span.since] if promise else []
        assert (each.promise is None) == (not windows)
        if each.promise is not None and promise is not None:
            seen["promises"] += 1
            late_s = [late for window in windows for late in _late_s(promise, window, visits, until)]
            whole = sum((min(w.end, until) - w.start).total_seconds() for w in windows) * len(promise.checkpoints)
            assert each.promise.breaches == len(late_s)
            assert each.promise.longest_s == pytest.approx(max(late_s, default=0.0))
            assert each.promise.kept == pytest.approx(1 - sum(late_s) / whole, abs=1e-6)
    given = [(row.due_at, row.outcome, row.why or None) for row in rounds_in(session, span)]
    ends = [outcome_of(row.status, row.due_at, row.patrol_began, row.patrol_status) for row in rows]
    badly = (Outcome.MISSED, Outcome.UNFINISHED)
    whys = [(row.reason or row.patrol_reason if end in badly else None) for row, end in zip(rows, ends, strict=True)]
    assert given == [(row.due_at, end, why or None) for row, end, why in zip(rows, ends, whys, strict=True)]
    return +seen


def _late_s(promise: Promise, window: Window, visits: dict[str, list[datetime]], until: datetime) -> list[float]:
    """By how many seconds each place was seen later than promised, each time that it was."""
    found, end = [], min(window.end, until)
    for checkpoint in promise.checkpoints:
        seen = sorted(at for at in visits.get(checkpoint, ()) if window.start <= at <= end)
        waits = [then - before - promise.every for before, then in pairwise([window.start, *seen, end])]
        found += [wait.total_seconds() for wait in waits if wait > timedelta()]
    return found


def _rounds(session: Session, span: Span) -> list[Row[Any]]:
    """The span's rounds, each with its patrol."""
    patrol = (Patrol.created_at.label("patrol_began"), Patrol.status.label("patrol_status"))
    query = select(*RoundRow.__table__.columns, *patrol, Patrol.reason.label("patrol_reason"))
    query = query.outerjoin(Patrol, Patrol.patrol_id == RoundRow.patrol_id).order_by(
        RoundRow.due_at, RoundRow.schedule_id
    )
    return [row for row in session.execute(query) if span.since <= row.due_at < span.until]
