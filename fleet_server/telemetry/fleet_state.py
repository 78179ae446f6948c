"""What each vehicle said last, in memory; and the rule by which it is live."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from fleet_server.telemetry.clock_skew import ClockSkew
from fleet_server.telemetry.driver import Driver
from fleet_server.telemetry.link_quality import HEARD_WELL, Heard, LinkQuality, Silences, silence_from
from fleet_server.telemetry.stop_request import StopRequest
from fleet_server.telemetry.tables import Dog
from fleet_server.telemetry.unreadable_messages import UnreadableMessage, UnreadableMessages
from fleet_server.telemetry.vehicle_id import address_of, dog_id
from fleet_server.telemetry.watcher import Watcher
from protocol.connection import Connection, ConnectionState
from protocol.factsheet import Factsheet
from protocol.header import Header, Wire
from protocol.speech import SPEAK
from protocol.state import ActionStatus, AgvPosition, State, Velocity
from protocol.topics import Address
from protocol.visualization import Visualization

log = structlog.get_logger()
T = TypeVar("T")
UNKNOWN = "UNKNOWN"
MISREAD = "MISREAD"  # it speaks, and nothing of it is understood
LONG_AGO = datetime.min.replace(tzinfo=UTC)
SAVE_EVERY = timedelta(seconds=5)
MOST_VEHICLES = 10_000  # twice a city's; each new name that a stranger says is a row in the database
MOST_LOOSE = 50  # kinds of things not to the letter that are remembered of a vehicle
ENDED = (ActionStatus.FINISHED, ActionStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle; all times are the server's. ``heard_at`` is None until it spoke in this server's life."""

    address: Address
    first_heard_at: datetime
    last_heard_at: datetime
    connection: str = UNKNOWN
    heard_at: datetime | None = None
    state: State | None = None
    position: AgvPosition | None = None
    velocity: Velocity | None = None
    factsheet: Factsheet | None = None
    challenge: str = ""
    version: str = ""
    loosely: tuple[str, ...] = ()

    @property
    def dog_id(self) -> str:
        """How the API calls it."""
        return dog_id(self.address)

    @property
    def executing(self) -> bool:
        """Whether it has an order that is not at its end (VDA 5050 2.1.0, 6.6.2, question 3).

        A sentence that is being spoken, up to minutes long, is none of an order's.
        """
        if self.state is None:
            return False
        works = (a for a in self.state.action_states if a.action_type != SPEAK)
        return bool(self.state.node_states) or any(a.action_status not in ENDED for a in works)


