"""A dog as the API shows it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import View
from fleet_server.telemetry.driver import Driver
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.link_quality import LinkQuality
from fleet_server.telemetry.stop_request import StopRequest
from fleet_server.telemetry.unreadable_messages import UnreadableMessage
from fleet_server.telemetry.vehicle_capabilities import EMERGENCY_STOP, features
from protocol.camera_stream import START_STREAM
from protocol.manual_driving import START
from protocol.speech import SPEAK
from protocol.state import ActionStatus, Error, State

MOST_SENTENCES = 3


class PositionView(View):
    """Metres and radians on the map ``mapId``."""

    x: float
    y: float
    theta: float
    map_id: str


class VelocityView(View):
    """Metres and radians a second in the dog's own frame."""

    vx: float | None = None
    vy: float | None = None
    omega: float | None = None


class ErrorReferenceView(View):
    """What an error is about."""

    reference_key: str
    reference_value: str


class ErrorView(View):
    """An error as VDA 5050 has it."""

    error_type: str
    error_level: str
    error_description: str | None = None
    error_hint: str | None = None
    error_references: list[ErrorReferenceView] = []


class MisreadView(View):
    """What of a vehicle's messages was not understood since the server started: how many, and of the first why."""

    count: int
    topic: str
    reason: str
    first_at: datetime
    last_at: datetime


class StopRequestView(View):
    """An emergency stop, or a release from one, that was asked for and is not confirmed."""

    stop: bool
    since: datetime
    by: str


class WatcherView(View):
    """Who watches a dog's camera, since when, and what for."""

    username: str
    since: datetime
    reason: str


class DriverView(View):
    """Who has a dog in hand, and who has asked them for it."""

    username: str
    since: datetime
    asked_by: str | None


class SentenceView(View):
    """A sentence that a dog was asked to speak: RUNNING, FINISHED or FAILED, and in a word what came of it."""

    sentence_id: str
    status: ActionStatus
    result: str


class DogView(View):
    """A dog, or another vehicle. ``notLiveSince`` is when it was last heard, if it is not live; charge in percent.

    ``clockSkewS``: by how many seconds its clock is ahead of the station's (behind: negative), null until measured.

    ``linkQuality``: ``WEAK`` while it is live and was not heard for ``longestSilenceS`` seconds on end within the last
    minute, 3 at least and four times what its factsheet promises between messages; ``LOST``: not live.

    ``halfBlind``: it says that it has no sensor for what is low. ``recharging``: its order waits until it has charged.

    ``steppingAside``: what it does, without an order to walk, about somebody who comes straight at it: it makes room
    (``MAKING_ROOM``), cannot and stands (``UNAVOIDABLE``), goes back to where it stood (``RETURNING``) or did not get
    there (``NOT_RETURNED``); null otherwise.

    ``extensions``: whether it can all that our own dogs can at a checkpoint; ``actions`` what it can there. Both are
    null until its factsheet came. ``version`` is that of the standard which it says of itself.

    ``misread`` is null while all that it says is understood. A vehicle of which nothing was understood yet has the
    connection ``MISREAD``. ``loosely`` is what it writes not to the letter, and was taken nevertheless.

    ``emergencyStop`` is what the dog confirms; ``stopRequest`` what was asked of it and it has not confirmed yet.
    ``remoteStop``: whether it can be stopped from here; null until its factsheet came. ``drivable``: whether it can be
    driven by hand; ``driver`` is who does. One in operatingMode MANUAL without a driver stands, and waits for a person.

    ``cameraStream``: whether its camera can be watched, live; null until its factsheet came. ``watchers`` do so now.

    ``speaks``: whether it can speak a sentence; null until its factsheet came. ``sentences`` are the last that it was
    asked to speak, the newest last.
    """

    dog_id: str
    manufacturer: str
    connection: str
    live: bool
    last_seen: datetime
    not_live_since: datetime | None
    clock_skew_s: float | None = None
    link_quality: LinkQuality
    longest_silence_s: int | None = None
    position: PositionView | None
    velocity: VelocityView | None
    battery_charge: float | None = None
    charging: bool | None = None
    driving: bool | None = None
    paused: bool | None = None
    operating_mode: str | None = None
    emergency_stop: str | None = None
    stop_request: StopRequestView | None = None
    remote_stop: bool | None = None
    drivable: bool | None = None
    driver: DriverView | None = None
    activity: str | None = None
    order_id: str | None = None
    last_node_id: str | None = None
    errors: list[ErrorView] = []
    detector: str | None = None
    half_blind: bool = False
    recharging: bool = False
    stepping_aside: str | None = None
    patrol_id: str | None = None
    extensions: bool | None = None
    actions: list[str] | None = None
    version: str | None = None
    misread: MisreadView | None = None
    loosely: list[str] = []
    camera_stream: bool | None = None
    watchers: list[WatcherView] = []
    speaks: bool | None = None
    sentences: list[SentenceView] = []


