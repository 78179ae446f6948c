"""Orders get as their base what is reserved for them: narrow places are given to one dog at a time, and given back.

A dog waits at the last node of its base: in the open, at a place of its own round, and not in a mouth where it would be
in the way of who comes out. When it is about to get there and what comes next is free, its order is updated.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.dispatch.order_base import base_end, has_horizon, released_to, with_node_after
from fleet_server.dispatch.planned_order import PlannedOrder, next_node, plan, way_out
from fleet_server.dispatch.right_of_way import Claim, Obstacle, decide
from fleet_server.dispatch.tables import Reservation
from fleet_server.patrols.progress import CheckpointRecord
from fleet_server.patrols.queries import progress_of, records, write_back
from fleet_server.patrols.tables import OPEN, CheckpointStatus, Patrol
from fleet_server.sites.narrow_places import NarrowPlaces
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Grounds
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.vehicle_capabilities import features
from protocol.order import Order
from protocol.state import AgvPosition, OperatingMode, State

# A dog that was not heard for so long, and has no order of ours any more, is not believed to walk still: twice what
# orders allow it without its station.
SILENT_FOR = timedelta(minutes=60)
LONG_WAIT = timedelta(minutes=1)  # from then on it is told as the reason why a checkpoint was late
MOST_REASON = 500  # characters
BATTERY_LOW = "batteryLow"  # the error of a dog of ours that goes home to charge, with or without an order


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the base of a patrol's order would grow to, as soon as the claim is granted.

    ``new``: it was never sent. ``arrived``: its dog has no more base ahead.
    """

    patrol: Patrol
    order: Order
    claim: Claim
    end: int
    new: bool
    arrived: bool


@dataclass(frozen=True, slots=True)
class _SitePlaces:
    """The narrow places of a version of a site; ``names``: x, y and the name of what has one there."""

    version: int
    map_id: str
    places: NarrowPlaces
    names: list[tuple[float, float, dict[str, str]]]
    docks: list[tuple[float, float]]


