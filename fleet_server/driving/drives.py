"""A drive under way: commands out to the dog, how it stands back to the driver's page."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from fleet_server.core.intake import Arrival
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.driving.hands import Hand
from fleet_server.telemetry.vehicle_id import dog_id
from protocol.manual_driving import DriveCommand, DriveState
from protocol.topics import Address, Topic

Listener = Callable[[DriveState], None]


class Wish(msgspec.Struct, frozen=True):
    """What a driver's page says: m/s and rad/s in the dog's own frame, and the word that it has seen last."""

    vx: float
    vy: float
    omega: float
    word: str = ""


@dataclass
class _Drive:
    sequence: int = 0
    state: DriveState | None = None
    listeners: list[Listener] = field(default_factory=list)
    page: object = None


class Drives:
    """By session. Commands are counted here, so that no page can say one twice. From any thread."""

    def __init__(self, bus: VehiclePublisher) -> None:
        self._bus = bus
        self._drives: dict[str, _Drive] = {}
        self._lock = threading.Lock()

    def begin(self, session_id: str) -> None:
        """A new drive."""
        with self._lock:
            self._drives[session_id] = _Drive()

    def end(self, session_id: str) -> None:
        """A drive is over: nothing more of it is said or told."""
        with self._lock:
            self._drives.pop(session_id, None)

    def state(self, session_id: str) -> DriveState | None:
        """What the dog said last of that drive."""
        drive = self._drives.get(session_id)
        return drive.state if drive is not None else None

    def listen(self, session_id: str, listener: Listener) -> Callable[[], None]:
        """Have ``listener`` told how it stands, in the link's own thread; call what comes back to end that."""
        with self._lock:
            drive = self._drives.setdefault(session_id, _Drive())
            drive.listeners.append(listener)

        def leave() -> None:
            with self._lock:
                if listener in drive.listeners:
                    drive.listeners.remove(listener)

        return leave

    def join(self, session_id: str, page: object) -> None:
        """A page of the driver's: of several the newest alone is heard."""
        with self._lock:
            self._drives.setdefault(session_id, _Drive()).page = page

    def is_newest(self, session_id: str, page: object) -> bool:
        """Whether it is the driver's newest page, and the drive is not over."""
        drive = self._drives.get(session_id)
        return drive is not None and drive.page is page

    def hear(self, arrival: Arrival) -> None:
        """A vehicle's word on its drive; of one that nobody here began nothing is kept."""
        state = arrival.message
        assert isinstance(state, DriveState)
        with self._lock:
            drive = self._drives.get(state.session_id)
            if drive is None:
                return
            drive.state = state
            listeners = list(drive.listeners)
        for listener in listeners:
            listener(state)

    def say(self, hand: Hand, address: Address, wish: Wish, now: datetime) -> bool:
        """Send a command; False where there is no broker, or the drive is over."""
        with self._lock:
            drive = self._drives.get(hand.session_id)
            if drive is None or dog_id(address) != hand.dog_id:
                return False
            drive.sequence += 1
            sequence = drive.sequence
        command = DriveCommand(
            **self._bus.header(address, Topic.DRIVE_COMMAND, now),
            session_id=hand.session_id,
            sequence=sequence,
            word=wish.word,
            vx=wish.vx,
            vy=wish.vy,
            omega=wish.omega,
        )
        return self._bus.publish(address, Topic.DRIVE_COMMAND, command)

    def stop(self, hand: Hand, address: Address, now: datetime) -> bool:
        """Send a zero, with the latest word that was heard here."""
        state = self.state(hand.session_id)
        return self.say(hand, address, Wish(0.0, 0.0, 0.0, state.word if state is not None else ""), now)