class Fleet:
    """All vehicles by dogId. One thread writes; a vehicle is replaced whole, so any thread may read."""

    def __init__(self, live_after: timedelta, prefix: str) -> None:
        self.live_after = live_after
        self.prefix = prefix
        self.link_up = False
        self._vehicles: dict[str, Vehicle] = {}
        self._changed: set[str] = set()
        self._moved: set[str] = set()  # who has told a new place since, and nothing else
        self._unsaved: set[str] = set()
        self._saved_at: dict[str, datetime] = {}
        self._said_heard: dict[str, Heard] = {}
        self._silences: dict[str, Silences] = {}
        self._skews: dict[str, ClockSkew] = {}
        self.misreads = UnreadableMessages()
        self.assigned: Callable[[Session], Mapping[str, str]] = lambda _: {}
        """What each dog is on (an id of a patrol by dogId), as a room above knows it."""
        self.stop_request: Callable[[str], StopRequest | None] = lambda _: None
        """The emergency stop or release that was asked of a dog and is not confirmed, as a room above knows it."""
        self.driver: Callable[[str], Driver | None] = lambda _: None
        """Who has a dog in hand, as a room above knows it."""

        self.watchers: Callable[[str], Sequence[Watcher]] = lambda _: ()
        """Who watches a dog's camera now, as a room above knows it."""

    def load(self, session: Session) -> None:
        """Take up what was known when the server ended."""
        for dog in session.scalars(select(Dog)):
            state = msgspec.convert(dog.state, State) if dog.state else None
            self._vehicles[dog.dog_id] = Vehicle(
                address=address_of(dog.dog_id, dog.manufacturer, self.prefix),
                first_heard_at=dog.first_heard_at,
                last_heard_at=dog.last_heard_at,
                state=state,
                position=_given(state.agv_position) if state else None,
                version=state.version if state else "",
            )

    def save(self, session: Session, now: datetime, all_of_them: bool = False) -> None:
        """Store what has changed, each vehicle every few seconds at most."""
        due = {i for i in self._unsaved if all_of_them or now - self._saved_at.get(i, LONG_AGO) >= SAVE_EVERY}
        if not due:
            return
        known = set(session.scalars(select(Dog.dog_id).where(Dog.dog_id.in_(due))))
        new = [_row(self._vehicles[dog]) for dog in due if dog not in known]
        seen = [_row(self._vehicles[dog]) for dog in due if dog in known]
        connection = session.connection()
        if new:
            connection.execute(insert(Dog), new)
        if seen:
            values: dict[str, Any] = {name: bindparam(f"its_{name}") for name in seen[0] if name != "dog_id"}
            statement = update(Dog).where(Dog.dog_id == bindparam("its_dog_id")).values(values)
            connection.execute(statement, [{f"its_{name}": value for name, value in row.items()} for row in seen])
        self._saved_at.update(dict.fromkeys(due, now))
        self._unsaved -= due

    def get(self, dog: str) -> Vehicle | None:
        """The vehicle of that id."""
        return self._vehicles.get(dog)

    def shown(self) -> list[Vehicle]:
        """All vehicles by id, those of which nothing was understood yet among them."""
        known = {vehicle.dog_id: vehicle for vehicle in self.all()}
        unread = [_unread(misread) for misread in self.misreads.all()]
        return sorted([*known.values(), *(v for v in unread if v.dog_id not in known)], key=lambda v: v.dog_id)

    def show(self, dog: str) -> Vehicle | None:
        """The vehicle of that id, though nothing of it was understood yet."""
        misread = self.misreads.of(dog)
        return self.get(dog) or (_unread(misread) if misread is not None else None)

    def all(self) -> list[Vehicle]:
        """All vehicles of which anything was ever understood, by id."""
        return [vehicle for _, vehicle in sorted(self._vehicles.items())]

    @property
    def full(self) -> bool:
        """Whether another vehicle would be too many."""
        return len(self._vehicles) >= MOST_VEHICLES

    def is_new(self, address: Address) -> bool:
        """Whether nothing was ever heard of ``address``."""
        return dog_id(address) not in self._vehicles

    def challenge_of(self, address: Address) -> str:
        """The word that the vehicle said last for commands to echo; empty where it said none."""
        vehicle = self._vehicles.get(dog_id(address))
        return vehicle.challenge if vehicle is not None else ""

    def version_of(self, address: Address) -> str:
        """Which version of the standard the vehicle says of itself; empty until it has spoken."""
        vehicle = self._vehicles.get(dog_id(address))
        return vehicle.version if vehicle is not None else ""

    def hear(
        self,
        address: Address,
        message: Wire,
        now: datetime,
        retained: bool = False,
        challenge: str = "",
        loosely: Sequence[str] = (),
    ) -> None:
        """Take in a message; a retained one was said some time ago, and does not make its speaker live.

        ``loosely`` is what in it was not to the letter and was taken nevertheless.
        """
        known = self._vehicles.get(dog_id(address))
        vehicle = known or Vehicle(address, first_heard_at=now, last_heard_at=now)
        vehicle = _after(vehicle, message)
        if challenge:
            vehicle = replace(vehicle, challenge=challenge)
        will = isinstance(message, Connection) and message.connection_state is not ConnectionState.ONLINE
        moves = isinstance(message, Visualization) and known is not None
        if isinstance(message, Header) and message.version != vehicle.version:
            vehicle = replace(vehicle, version=message.version)
        fresh = [each for each in loosely if each not in vehicle.loosely]
        if fresh and len(vehicle.loosely) < MOST_LOOSE:
            vehicle = replace(vehicle, loosely=(*vehicle.loosely, *fresh))
            log.info("taken, though not to the letter", dog=vehicle.dog_id, what=fresh)
        if not retained and not will:
            vehicle = replace(vehicle, heard_at=now, last_heard_at=now)
            self._silences.setdefault(vehicle.dog_id, Silences()).hear(now)
            if isinstance(message, Header):
                self._skews.setdefault(vehicle.dog_id, ClockSkew()).hear(message.timestamp, now)
        self._vehicles[vehicle.dog_id] = vehicle
        (self._moved if moves and not fresh else self._changed).add(vehicle.dog_id)
        self._unsaved.add(vehicle.dog_id)

    def clock_skew(self, dog: str) -> float | None:
        """By how many seconds the vehicle's clock is ahead of ours; None while that is not known."""
        skew = self._skews.get(dog)
        return skew.seconds if skew is not None else None

    def part_with(self, address: Address) -> None:
        """It does not belong to us any more: whatever it said last, it is not live."""
        vehicle = self._vehicles.get(dog_id(address))
        if vehicle is not None and vehicle.address == address:
            self._vehicles[vehicle.dog_id] = replace(vehicle, connection=UNKNOWN, heard_at=None)
            self._silences.pop(vehicle.dog_id, None)
            self._changed.add(vehicle.dog_id)

    def touch(self, dog_ids: Iterable[str]) -> None:
        """Have these told anew, though they said nothing."""
        self._changed.update(dog_ids)

    def is_live(self, vehicle: Vehicle, now: datetime) -> bool:
        """ONLINE, heard within ``live_after``, and we ourselves can hear."""
        if not self.link_up or vehicle.connection != ConnectionState.ONLINE or vehicle.heard_at is None:
            return False
        return now - vehicle.heard_at <= self.live_after

    def not_live_since(self, vehicle: Vehicle, now: datetime) -> datetime | None:
        """When a vehicle that is not live was last known to be."""
        return None if self.is_live(vehicle, now) else vehicle.last_heard_at

    def heard(self, vehicle: Vehicle, now: datetime) -> Heard:
        """How well the vehicle is heard."""
        if not self.is_live(vehicle, now):
            return Heard(LinkQuality.LOST)
        silences = self._silences.get(vehicle.dog_id)
        silent = silences.longest(now) if silences is not None else 0.0
        if not silent:
            return HEARD_WELL
        placed = vehicle.state is not None and _given(vehicle.state.agv_position) is not None
        weak = silent >= silence_from(vehicle.factsheet, placed)
        return Heard(LinkQuality.WEAK, round(silent)) if weak else HEARD_WELL

    def take_changed(self, now: datetime) -> set[str]:
        """Whose view has changed since the last call, those who are heard better or worse included."""
        for dog, vehicle in list(self._vehicles.items()):
            heard = self.heard(vehicle, now)
            if self._said_heard.get(dog) != heard:
                self._said_heard[dog] = heard
                self._changed.add(dog)
        changed, self._changed = self._changed, set()
        return changed

    def take_moved(self) -> set[str]:
        """Who has told a new place since the last call, and perhaps nothing else."""
        moved, self._moved = self._moved, set()
        return moved