class TrafficControl:
    """Called once a second, before orders are sent. What it remembers it could work out again."""

    def __init__(self, fleet: Fleet, grounds: Grounds) -> None:
        self._fleet, self._grounds = fleet, grounds
        self._sites: dict[str, _SitePlaces] = {}
        self._plans: dict[tuple[str, int], PlannedOrder] = {}

    def load(self, session: Session) -> None:
        """Find the narrow places of all sites: seconds for a large one, in which nothing could be stored later."""
        for site_id, version in session.execute(select(Site.site_id, Site.version)).all():
            self._site(session, site_id, version)

    def update(self, session: Session, now: datetime, changes: ChangeEvents) -> None:
        """Take back what is not needed any more, give what is free, and let orders grow by it."""
        patrols = list(session.scalars(select(Patrol).where(Patrol.status.in_(OPEN)).order_by(Patrol.created_at)))
        held = list(session.scalars(select(Reservation)))
        by_site: dict[str, list[Patrol]] = defaultdict(list)
        for patrol in patrols:
            by_site[patrol.site_id].append(patrol)
        versions = dict(session.execute(select(Site.site_id, Site.version)).all()) if patrols or held else {}
        for site_id in sorted({*by_site, *(each.site_id for each in held)}):
            if site_id not in versions:  # it is gone, and nobody knows of a narrow place there
                for patrol in by_site[site_id]:
                    patrol.base_from = patrol.base_from or 0
                continue
            site = self._site(session, site_id, versions[site_id])
            self._control(session, site_id, site, by_site[site_id], held, now, changes)
        known = {patrol.order_id for patrol in patrols}
        self._plans = {key: each for key, each in self._plans.items() if key[0] in known}

    def _control(
        self,
        session: Session,
        site_id: str,
        site: _SitePlaces,
        patrols: list[Patrol],
        held: Iterable[Reservation],
        now: datetime,
        changes: ChangeEvents,
    ) -> None:
        decided = [patrol for patrol in patrols if patrol.based]
        if not site.places.places and len(decided) == len(patrols) and not held:
            return
        orders = {patrol.order_id: msgspec.convert(patrol.order, Order) for patrol in patrols}
        walking = {patrol.dog_id: patrol for patrol in patrols}
        kept: dict[str, str] = {}
        for row in held:
            if row.site_id != site_id:
                continue
            patrol = walking.get(row.dog_id)
            if self._is_needed(row, site, orders.get(patrol.order_id) if patrol is not None else None, now):
                kept[row.place_id] = row.dog_id
            else:
                session.delete(row)
        session.flush()
        wishes = {p.dog_id: w for p in patrols if (w := self._wish(p, orders, site, now, changes)) is not None}
        standing = self._standing(site, self._homeward(site, walking.keys(), now) if wishes else {})
        granted, waiting = decide([wish.claim for wish in wishes.values()], kept, standing)
        for claim in granted:
            self._grant(session, site_id, wishes[claim.dog_id], kept, now, changes)
        for dog_id, obstacle in waiting.items():
            if wishes[dog_id].arrived:
                _tell_wait(wishes[dog_id].patrol, obstacle, site, now, changes)

    def _is_needed(self, row: Reservation, site: _SitePlaces, order: Order | None, now: datetime) -> bool:
        """Whether the dog, now with that order, may still come through the place, or stands in it."""
        vehicle = self._fleet.get(row.dog_id)
        if vehicle is None or row.place_id not in site.places.places:
            return False
        if _inside(vehicle, site) == row.place_id:
            return True
        if order is None:
            carries = vehicle.state is not None and vehicle.state.order_id == row.order_id and vehicle.executing
            heard = self._fleet.is_live(vehicle, now)
            return carries if heard else now - vehicle.last_heard_at < SILENT_FOR
        ahead = next_node(vehicle.state, order.order_id)
        return row.place_id in self._plan(order, site).needed(
            base_end(order), ahead, _position(vehicle, site), site.places
        )

    def _wish(
        self,
        patrol: Patrol,
        orders: dict[str, Order],
        site: _SitePlaces,
        now: datetime,
        changes: ChangeEvents,
    ) -> _Wish | None:
        """What the patrol's order should grow by now; a new order gets its first base on the way."""
        order, vehicle = orders.get(patrol.order_id), self._fleet.get(patrol.dog_id)
        if order is None or vehicle is None or patrol.cancel_action_id is not None:
            return None
        new = not patrol.based
        if new:
            order = self._lay(patrol, order, vehicle, site)
            changes.note(Patrol, patrol.patrol_id)
        elif not _takes_more(order, vehicle.state):
            return None
        if not has_horizon(order):
            return None
        planned, at = self._plan(order, site), base_end(order)
        end, places = planned.claimed(at, everything=self._is_alone(vehicle, site))
        since = datetime.fromisoformat(patrol.waits_for["since"]) if patrol.waits_for else now
        stands = _inside(vehicle, site)
        claim = Claim(patrol.dog_id, places, since, frozenset({stands} if stands else ()))
        return _Wish(patrol, order, claim, end, new, new or next_node(vehicle.state, order.order_id) > at)

    def _lay(self, patrol: Patrol, order: Order, vehicle: Vehicle, site: _SitePlaces) -> Order:
        """The new order with only that as its base for which nothing has to be given."""
        most = features(vehicle.factsheet).most_nodes
        out = way_out(order, site.places) if site.places.places and (not most or len(order.nodes) < most) else None
        if out is not None:
            index, node = out
            order = with_node_after(order, index, node)
            after = order.nodes[index].sequence_id
            moved = [_later(each, after) for each in progress_of(patrol).checkpoints]
            patrol.checkpoints = records(moved)
        if site.places.places:
            order = released_to(order, self._plan(order, site).free_end(order.nodes[0].sequence_id))
        patrol.base_from, patrol.waits_for = 0, None
        patrol.order = msgspec.to_builtins(order)
        return order

    def _grant(
        self,
        session: Session,
        site_id: str,
        wish: _Wish,
        kept: dict[str, str],
        now: datetime,
        changes: ChangeEvents,
    ) -> None:
        patrol = wish.patrol
        for place in sorted(wish.claim.places - kept.keys()):
            row = Reservation(
                site_id=site_id, place_id=place, dog_id=patrol.dog_id, order_id=patrol.order_id, since=now
            )
            session.add(row)
            kept[place] = patrol.dog_id  # two that stand in one place are both let out of it
        patrol.base_from = 0 if wish.new else base_end(wish.order)
        number = wish.order.order_update_id + (not wish.new)
        order = msgspec.structs.replace(released_to(wish.order, wish.end), order_update_id=number)
        patrol.order = msgspec.to_builtins(order)
        _note_long_wait(patrol, now)
        patrol.waits_for = None
        changes.note(Patrol, patrol.patrol_id)

    def _homeward(self, site: _SitePlaces, walking: Collection[str], now: datetime) -> dict[str, set[str]]:
        """The narrow places ahead of who goes home by itself: on its way to the nearest dock, for where it goes it does
        not say. Nobody is sent into them. A dog that is out of reach is not seen to go."""
        found: dict[str, set[str]] = defaultdict(set)
        for vehicle in self._on_map(site):
            if not self._fleet.is_live(vehicle, now) or not goes_by_itself(vehicle, vehicle.dog_id in walking):
                continue
            position = _position(vehicle, site)
            assert position is not None
            ways = [way for dock in site.docks if (way := site.places.way((position.x, position.y), dock)) is not None]
            for crossing in min(ways, key=lambda way: way.length_m).crossings if ways else ():
                found[crossing.place_id].add(vehicle.dog_id)
        return found

    def _standing(self, site: _SitePlaces, homeward: dict[str, set[str]]) -> dict[str, frozenset[str]]:
        found = defaultdict(set, homeward)
        for vehicle in self._on_map(site):
            place = _inside(vehicle, site)
            if place is not None:
                found[place].add(vehicle.dog_id)
        return {place: frozenset(dogs) for place, dogs in found.items()}

    def _on_map(self, site: _SitePlaces) -> list[Vehicle]:
        return [each for each in self._fleet.all() if _position(each, site) is not None]

    def _is_alone(self, vehicle: Vehicle, site: _SitePlaces) -> bool:
        """Whether no other dog is on the map: then it needs no station to finish its round."""
        return all(each.dog_id == vehicle.dog_id for each in self._on_map(site))

    def _plan(self, order: Order, site: _SitePlaces) -> PlannedOrder:
        key = (order.order_id, site.version)
        planned = self._plans.get(key)
        if planned is None or planned.sequence_ids != tuple(node.sequence_id for node in order.nodes):
            planned = self._plans[key] = plan(order, site.places)
        return planned

    def _site(self, session: Session, site_id: str, version: int) -> _SitePlaces:
        known = self._sites.get(site_id)
        if known is None or known.version != version:
            site = session.get_one(Site, site_id)
            named = [(e["pose"]["x"], e["pose"]["y"], e["name"]) for e in (*site.checkpoints, *site.docks)]
            docks = [(e["pose"]["x"], e["pose"]["y"]) for e in site.docks]
            known = _SitePlaces(version, site.map_id, NarrowPlaces(self._grounds.of(site)), named, docks)
            self._sites[site_id] = known
        return known


