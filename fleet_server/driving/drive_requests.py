"""What a dog is told when a drive begins and ends."""

from fleet_server.core.clock import utc_now
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.driving.drives import Drives
from fleet_server.driving.hands import Hand
from fleet_server.telemetry.fleet_state import Fleet
from protocol.manual_driving import SESSION, START, STOP


class DriveRequests:
    """A request that another one overtakes is said no more: heard late, it would begin or end what it was not for."""

    def __init__(self, sender: OrderSender, drives: Drives, fleet: Fleet) -> None:
        self._sender, self._drives, self._fleet = sender, drives, fleet
        self._releases: dict[str, str] = {}  # the latest stopManualDriving by dogId

    def begin(self, hand: Hand, before: Hand | None) -> str:
        """A person takes the dog, out of another's hand perhaps; the id of the instant action."""
        self._close(before)
        self._sender.withdraw(self._releases.pop(hand.dog_id, ""))
        self._drives.begin(hand.session_id)
        return self._sender.ask(hand.dog_id, START, utc_now(), parameters={SESSION: hand.session_id})

    def end(self, hand: Hand) -> None:
        """The hand is given back."""
        self._close(hand)
        self.release(hand.dog_id)

    def release(self, dog_id: str) -> None:
        """Let the dog go on with what it was doing."""
        self._releases[dog_id] = self._sender.ask(dog_id, STOP, utc_now())

    def _close(self, hand: Hand | None) -> None:
        vehicle = self._fleet.get(hand.dog_id) if hand is not None else None
        if hand is not None:
            self._sender.withdraw(hand.action_id)
            if vehicle is not None:
                self._drives.stop(hand, vehicle.address, utc_now())
            self._drives.end(hand.session_id)
