"""Emergency stops that people ask for: told until the vehicle shows that it has heard, and open until it is stopped."""

from datetime import UTC, datetime

from fleet_server.dispatch.order_sender import ASKED_FOR, OrderSender
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.stop_request import StopRequest
from fleet_server.telemetry.vehicle_capabilities import EMERGENCY_STOP, features
from protocol.state import EStop

RELEASE = "releaseEmergencyStop"
# Who comes back into reach hours later is stopped then. To let a dog go on so late would surprise who stands before it.
NEVER = datetime.max.replace(tzinfo=UTC)


class EmergencyStops:
    """What was asked for and is not confirmed, in memory: what a dog has confirmed, it keeps itself."""

    def __init__(self, sender: OrderSender, fleet: Fleet) -> None:
        self._sender = sender
        self._fleet = fleet
        self._open: dict[str, StopRequest] = {}
        fleet.stop_request = self._open.get

    def stop(self, vehicle: Vehicle, by: str, now: datetime) -> None:
        """Have it stopped, however long it takes to reach it."""
        self._ask(vehicle, True, by, now, NEVER)

    def release(self, vehicle: Vehicle, by: str, now: datetime) -> None:
        """Let it go on, if it hears that soon."""
        self._ask(vehicle, False, by, now, now + ASKED_FOR)

    def update(self, now: datetime) -> None:
        """Close what is confirmed, and releases that came too late."""
        for dog_id, request in list(self._open.items()):
            vehicle = self._fleet.get(dog_id)
            late = not request.stop and now - request.since >= ASKED_FOR
            if vehicle is None or is_stopped(vehicle) is request.stop or late:
                self._open.pop(dog_id, None)
                self._fleet.touch([dog_id])

    def _ask(self, vehicle: Vehicle, stop: bool, by: str, now: datetime, until: datetime) -> None:
        before = self._open.get(vehicle.dog_id)
        if before is not None:
            self._sender.withdraw(before.action_id)
        action_id = self._sender.ask(vehicle.dog_id, EMERGENCY_STOP if stop else RELEASE, now, until)
        self._open[vehicle.dog_id] = StopRequest(stop, now, by, action_id)
        self._fleet.touch([vehicle.dog_id])


def is_stopped(vehicle: Vehicle) -> bool:
    """Whether it says that an emergency stop holds it."""
    return vehicle.state is not None and vehicle.state.safety_state.e_stop is not EStop.NONE


def stop_refusal(vehicle: Vehicle) -> str | None:
    """Why it cannot be stopped from here; None where it can. One that is out of reach is told when it is back."""
    can = features(vehicle.factsheet)
    unable = can.known and EMERGENCY_STOP not in can.instant_actions
    return f"{vehicle.dog_id} cannot do {EMERGENCY_STOP}" if unable else None


def release_refusal(vehicle: Vehicle, asked: StopRequest | None, live: bool) -> str | None:
    """Why it cannot be let go on; None where it can: it is stopped, or was asked to be."""
    withdrawn = asked is not None and asked.stop
    if not (is_stopped(vehicle) or withdrawn):
        return f"{vehicle.dog_id} is not stopped"
    if not (live or withdrawn):
        return f"{vehicle.dog_id} is not live: last heard {vehicle.last_heard_at:%Y-%m-%dT%H:%M:%SZ}"
    return stop_refusal(vehicle)