def dog_view(vehicle: Vehicle, fleet: Fleet, now: datetime, patrol_id: str | None) -> DogView:
    """The vehicle as the API shows it at ``now``."""
    can, watchers = features(vehicle.factsheet), fleet.watchers(vehicle.dog_id)
    heard = fleet.heard(vehicle, now)
    view = DogView(
        dog_id=vehicle.dog_id,
        manufacturer=vehicle.address.manufacturer,
        connection=vehicle.connection,
        live=fleet.is_live(vehicle, now),
        last_seen=vehicle.last_heard_at,
        not_live_since=fleet.not_live_since(vehicle, now),
        clock_skew_s=fleet.clock_skew(vehicle.dog_id),
        link_quality=heard.quality,
        longest_silence_s=heard.longest_silence_s,
        position=PositionView.model_validate(msgspec.to_builtins(vehicle.position)) if vehicle.position else None,
        velocity=VelocityView.model_validate(msgspec.to_builtins(vehicle.velocity)) if vehicle.velocity else None,
        patrol_id=patrol_id,
        extensions=can.extensions if can.known else None,
        actions=sorted(can.node_actions) if can.known else None,
        version=vehicle.version or None,
        misread=_misread(fleet.misreads.of(vehicle.dog_id)),
        loosely=list(vehicle.loosely),
        stop_request=_stop_request(fleet.stop_request(vehicle.dog_id)),
        remote_stop=can.takes(EMERGENCY_STOP),
        camera_stream=can.takes(START_STREAM),
        watchers=[WatcherView(username=w.username, since=w.since, reason=w.reason) for w in watchers],
        speaks=can.takes(SPEAK),
        drivable=can.takes(START),
        driver=_driver(fleet.driver(vehicle.dog_id)),
    )
    return view.model_copy(update=_from_state(vehicle.state)) if vehicle.state else view


def dogs_shown(session: Session, fleet: Fleet, dog_ids: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """The dogs of these ids, as consoles are told of them."""
    assigned = fleet.assigned(session)
    vehicles = [vehicle for dog_id in sorted(dog_ids) if (vehicle := fleet.show(dog_id))]
    return [dog_view(v, fleet, now, assigned.get(v.dog_id)).model_dump(mode="json") for v in vehicles]


def place_shown(vehicle: Vehicle) -> dict[str, Any]:
    """What of a dog changes as it walks, to be laid over what is known of it: a tenth of what is told of one."""
    position, velocity = vehicle.position, vehicle.velocity
    place = position and {
        "x": round(position.x, 3),
        "y": round(position.y, 3),
        "theta": round(position.theta, 3),
        "mapId": position.map_id,
    }
    return {
        "dogId": vehicle.dog_id,
        "position": place,
        "velocity": velocity and {name: _rounded(getattr(velocity, name)) for name in ("vx", "vy", "omega")},
        "lastSeen": vehicle.last_heard_at.isoformat(),
    }


def _rounded(value: float | msgspec.UnsetType) -> float | None:
    return None if isinstance(value, msgspec.UnsetType) else round(value, 3)


def _stop_request(request: StopRequest | None) -> StopRequestView | None:
    return StopRequestView(stop=request.stop, since=request.since, by=request.by) if request is not None else None


def _driver(driver: Driver | None) -> DriverView | None:
    if driver is None:
        return None
    return DriverView(username=driver.username, since=driver.since, asked_by=driver.asked_by or None)


def _misread(misread: UnreadableMessage | None) -> MisreadView | None:
    if misread is None:
        return None
    return MisreadView(
        count=misread.count,
        topic=misread.topic.rpartition("/")[2],
        reason=misread.reason,
        first_at=misread.first_at,
        last_at=misread.last_at,
    )


def _from_state(state: State) -> dict[str, object]:
    return {
        "battery_charge": state.battery_state.battery_charge,
        "charging": state.battery_state.charging,
        "driving": state.driving,
        "paused": None if state.paused is UNSET else state.paused,
        "operating_mode": str(state.operating_mode),
        "emergency_stop": str(state.safety_state.e_stop),
        "activity": _information(state, "phase"),
        "detector": _information(state, "detector"),
        "half_blind": _information(state, "halfBlind") is not None,
        "recharging": _information(state, "recharging") is not None,
        "stepping_aside": _information(state, "steppingAside"),
        "order_id": state.order_id or None,
        "last_node_id": state.last_node_id or None,
        "errors": [_error(error) for error in state.errors],
        "sentences": _sentences(state),
    }


def _sentences(state: State) -> list[SentenceView]:
    spoken = [each for each in state.action_states if each.action_type == SPEAK][-MOST_SENTENCES:]
    return [
        SentenceView(
            sentence_id=each.action_id,
            status=each.action_status,
            result="" if each.result_description is UNSET else each.result_description,
        )
        for each in spoken
    ]


def _information(state: State, info_type: str) -> str | None:
    for information in state.information or []:
        if information.info_type == info_type and information.info_description is not UNSET:
            return information.info_description
    return None


def _error(error: Error) -> ErrorView:
    return ErrorView.model_validate(msgspec.to_builtins(error))
