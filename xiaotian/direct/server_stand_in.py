"""What a station makes of its dogs, by the server's own rules, without a server: orders, patrols, incidents."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from edge.dog.dog import Outputs
from edge.dog.mission_core import MissionCore
from edge.dog.perception_core import Sighted
from edge.mission.events import Event, InstantActionsCame, OrderCame
from edge.perception.head_masking import encode_jpeg
from fleet_server.core.api_schema import Body
from fleet_server.dispatch.order_building import draw_order
from fleet_server.incidents.grouping import Seen, joins, sameness
from fleet_server.patrols.progress import CANCEL, CheckpointRecord, Progress, follow
from fleet_server.patrols.tables import OPEN, PatrolStatus
from fleet_server.routes.views import DEFAULT_ON_BLOCKED, DEFAULT_ON_LINK_LOSS, DEFAULT_ON_LOW_BATTERY
from fleet_server.telemetry.vehicle_capabilities import features
from protocol.codec import decode, encode, header
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.on_blocked import ON_BLOCKED
from protocol.on_link_loss import ON_LINK_LOSS
from protocol.on_low_battery import ON_LOW_BATTERY
from protocol.order import Action, BlockingType, Order
from protocol.site_folder import SiteFile, StarterRoute
from protocol.state import State
from xiaotian.scenarios.scenario import Patrol

Message = tuple[str, dict[str, Any] | list[dict[str, Any]]]  # as the server's live socket sends it: kind and data
PICTURE = "incident-{number}.jpg"


class _Walking:
    """A patrol under way."""

    def __init__(self, patrol_id: str, order: Order, checkpoints: list[CheckpointRecord]) -> None:
        self.patrol_id, self.order_id = patrol_id, order.order_id
        self.progress = Progress(status=PatrolStatus.SENT, checkpoints=checkpoints)
        self.cancel_action_id: str | None = None


class Station:
    """Hears each dog's state and anomalies as they are told; ``record`` is what a console would be told of them."""

    def __init__(self, site: SiteFile, map_id: str, folder: Path, new_id: Callable[[], str]) -> None:
        self.pictures: dict[str, Path] = {}
        self._site, self._map_id, self._folder, self._new_id = site, map_id, folder, new_id
        self._states: dict[str, State] = {}
        self._patrols: dict[str, _Walking] = {}
        self._incidents: dict[str, tuple[str, str, list[Seen]]] = {}  # by id: kind, zone, sightings

    def assign(self, dog: str, mind: MissionCore, patrol: Patrol, now: float) -> tuple[list[Event], list[Message]]:
        """The order for a patrol, as the server draws it; or its refusal."""
        state = self._states[dog]
        assert state.agv_position is not UNSET
        stops, rules = self._route(patrol)
        can = features(mind.factsheet(now))
        places = {each.checkpoint_id: each for each in self._site.checkpoints}
        order_id, position = self._new_id(), state.agv_position
        drawn = draw_order(stops, places, position, mind.address, order_id, now, self._new_id, can, rules)
        walking = self._patrols[dog] = _Walking(self._new_id(), drawn.order, drawn.checkpoints)
        order = decode(encode(drawn.order), Order)  # as it comes off the wire
        return [OrderCame(order)], [("patrol", _patrol(dog, walking))]

    def cancel(self, dog: str, mind: MissionCore, now: float) -> list[Event]:
        """Call a dog back from its patrol."""
        walking = self._patrols.get(dog)
        if walking is None or walking.progress.status not in OPEN:
            return []
        walking.cancel_action_id = self._new_id()
        action = Action(action_type=CANCEL, action_id=walking.cancel_action_id, blocking_type=BlockingType.NONE)
        return [InstantActionsCame(InstantActions(**header(mind.address, 0, now), actions=[action]))]

    def hear(self, dog: str, out: Outputs, now: float) -> list[Message]:
        """What a dog tells; what a console is told of it."""
        said = self._state(dog, out.told.state, now) if out.told is not None else []
        for sighted in out.sighted:
            said += self._anomaly(dog, sighted)
        return said

    def is_ready(self, dog: str) -> bool:
        """Whether a dog has told where it is and how its battery is, and has nothing to complain of."""
        state = self._states.get(dog)
        return state is not None and not state.errors and _is_placed(state) and state.battery_state.battery_charge > 0

    def _state(self, dog: str, state: State, now: float) -> list[Message]:
        self._states[dog] = state
        said: list[Message] = [("dogs", [_dog(dog, state)])]
        walking = self._patrols.get(dog)
        if walking is None or walking.progress.status not in OPEN:
            return said
        at, before = datetime.fromtimestamp(now, UTC), walking.progress
        walking.progress = follow(before, walking.order_id, walking.cancel_action_id, state, at)
        return said if walking.progress == before else [*said, ("patrol", _patrol(dog, walking))]

    def _anomaly(self, dog: str, sighted: Sighted) -> list[Message]:
        """An incident, or a further sighting of one that is known: that is told no second time."""
        alert = sighted.alert
        kind = str(alert.kind)
        place, at = alert.place, datetime.fromtimestamp(sighted.stamp, UTC)
        state = self._states.get(dog)
        order_id = state.order_id if state is not None and state.order_id else None
        seen = Seen(at, place.x, place.y, dog, order_id, alert.track.track_id, other_than=alert.other_than)
        for of_kind, zone, sightings in self._incidents.values():
            if (of_kind, zone) == (kind, alert.zone_id) and joins(seen, sightings, sameness(kind)):
                sightings.append(seen)
                return []
        self._incidents[sighted.anomaly_id] = (kind, alert.zone_id, [seen])
        picture = self._keep(sighted)
        told = {
            "incidentId": sighted.anomaly_id,
            "kind": kind,
            "zoneId": alert.zone_id or None,
            "zoneName": self._zone_name(alert.zone_id),
            "dogId": dog,
            "position": {
                "x": place.x,
                "y": place.y,
                "deviation": place.deviation,
                "covariance": {"xx": place.xx, "xy": place.xy, "yy": place.yy},
            },
            "frameStamp": at.isoformat(),
            "score": alert.track.score,
            "detector": "",
            "reason": {"zh": alert.reason.zh, "en": alert.reason.en},
            "pictureUrl": picture,
        }
        return [("incident", told)]

    def _zone_name(self, zone_id: str) -> dict[str, str] | None:
        zone = next((each for each in self._site.zones if each.zone_id == zone_id), None)
        return {"zh": zone.name.zh, "en": zone.name.en} if zone is not None else None

    def _keep(self, sighted: Sighted) -> str | None:
        if sighted.picture is None:
            return None
        file = self._folder / PICTURE.format(number=len(self._incidents))
        file.write_bytes(encode_jpeg(sighted.picture))
        self.pictures[sighted.anomaly_id] = file
        return file.name

    def _route(self, patrol: Patrol) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
        """The stops and the rules of a starter route, or those that the scenario makes of its own."""
        route = next((each for each in self._site.routes if each.route_id == patrol.route), None)
        rules = {
            ON_LINK_LOSS: _rule(route and route.on_link_loss, DEFAULT_ON_LINK_LOSS),
            ON_BLOCKED: _rule(route and route.on_blocked, DEFAULT_ON_BLOCKED),
            ON_LOW_BATTERY: _rule(route and route.on_low_battery, DEFAULT_ON_LOW_BATTERY),
        }
        return (_starter_stops(route) if route is not None else _own_stops(patrol)), rules