def _position(vehicle: Vehicle, site: _SitePlaces) -> AgvPosition | None:
    position = vehicle.position
    return position if position is not None and position.map_id == site.map_id else None


def goes_by_itself(vehicle: Vehicle, has_order: bool) -> bool:
    """Whether it walks and no order leads it: home, for its battery or for want of one, or onto its dock.

    Whom a hand drives goes where that hand wants.
    """
    state = vehicle.state
    if state is None or not state.driving or state.operating_mode is not OperatingMode.AUTOMATIC:
        return False
    return not has_order or any(error.error_type == BATTERY_LOW for error in state.errors)


def _inside(vehicle: Vehicle, site: _SitePlaces) -> str | None:
    position = _position(vehicle, site)
    return site.places.inside(position.x, position.y) if position is not None else None


def _later(record: CheckpointRecord, after: int) -> CheckpointRecord:
    return msgspec.structs.replace(record, sequence_id=record.sequence_id + 2) if record.sequence_id > after else record


def _takes_more(order: Order, state: State | None) -> bool:
    """Whether the vehicle has all that was said, and walks to the last node of its base or stands there (6.10.3)."""
    if state is None or state.order_id != order.order_id or state.order_update_id < order.order_update_id:
        return False
    ahead = next_node(state, order.order_id)
    return sum(node.released and node.sequence_id >= ahead for node in order.nodes) <= 1


def _tell_wait(
    patrol: Patrol, obstacle: Obstacle | None, site: _SitePlaces, now: datetime, changes: ChangeEvents
) -> None:
    """Say of a patrol what it waits for, since when, and who has it."""
    told: dict[str, Any] | None = None
    if obstacle is not None:
        place = site.places.places[obstacle.place_id]
        near = min(site.names, key=lambda each: (each[0] - place.x) ** 2 + (each[1] - place.y) ** 2, default=None)
        since = patrol.waits_for["since"] if patrol.waits_for else now.isoformat()
        told = {
            "x": place.x,
            "y": place.y,
            "near": near[2] if near else None,
            "heldBy": obstacle.dog_id,
            "since": since,
        }
    if told != patrol.waits_for:
        patrol.waits_for = told
        changes.note(Patrol, patrol.patrol_id)


def _note_long_wait(patrol: Patrol, now: datetime) -> None:
    """The next checkpoint has a reason where it will be late."""
    if not patrol.waits_for:
        return
    waited = now - datetime.fromisoformat(patrol.waits_for["since"])
    progress = progress_of(patrol)
    index = next((i for i, c in enumerate(progress.checkpoints) if c.status is CheckpointStatus.PENDING), None)
    if waited < LONG_WAIT or index is None:
        return
    near = patrol.waits_for["near"]
    where = f" near {near['en']}" if near else ""
    why = f"waited {waited.total_seconds():.0f} s for the narrow place{where}, held by {patrol.waits_for['heldBy']}"
    told = [*progress.checkpoints]
    told[index] = msgspec.structs.replace(told[index], reason=why[:MOST_REASON])
    write_back(patrol, msgspec.structs.replace(progress, checkpoints=told))
