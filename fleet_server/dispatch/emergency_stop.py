"""Emergency stops that people ask for: told until the vehicle shows that it has heard, and open until it is stopped."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from fleet_server.dispatch.order_sender import ASKED_FOR, OrderSender
from fleet_server.dispatch.tables import OpenStop
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.stop_request import StopRequest
from fleet_server.telemetry.vehicle_capabilities import EMERGENCY_STOP, features
from fleet_server.telemetry.vehicle_lookup import not_live
from protocol.state import EStop, State

RELEASE = "releaseEmergencyStop"
# Who comes back into reach hours later is stopped then. To let a dog go on so late would surprise who stands before it.
NEVER = datetime.max.replace(tzinfo=UTC)


class EmergencyStops:
    """What was asked for and is not confirmed, in memory and in the database: a dog keeps what it has confirmed.

    Every process of a station that serves people says all open stops, under the same action id.
    """

    def __init__(self, sender: OrderSender, fleet: Fleet) -> None:
        self._sender = sender
        self._fleet = fleet
        self._open: dict[str, StopRequest] = {}
        self._states_of_before: dict[str, State] = {}
        self._known: dict[str, bool] = {}  # action ids of stops that were open here; True: seen in the database since
        fleet.stop_request = self._open.get

    def load(self, session: Session) -> None:
        """Take up what was open when the server ended. What a dog had said by then is no answer to it."""
        for row in session.scalars(select(OpenStop)):
            self._adopt(row)
        before = ((vehicle.dog_id, vehicle.state) for vehicle in self._fleet.all())
        self._states_of_before = {dog_id: state for dog_id, state in before if state is not None}

    def store(self, session: Session, over: Mapping[str, StopRequest] = MappingProxyType({})) -> None:
        """Have the database hold the stops that are open now, but those that are ``over``; take up and close what
        another process did."""
        held = {row.dog_id: row for row in session.scalars(select(OpenStop))}
        for row in held.values():
            self._reconcile(session, row, over)
        for dog_id, request in list(self._open.items()):
            if (
                not request.stop
                or over.get(dog_id) is request
                or (dog_id in held and held[dog_id].action_id == request.action_id)
            ):
                continue
            if self._known.get(request.action_id, False):  # it was there: another process has closed it
                self._close(dog_id, request)
            else:
                row = OpenStop(dog_id=dog_id, action_id=request.action_id, since=request.since, asked_by=request.by)
                session.merge(row)
        for row in held.values():  # never forgotten: a thread that asks may be between two of its lines
            self._known[row.action_id] = True

    def _reconcile(self, session: Session, row: OpenStop, over: Mapping[str, StopRequest]) -> None:
        request = self._open.get(row.dog_id)
        if request is over.get(row.dog_id):
            request = None
        if request is not None and request.action_id == row.action_id:
            return
        if row.action_id not in self._known:
            self._adopt(row)
        elif request is None or not request.stop:  # confirmed or released here; a newer stop takes its place by itself
            session.delete(row)

    def _adopt(self, row: OpenStop) -> None:
        """A stop that was asked for in another process, or before this one began."""
        before = self._open.get(row.dog_id)
        if before is not None:
            self._sender.withdraw(before.action_id)
        self._open[row.dog_id] = StopRequest(True, row.since, row.asked_by, row.action_id)
        self._known[row.action_id] = True
        self._sender.ask(row.dog_id, EMERGENCY_STOP, row.since, NEVER, row.action_id)
        self._fleet.touch([row.dog_id])

    def _close(self, dog_id: str, request: StopRequest) -> None:
        self._open.pop(dog_id, None)
        self._sender.withdraw(request.action_id)
        self._fleet.touch([dog_id])

    def stop(self, vehicle: Vehicle, by: str, now: datetime) -> None:
        """Have it stopped, however long it takes to reach it; `store` it before that is promised."""
        self._ask(vehicle, True, by, now, NEVER)

    def release(self, vehicle: Vehicle, by: str, now: datetime) -> None:
        """Let it go on, if it hears that soon."""
        self._ask(vehicle, False, by, now, now + ASKED_FOR)

    def update(self, session: Session, now: datetime) -> None:
        """Close what is confirmed, and releases that came too late; here when the database has closed it."""
        over = {dog_id: request for dog_id, request in list(self._open.items()) if self._is_over(dog_id, request, now)}
        self.store(session, over)
        if over:
            event.listen(session, "after_commit", lambda _: self._forget(over), once=True)

    def _is_over(self, dog_id: str, request: StopRequest, now: datetime) -> bool:
        late = not request.stop and now - request.since >= ASKED_FOR
        return late or self._is_confirmed(dog_id, request)

    def _forget(self, over: Mapping[str, StopRequest]) -> None:
        for dog_id, request in over.items():
            if self._open.get(dog_id) is request:  # and was not asked for anew meanwhile
                del self._open[dog_id]
                self._fleet.touch([dog_id])

    def _is_confirmed(self, dog_id: str, request: StopRequest) -> bool:
        vehicle = self._fleet.get(dog_id)
        if vehicle is None or vehicle.state is None or vehicle.state is self._states_of_before.get(dog_id):
            return False
        return is_stopped(vehicle) is request.stop

    def _ask(self, vehicle: Vehicle, stop: bool, by: str, now: datetime, until: datetime) -> None:
        before = self._open.get(vehicle.dog_id)
        if before is not None:
            self._sender.withdraw(before.action_id)
        action_id = self._sender.ask(vehicle.dog_id, EMERGENCY_STOP if stop else RELEASE, now, until)
        if stop:
            self._known[action_id] = False
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
        return not_live(vehicle)
    return stop_refusal(vehicle)
