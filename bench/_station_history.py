"""A station's past, drawn by a seed: patrols with their paths, visits and reasons, incidents with their answers."""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fleet_server.incidents.near_checkpoint import near_checkpoint
from fleet_server.incidents.tables import Incident, Sighting
from fleet_server.ledger.patrol_account import account_of
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount, PatrolTrack
from fleet_server.ledger.track import Track, encode
from fleet_server.patrols.tables import Patrol
from fleet_server.routes.tables import Route
from fleet_server.schedules.round_outcome import Outcome, outcome_of
from fleet_server.schedules.tables import RoundRow, ScheduleRow
from fleet_server.sites.tables import Site
from fleet_server.store.columns import Table
from protocol.anomaly import AnomalyKind

WALKS = 0.6  # m/s
SECONDS_A_POINT = 3.0
BLOCKED = "the way to it was blocked; tried twice"
PEOPLE = ("王伟", "li.na", "officer7")
ENDS = ("COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "CANCELED")
ROWS = 500
SCHEDULES = 3


@dataclass(frozen=True)
class Past:
    """How much happened until when, over how long; ``scheduled``: each patrol was a round that a schedule asked for."""

    site_id: str
    until: datetime
    lasted: timedelta
    patrols: int
    incidents: int
    dogs: int = 6
    seed: int = 1
    scheduled: bool = False


def write_past(session: Session, past: Past) -> None:
    """Put the past into the database of a station that has the site."""
    rng = random.Random(past.seed)
    site = session.get_one(Site, past.site_id)
    patrols: list[Patrol] = []
    accounts, visits, tracks = [], [], []
    for number in range(past.patrols):
        patrol, track = _patrol(rng, site, past, number)
        account, seen = account_of(patrol, track, past.until)
        patrols.append(patrol)
        accounts.append(account)
        visits += seen
        tracks.append(PatrolTrack(patrol_id=patrol.patrol_id, points=encode(track)))
    incidents, sightings = _incidents(rng, past, patrols, site)
    rounds: list[RoundRow] = []
    if past.scheduled:
        route_id = session.scalars(select(Route.route_id).where(Route.site_id == past.site_id)).first()
        assert route_id is not None, "a past with rounds needs a route of the site"
        _insert(session, ScheduleRow, _schedules(past, route_id))
        rounds = _rounds(rng, patrols, route_id)
    for table, rows in (
        (Patrol, patrols),
        (PatrolAccount, accounts),
        (CheckpointVisit, visits),
        (PatrolTrack, tracks),
        (Incident, incidents),
        (Sighting, sightings),
        (RoundRow, rounds),
    ):
        _insert(session, table, rows)


def visits_of(session: Session, site_id: str) -> dict[str, list[datetime]]:
    """When each checkpoint was reached, read from the patrols' own records."""
    found: dict[str, list[datetime]] = {}
    for records in session.scalars(select(Patrol.checkpoints).where(Patrol.site_id == site_id)):
        for record in records:
            if record["reachedAt"] is not None:
                found.setdefault(record["checkpointId"], []).append(datetime.fromisoformat(record["reachedAt"]))
    return found


def _patrol(rng: random.Random, site: Site, past: Past, number: int) -> tuple[Patrol, Track]:
    created = past.until - past.lasted * (1 - number / past.patrols)
    places = rng.sample(site.checkpoints, k=min(len(site.checkpoints), rng.randrange(3, 9)))
    start = site.docks[0]["pose"] if site.docks else places[0]["pose"]
    status = rng.choice(ENDS)
    reaches = len(places) if status == "COMPLETED" else rng.randrange(len(places))
    track, records, seconds = Track(), [], 2.0
    here, charge = (start["x"], start["y"]), rng.uniform(60, 100)
    slow = rng.choice((1.0, 1.0, 1.0, 30.0))  # now and then somebody stands in the way
    track.add(seconds, *here, charge)
    for n, place in enumerate(places):
        there = (place["pose"]["x"], place["pose"]["y"])
        record: dict[str, Any] = {
            "checkpointId": place["checkpointId"],
            "name": place["name"],
            "nodeId": place["checkpointId"],
            "sequenceId": 2 * n + 2,
            "actionIds": [],
            "status": "PENDING",
            "reachedAt": None,
            "reason": None,
        }
        records.append(record)
        if n >= reaches:
            continue
        if rng.random() < 0.05:
            record |= {"status": "SKIPPED", "reason": BLOCKED}
            continue
        way = math.dist(here, there)
        for step in range(1, int(way / (WALKS * SECONDS_A_POINT)) + 1):
            part = step * WALKS * SECONDS_A_POINT / way
            at = (here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1]))
            track.add(seconds + step * SECONDS_A_POINT * slow, *at, charge - 0.01 * step)
        seconds += way / WALKS * slow + 15
        charge -= 0.01 * way
        here = there
        track.add(seconds, *here, charge)
        record["status"] = "FAILED" if rng.random() < 0.02 else "DONE"
        record["reachedAt"] = (created + timedelta(seconds=seconds)).isoformat()
    nodes = [_node("start", 0, start)] + [_node(p["checkpointId"], 2 * n + 2, p["pose"]) for n, p in enumerate(places)]
    patrol = Patrol(
        patrol_id=_id(rng),
        route_id=f"route_{number % 5}",
        route_name={"zh": f"{number % 5} 号线", "en": f"Round {number % 5}"},
        site_id=past.site_id,
        dog_id=f"dog{number % past.dogs + 1}",
        manufacturer="xiaotian",
        order_id=_id(rng),
        order={"nodes": nodes, "edges": []},
        status=status,
        created_at=created,
        started_at=created + timedelta(seconds=1),
        ended_at=created + timedelta(seconds=seconds + 5),
        assigned_by=rng.choice(PEOPLE),
        checkpoints=records,
        reason=BLOCKED if status == "FAILED" else None,
        cancel_action_id=None,
        canceled_by=rng.choice(PEOPLE) if status == "CANCELED" else None,
    )
    return patrol, track


