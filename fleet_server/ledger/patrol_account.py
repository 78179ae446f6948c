"""A patrol in figures: from its order, its progress and its track."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fleet_server.dispatch.coming_rounds import SPEED, stop_s
from fleet_server.dispatch.dog_eligibility import DETOUR
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount
from fleet_server.ledger.track import Track
from fleet_server.patrols.progress import CheckpointRecord
from fleet_server.patrols.queries import progress_of
from fleet_server.patrols.tables import CheckpointStatus, Patrol
from fleet_server.schedules.missed_rounds import PUNCTUAL

LATE_SHARE = 0.5  # a checkpoint is late by more than two minutes and half of what the way until there was to take


@dataclass(frozen=True)
class PlannedStop:
    """A node of the order: where, how far along the straight ways (m), and how long until there (s, an estimate)."""

    sequence_id: int
    x: float
    y: float
    along_m: float
    after_s: float


def planned_path(order: dict[str, Any]) -> list[PlannedStop]:
    """The order's nodes that have a place, with the same round figures as the calendar of rounds."""
    found: list[PlannedStop] = []
    along, work = 0.0, 0.0
    for node in order["nodes"]:
        place = node.get("nodePosition")
        if place is None:
            continue
        if found:
            along += math.dist((found[-1].x, found[-1].y), (place["x"], place["y"]))
        found.append(PlannedStop(node["sequenceId"], place["x"], place["y"], along, along * DETOUR / SPEED + work))
        work += stop_s(_timed(action) for action in node.get("actions", ()))
    return found


def account_of(patrol: Patrol, track: Track, now: datetime) -> tuple[PatrolAccount, list[CheckpointVisit]]:
    """The patrol's figures as of ``now``, and its visits."""
    planned = planned_path(patrol.order)
    began = patrol.started_at or patrol.created_at
    due = {stop.sequence_id: timedelta(seconds=stop.after_s) for stop in planned} if patrol.started_at else {}
    records = progress_of(patrol).checkpoints
    visits = [_visit(patrol, number, each, began, due) for number, each in enumerate(records)]
    account = PatrolAccount(
        patrol_id=patrol.patrol_id,
        site_id=patrol.site_id,
        route_id=patrol.route_id,
        dog_id=patrol.dog_id,
        status=patrol.status,
        began_at=began,
        ended_at=patrol.ended_at,
        seconds=round(((patrol.ended_at or now) - began).total_seconds()),
        planned_m=planned[-1].along_m if planned else 0.0,
        walked_m=track.walked_m,
        charge_used_pct=track.charge_used_pct,
        checkpoints=len(visits),
        reached=sum(visit.reached_at is not None for visit in visits),
        late=sum(visit.late for visit in visits),
        skipped=sum(visit.status == CheckpointStatus.SKIPPED for visit in visits),
        failed=sum(visit.status == CheckpointStatus.FAILED for visit in visits),
    )
    return account, visits


def _visit(
    patrol: Patrol, number: int, record: CheckpointRecord, began: datetime, due: dict[int, timedelta]
) -> CheckpointVisit:
    after = due.get(record.sequence_id)
    reached = record.reached_at
    late = after is not None and reached is not None and reached - began > after * (1 + LATE_SHARE) + PUNCTUAL
    return CheckpointVisit(
        patrol_id=patrol.patrol_id,
        number=number,
        site_id=patrol.site_id,
        dog_id=patrol.dog_id,
        checkpoint_id=record.checkpoint_id,
        status=record.status,
        planned_at=began + after if after is not None else None,
        reached_at=reached,
        late=late,
        reason=record.reason,
    )


def _timed(action: dict[str, Any]) -> tuple[str, float | None]:
    said = {each["key"]: each["value"] for each in action.get("actionParameters", ())}
    return action["actionType"], said.get("seconds")