def _after(vehicle: Vehicle, message: Wire) -> Vehicle:
    if isinstance(message, Connection):
        return replace(vehicle, connection=str(message.connection_state))
    if isinstance(message, State):
        return replace(
            vehicle,
            state=message,
            position=_given(message.agv_position) or vehicle.position,
            velocity=_given(message.velocity) or vehicle.velocity,
        )
    if isinstance(message, Visualization):
        return replace(
            vehicle,
            position=_given(message.agv_position) or vehicle.position,
            velocity=_given(message.velocity) or vehicle.velocity,
        )
    if isinstance(message, Factsheet):
        return replace(vehicle, factsheet=message)
    return vehicle


def _unread(misread: UnreadableMessage) -> Vehicle:
    return Vehicle(misread.address, misread.first_at, misread.last_at, connection=MISREAD)


def _given(value: T | msgspec.UnsetType) -> T | None:
    return None if isinstance(value, msgspec.UnsetType) else value


def _row(vehicle: Vehicle) -> dict[str, Any]:
    """The table's columns; thousands are stored at once, and objects of the session would cost more than the rows."""
    return {
        "dog_id": vehicle.dog_id,
        "manufacturer": vehicle.address.manufacturer,
        "connection": vehicle.connection,
        "first_heard_at": vehicle.first_heard_at,
        "last_heard_at": vehicle.last_heard_at,
        "state": msgspec.to_builtins(vehicle.state) if vehicle.state else None,
    }