def _node(name: str, number: int, pose: dict[str, float]) -> dict[str, Any]:
    place = {"x": pose["x"], "y": pose["y"], "mapId": "map"}
    return {"nodeId": name, "sequenceId": number, "released": True, "actions": [], "nodePosition": place}


def _schedules(past: Past, route_id: str) -> list[ScheduleRow]:
    """The first is a promise: every place at least every 40 minutes of the night."""
    begun = past.until - past.lasted
    found = []
    for number in range(SCHEDULES):
        row = ScheduleRow(
            schedule_id=f"schedule_{number}", route_id=route_id, name={"zh": "轮", "en": f"Rota {number}"}
        )
        row.rule, row.start, row.but_not = "FREQ=DAILY", f"{begun:%Y-%m-%d}T22:00:00", []
        row.promise_every_s, row.promise_ends = (2400, "06:00") if number == 0 else (None, None)
        row.missed, row.late_s, row.dogs, row.enabled = "skip", 120, [], True
        row.looked_until, row.created_at, row.updated_at = past.until, begun, begun
        found.append(row)
    return found


def _rounds(rng: random.Random, patrols: list[Patrol], route_id: str) -> list[RoundRow]:
    found = []
    for number, patrol in enumerate(patrols):
        which = f"schedule_{number % SCHEDULES}"
        missed_for = rng.choice(("no dog was free", "all were charging")) if rng.random() < 0.1 else None
        due = patrol.created_at - timedelta(seconds=rng.choice((1, 60, 119, 121, 600)), microseconds=number % 1000)
        outcome = outcome_of("MISSED" if missed_for else "BEGUN", due, patrol.created_at, patrol.status)
        found.append(
            RoundRow(
                schedule_id=which,
                due_at=due,
                schedule_name={"zh": "轮", "en": f"Rota {number % SCHEDULES}, as it was on {due:%d}"},
                route_id=route_id,
                until=due + timedelta(minutes=30),
                status="MISSED" if missed_for else "BEGUN",
                reason=missed_for,
                patrol_id=None if missed_for else patrol.patrol_id,
                site_id=patrol.site_id,
                outcome=outcome,
                why=missed_for or (patrol.reason if outcome is Outcome.UNFINISHED else None),
                changed_at=patrol.created_at,
            )
        )
    return found


def _incidents(
    rng: random.Random, past: Past, patrols: list[Patrol], site: Site
) -> tuple[list[Incident], list[Sighting]]:
    incidents, sightings = [], []
    kinds = [str(kind) for kind in AnomalyKind]
    for number in range(past.incidents):
        at = past.until - past.lasted * (1 - number / past.incidents)
        patrol = patrols[min(len(patrols) - 1, number * len(patrols) // past.incidents)] if patrols else None
        status = rng.choice(("OPEN", "ACKNOWLEDGED", "RESOLVED", "FALSE_ALARM", "RESOLVED", "RESOLVED"))
        seen_at = None if status == "OPEN" else at + timedelta(seconds=round(rng.expovariate(1 / 90), 3))
        person = rng.choice(PEOPLE)
        x, y = rng.uniform(0, 20), rng.uniform(0, 10)
        incident = Incident(
            incident_id=_id(rng),
            site_id=past.site_id,
            kind=rng.choice(kinds),
            zone_id=None,
            zone_name=None,
            status=status,
            first_seen=at,
            last_seen=at,
            frame_stamp=at,
            received_at=at,
            clock_skew_s=0.0,
            x=x,
            y=y,
            checkpoint_id=near_checkpoint(site.checkpoints, x, y),
            deviation=0.3,
            score=0.8,
            detector="seeded",
            reason=None,
            weights_sha256=None,
            dog_id=f"dog{number % past.dogs + 1}",
            patrol_id=patrol.patrol_id if patrol else None,
            held=False,
            acknowledged_by=person if seen_at else None,
            acknowledged_at=seen_at,
            acknowledged_after_s=(seen_at - at).total_seconds() if seen_at else None,
            note=f"{person} 已到场" if seen_at else None,
            answered_by=person if status in ("RESOLVED", "FALSE_ALARM") else None,
            answered_at=seen_at if status in ("RESOLVED", "FALSE_ALARM") else None,
            answer=f"{person}: 已核实" if status in ("RESOLVED", "FALSE_ALARM") else None,
            assigned_to=None,
            escalated_at=None,
        )
        incidents.append(incident)
        sightings.append(
            Sighting(
                anomaly_id=_id(rng),
                incident_id=incident.incident_id,
                dog_id=incident.dog_id,
                observed_at=at,
                received_at=at,
                clock_skew_s=0.0,
                x=incident.x,
                y=incident.y,
                score=0.8,
                track_id=None,
                order_id=None,
            )
        )
    return incidents, sightings


def _insert(session: Session, table: type[Table], rows: list[Any]) -> None:
    names = [column.key for column in table.__table__.columns]
    for start in range(0, len(rows), ROWS):
        session.connection().execute(
            insert(table), [{name: getattr(row, name) for name in names} for row in rows[start : start + ROWS]]
        )


def _id(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
