"""A call is asked for: whether its place can be reached, and where the dog is to stand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.calls.candidates import on_map
from fleet_server.calls.queries import recall_of
from fleet_server.calls.tables import Call, CallKind, CallStatus
from fleet_server.core.station import Station
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import SNAP_M, Grounds, Place, WalkableGround
from fleet_server.telemetry.fleet_state import Vehicle

FORBIDDEN = "no-go"  # of a hindrance: a place that is forbidden is not taken for the one beside it


class NotNow(ValueError):
    """No dog is sent there now; the text says why."""


class OutOfReach(ValueError):
    """No dog can get there; the text says why. ``nearest`` is the nearest place that one can get to."""

    def __init__(self, why: str, nearest: Place | None) -> None:
        super().__init__(why)
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants looked at: a place (metres, frame ``map``), and the work there as a route stop has it.

    ``nearest``: where it cannot be reached, the nearest place that can will do. ``external_id`` is how a center calls
    it, and makes a second asking harmless.
    """

    x: float
    y: float
    reason: str
    name: dict[str, str] | None = None
    work: Sequence[dict[str, Any]] = ()
    dog_id: str | None = None
    nearest: bool = False
    external_id: str | None = None


def work(photo: bool, dwell_s: float) -> list[dict[str, Any]]:
    """A picture, and a while to watch."""
    actions: list[dict[str, Any]] = [{"type": "takePhoto"}] if photo else []
    return [*actions, {"type": "dwell", "seconds": dwell_s}] if dwell_s > 0 else actions


def ask(session: Session, station: Station, site: Site, wish: Wish, by: str, now: datetime) -> Call:
    """A call, stored with its audit entry; raises OutOfReach or NotNow."""
    recall = recall_of(session, site.site_id)
    if recall is not None:
        raise NotNow(f"all dogs of the site were called home by {recall.begun_by}: release that first")
    to_x, to_y = where_to_stand(station, site, wish)
    away = math.dist((wish.x, wish.y), (to_x, to_y))
    call = Call(
        call_id=str(uuid4()),
        kind=CallKind.LOOK,
        status=CallStatus.ASKED,
        site_id=site.site_id,
        name=wish.name,
        reason=wish.reason,
        x=wish.x,
        y=wish.y,
        to_x=to_x,
        to_y=to_y,
        to_theta=math.atan2(wish.y - to_y, wish.x - to_x) if away > SNAP_M else None,
        work=list(wish.work),
        asked_at=now,
        asked_by=by,
        waiting_since=now,
        chosen_dog=wish.dog_id,
        tried=[],
        external_id=wish.external_id,
    )
    session.add(call)
    place = {"x": round(wish.x, 2), "y": round(wish.y, 2)}
    append(
        session, now, by, "call.asked", call.call_id, site=site.site_id, **place, reason=wish.reason, dog=wish.dog_id
    )
    return call


def where_to_stand(station: Station, site: Site, wish: Wish) -> Place:
    """The place itself, or, where that was asked for, the nearest to it that can be reached; raises OutOfReach."""
    ground, seeds = station[Grounds].of(site), _seeds(station, site, wish.dog_id)
    why = ground.hindrance(wish.x, wish.y, seeds)
    if why is None:
        return wish.x, wish.y
    nearest = _nearest(ground, wish, seeds)
    snapped = nearest is not None and FORBIDDEN not in why and math.dist(nearest, (wish.x, wish.y)) <= SNAP_M
    if nearest is not None and (wish.nearest or snapped):
        return nearest
    raise OutOfReach(f"no dog can get to x {wish.x:.1f}, y {wish.y:.1f}: {why}", nearest)


def _nearest(ground: WalkableGround, wish: Wish, seeds: list[Place]) -> Place | None:
    place = ground.nearest(wish.x, wish.y, seeds) if seeds else None
    return (round(place[0], 2), round(place[1], 2)) if place is not None else None


def _seeds(station: Station, site: Site, dog_id: str | None) -> list[Place]:
    """From where one would walk there: the chosen dog's place, or that of any dog, a dock or a checkpoint."""
    dogs = [_place(each) for each in on_map(station, site) if dog_id in (None, each.dog_id)]
    if dog_id is not None:
        return dogs
    return dogs + [(each["pose"]["x"], each["pose"]["y"]) for each in (*site.docks, *site.checkpoints)]


def _place(vehicle: Vehicle) -> Place:
    assert vehicle.position is not None  # it is on the map
    return vehicle.position.x, vehicle.position.y
