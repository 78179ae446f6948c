"""A patrol as the API shows it."""

from datetime import datetime

from fleet_server.core.api_schema import TextView, View
from fleet_server.patrols.queries import progress_of
from fleet_server.patrols.tables import OPEN, CheckpointStatus, Patrol, PatrolStatus
from fleet_server.telemetry.fleet_state import Fleet


class PatrolCheckpointView(View):
    """A checkpoint of the patrol; ``reason`` is why it was SKIPPED, or what its dog waited for on the way."""

    checkpoint_id: str
    name: TextView
    status: CheckpointStatus
    reached_at: datetime | None
    reason: str | None = None


class PlaceWaitView(View):
    """A narrow place for which the dog waits in the open: metres in the frame ``map``, the nearest place of the site
    that has a name, the dog that stands in it or has the right of way, and since when it waits."""

    x: float
    y: float
    near: TextView | None
    held_by: str
    since: datetime


class PatrolView(View):
    """A patrol; ``live`` is whether its dog is. Progress 0 to 1; all times are the server's.

    ``callId``: it is no round but the way of that call. ``interruptedFor``: the call, or the calling home of all dogs,
    for which its dog is taken off it.
    """

    patrol_id: str
    route_id: str
    route_name: TextView
    site_id: str
    dog_id: str
    order_id: str
    status: PatrolStatus
    live: bool
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    assigned_by: str
    canceled_by: str | None
    checkpoints: list[PatrolCheckpointView]
    progress: float
    reason: str | None
    call_id: str | None
    interrupted_for: str | None
    waits_for: PlaceWaitView | None


def patrol_shown(patrol: Patrol, fleet: Fleet, now: datetime) -> PatrolView:
    """The row as the API shows it, with whether its dog is live now."""
    vehicle = fleet.get(patrol.dog_id)
    return patrol_view(patrol, vehicle is not None and fleet.is_live(vehicle, now))


def patrol_view(patrol: Patrol, live: bool) -> PatrolView:
    """The row as the API shows it."""
    progress = progress_of(patrol)
    walking = progress.status in OPEN
    return PatrolView(
        patrol_id=patrol.patrol_id,
        route_id=patrol.route_id,
        route_name=TextView.model_validate(patrol.route_name),
        site_id=patrol.site_id,
        dog_id=patrol.dog_id,
        order_id=patrol.order_id,
        status=progress.status,
        live=live,
        cancel_requested=patrol.cancel_action_id is not None,
        created_at=patrol.created_at,
        started_at=patrol.started_at,
        ended_at=patrol.ended_at,
        assigned_by=patrol.assigned_by,
        canceled_by=patrol.canceled_by,
        checkpoints=[
            PatrolCheckpointView(
                checkpoint_id=c.checkpoint_id,
                name=TextView.model_validate(c.name),
                status=c.status,
                reached_at=c.reached_at,
                reason=c.reason,
            )
            for c in progress.checkpoints
        ],
        progress=round(progress.fraction, 4),
        reason=patrol.reason,
        call_id=patrol.call_id,
        interrupted_for=patrol.interrupted_for,
        waits_for=PlaceWaitView.model_validate(patrol.waits_for) if patrol.waits_for and walking else None,
    )
