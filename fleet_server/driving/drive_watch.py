"""How drives end that nobody gave back: the page is silent, the dog has lost its driver, refuses, or took the hand."""

from datetime import datetime, timedelta

from msgspec import UNSET
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER, append
from fleet_server.core.change_events import ChangeEvents
from fleet_server.driving.drives import Drives
from fleet_server.driving.hands import Hand, Hands
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.state import ActionStatus, OperatingMode

LEASE = timedelta(seconds=5)  # as long as a dog waits for its driver
ANSWERS = timedelta(seconds=20)  # by then a dog has confirmed that it is driven, or is not


class DriveWatch:
    """Looks once a second."""

    def __init__(self, hands: Hands, drives: Drives, fleet: Fleet) -> None:
        self._hands, self._drives, self._fleet = hands, drives, fleet

    def update(self, session: Session, now: datetime, _: ChangeEvents) -> None:
        """End what is over, and put it on record."""
        for hand in self._hands.all():
            vehicle = self._fleet.get(hand.dog_id)
            if vehicle is not None and is_manual(vehicle) and not hand.manual and _status(hand, vehicle)[0]:
                self._hands.note(hand, manual=True)
            why = self._over(hand, vehicle, now)
            if why and self._hands.lose(hand):
                self._drives.end(hand.session_id)
                self._fleet.touch([hand.dog_id])
                append(session, now, SERVER, "dog.driving_lost", hand.dog_id, driver=hand.driver, reason=why)

    def _over(self, hand: Hand, vehicle: Vehicle | None, now: datetime) -> str:
        """Why the drive is over; empty: it goes on."""
        if vehicle is None:
            return "the dog is not known any more"
        status, result = _status(hand, vehicle)
        state = self._drives.state(hand.session_id)
        if status == ActionStatus.FAILED:
            return result or "the dog refuses"
        if state is not None and state.lost:
            return "the dog has not heard its driver"
        if now - hand.spoken_at > LEASE:
            return "the driver's page is silent"
        if hand.manual and not is_manual(vehicle):
            return "the dog took the hand back"
        return "the dog does not answer" if not hand.manual and now - hand.since > ANSWERS else ""


def is_manual(vehicle: Vehicle) -> bool:
    """Whether it says that a person has it in hand, or had it last."""
    return vehicle.state is not None and vehicle.state.operating_mode is OperatingMode.MANUAL


def _status(hand: Hand, vehicle: Vehicle) -> tuple[str, str]:
    """What became of the action by which the hand was taken, and why; empty while the dog has not heard it."""
    for action in vehicle.state.action_states if vehicle.state is not None else []:
        if action.action_id == hand.action_id:
            result = action.result_description
            return str(action.action_status), "" if result is UNSET else result
    return "", ""