def _rule(given: Wire | UnsetType | None, default: Body) -> dict[str, Any]:
    if given is None or given is UNSET:
        return default.model_dump(mode="json", exclude_none=True)
    built: dict[str, Any] = msgspec.to_builtins(given)
    return built


def _starter_stops(route: StarterRoute) -> list[dict[str, Any]]:
    stops: list[dict[str, Any]] = msgspec.to_builtins(route.stops)
    return [{"actions": [], **stop} for stop in stops]


def _own_stops(patrol: Patrol) -> list[dict[str, Any]]:
    stops = []
    for stop in patrol.own_stops():
        said = [{"type": a.type} | ({"seconds": a.seconds} if a.seconds is not None else {}) for a in stop.actions]
        theta = {} if stop.theta is None else {"theta": stop.theta}
        stops.append({"checkpointId": stop.checkpoint, "actions": said, **theta})
    return stops


def _patrol(dog: str, walking: _Walking) -> dict[str, Any]:
    progress = walking.progress
    return {
        "patrolId": walking.patrol_id,
        "dogId": dog,
        "status": str(progress.status),
        "reason": progress.reason,
        "checkpoints": [
            {"checkpointId": c.checkpoint_id, "name": c.name, "status": str(c.status), "reason": c.reason}
            for c in progress.checkpoints
        ],
    }


def _dog(dog: str, state: State) -> dict[str, Any]:
    place = state.agv_position
    known = place is not UNSET and _is_placed(state)
    information = {each.info_type: each.info_description for each in state.information or []}
    return {
        "dogId": dog,
        "live": True,
        "position": {"x": place.x, "y": place.y, "theta": place.theta} if known and place is not UNSET else None,
        "batteryCharge": state.battery_state.battery_charge,
        "detector": information.get("detector") or "",
        "activity": information.get("phase"),
        "errors": [
            {
                "errorType": e.error_type,
                "errorDescription": None if e.error_description is UNSET else e.error_description,
            }
            for e in state.errors
        ],
    }


def _is_placed(state: State) -> bool:
    place = state.agv_position
    return place is not UNSET and place.position_initialized and math.isfinite(place.x)
