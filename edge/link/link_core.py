"""What the dog says to the station and when, and what it hears: the core of the link, without sockets or ROS.

Telemetry is said when it is new and the broker is there, and never queued: where messages wait to leave, less of it is
said. Anomalies and evidence go through the outbox until the station names them in ``received``. Every message is
checked here, and nowhere after.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from edge.link.command_authentication import CommandAuthentication
from edge.link.evidence_upload import Parcel
from edge.link.mqtt_session import Down, Event, Heard, Up
from edge.link.outbox import Outbox
from edge.link.outbox_rows import TOPICS, Sighting, Snapshot, addressed, anomaly_row, evidence_row, sha256_of
from edge.link.site_copy import SiteCopy
from edge.mission.errors import Fault, warning
from protocol.codec import MalformedMessage, encode, encode_for, header, timestamp
from protocol.connection import Connection, ConnectionState
from protocol.evidence import EvidencePurpose
from protocol.factsheet import Factsheet
from protocol.header import Header, Wire
from protocol.instant_actions import InstantActions
from protocol.lenient_decoding import NAMELESS, decode_leniently
from protocol.manual_driving import DriveCommand, DriveState
from protocol.order import Order
from protocol.received import Received
from protocol.signature import CHALLENGE, BadSeal
from protocol.site import Site
from protocol.state import AgvPosition, State, Velocity
from protocol.topics import TABLE, Address, BadTopic, Topic, parse
from protocol.version import VERSION
from protocol.visualization import Visualization

HEARD = (Topic.ORDER, Topic.INSTANT_ACTIONS, Topic.DRIVE_COMMAND, Topic.RECEIVED, Topic.SITE, Topic.CONNECTION)
COMMANDS = (Topic.ORDER, Topic.INSTANT_ACTIONS)
OF_NOW = (*COMMANDS, Topic.DRIVE_COMMAND)
CLEARABLE = (Topic.SITE, Topic.CONNECTION)  # retained, and cleared away by an empty message
STATE_EVERY_S = 5.0  # the standard asks for 30 at most
MISSION_SILENT_S = 30.0  # it speaks once a second, of simulated time where that rules
VISUALIZATION_EVERY_S = 0.5
MOST_ROWS = 100  # of the outbox a step, and as many may wait to leave: telemetry is never behind more than these
CLOCK_STANDS_S = 5.0  # of steady time without a new stamp: a simulated world that was stopped, or a broken clock
POOR = 20  # messages that wait to leave when a step begins: the link does not keep up, and telemetry thins
POOR_STATE_S = 1.0  # between states on a poor link, though they matter
BACKLOG_STATE_S = 1.0  # between states beside rows of the outbox: who was away sees the dog of now before its backlog
DRIVEN_S = 1.0
MOST_DRIVES = 20  # driver's commands that are looked at in a step: two seconds of honest ones
MALFORMED = "malformed"
MOST_MALFORMED = 5  # told to the mission a step; all are counted
MOST_REFUSED = 100  # names under which they are counted; the rest as OTHERS
OTHERS = "others"
_EPOCH = timestamp(0.0)
_STANDS = warning(Fault.CLOCK_STANDS, "the dog's clock stands: its position and what it does are of when it stopped")


@dataclass(frozen=True, slots=True)
class Say:
    """Something to be published now; ``row`` is its id in the outbox, if it came from there.

    ``properties`` are MQTT user properties.
    """

    topic: Topic
    payload: bytes
    row: str = ""
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pass:
    """Something for another node of the dog: JSON under the wire's topic, or `malformed`. ``at``: steady seconds."""

    topic: str
    payload: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """What one update asks for; ``drives`` are for the safety gate alone."""

    say: tuple[Say, ...] = ()
    inbox: tuple[Pass, ...] = ()
    site: str = ""
    drives: tuple[Pass, ...] = ()


class LinkCore:
    """``now`` is steady seconds for what waits; ``stamp`` is UTC seconds for what is said.

    With an ``authority`` nothing is obeyed or believed that the station did not sign; to stop is always allowed.
    """

    def __init__(
        self,
        address: Address,
        outbox: Outbox,
        site_file: Path,
        authority: CommandAuthentication | None = None,
        visualization_s: float = VISUALIZATION_EVERY_S,
        version: str = VERSION,
    ) -> None:
        """``version`` is that of the standard which is spoken: an older one for a master that reads no other."""
        self._version = version
        self._address = address
        self._authority = authority
        self.outbox = outbox
        self.site_copy = SiteCopy(site_file)
        self.connected = False
        self.refused: Counter[str] = Counter()
        self.loosely: Counter[str] = Counter()  # what was heard, not to the letter, and taken nevertheless
        self._counters: Counter[Topic] = Counter()
        self._state: State | None = None
        self._state_came: float | None = None  # steady seconds; None until the next step
        self._said: State | None = None  # what of the state was said last, without what always changes
        self._state_at = self._visualization_at = -1e9
        self._factsheet: Factsheet | None = None
        self._drive: DriveState | None = None  # not said yet
        self._driven_at = -math.inf  # steady seconds: when somebody last drove
        self._stamp: tuple[float, float] | None = None  # the newest, and since when, in steady seconds
        self.clock_stands = False
        self._parcels: dict[str, Parcel] = {}
        self._visualization_s = visualization_s

    @property
    def order_id(self) -> str:
        """The order that the mission is at, or was last."""
        return self._state.order_id if self._state is not None else ""

    @property
    def map_id(self) -> str:
        """The map in use; empty while neither mission nor station has named one."""
        maps = self._state.maps if self._state is not None else UNSET
        return maps[0].map_id if maps else self.site_copy.map_id

    def will(self, stamp: float) -> bytes:
        """What the broker says when the dog is gone without a word."""
        return self._connection(ConnectionState.CONNECTIONBROKEN, stamp)

    def goodbye(self, stamp: float) -> bytes:
        """What the dog says before it goes."""
        return self._connection(ConnectionState.OFFLINE, stamp)

    def take_state(self, state: State) -> None:
        """The newest state of the mission."""
        self._state, self._state_came = state, None

    def take_drive_state(self, state: DriveState, now: float) -> None:
        """How a drive stands: said with the next step, or not at all."""
        self._drive, self._driven_at = state, now

    def is_driven(self, now: float) -> bool:
        """Whether somebody drives the dog: then a step is due more often."""
        return now - self._driven_at < DRIVEN_S

    def take_factsheet(self, factsheet: Factsheet, stamp: float) -> Say:
        """A factsheet, to be said now and again at each connection."""
        self._factsheet = factsheet
        return self._say_factsheet(factsheet, stamp)

    def keep_anomaly(self, seen: Sighting, evidence_id: str, stamp: float) -> None:
        """Keep an anomaly with its picture until the station has both; without room for the picture, the anomaly.

        Raises ValueError for what could never be delivered.
        """
        self.hold_anomaly(seen, evidence_id, stamp)
        self.outbox.settle()

    def hold_anomaly(self, seen: Sighting, evidence_id: str, stamp: float) -> None:
        """As ``keep_anomaly``, but in memory: the outbox's ``settle`` is to follow when it has been said."""
        anomaly_row(self._address, seen, [], stamp)  # before its picture takes room
        rows = []
        if seen.picture:
            shot = Snapshot(
                evidence_id=evidence_id,
                purpose=EvidencePurpose.ANOMALY,
                captured_at=seen.observed_at,
                place=seen.place,
                picture=seen.picture,
                anomaly_id=seen.anomaly_id,
                order_id=seen.order_id,
            )
            row = evidence_row(self._address, shot, stamp)
            if self.outbox.hold_picture(row.id, row.kind, shot.picture):
                rows.append(row)
        self.outbox.hold([anomaly_row(self._address, seen, [row.id for row in rows], stamp), *rows])

    def keep_photo(self, shot: Snapshot, stamp: float) -> None:
        """Keep a checkpoint's photo, a clip, a recording or a sealed original until the station has it, or what matters
        more needs room.

        Raises ValueError for what could never be delivered.
        """
        row = evidence_row(self._address, shot, stamp)
        if row.id not in self.outbox and self.outbox.keep_picture(row.id, row.kind, shot.picture):
            self.outbox.put([row])

    def step(
        self,
        events: Sequence[Event],
        place: tuple[AgvPosition, Velocity] | None,
        now: float,
        stamp: float,
        waiting: int = 0,
    ) -> Step:
        """Take what happened on the wire and say what is due; ``place`` is where the dog is, if it knows.

        ``waiting`` is how many messages have not left yet (QoS 0) or are not acknowledged by the broker (QoS 1).
        """
        self._watch_clock(now, stamp)
        say: list[Say] = []
        inbox: list[Pass] = []
        drives: list[Pass] = []
        site, malformed = "", 0
        for event in self._bearable(events):
            match event:
                case Up():
                    say += self._greet(stamp)
                case Down():
                    self.connected = False
                case Heard():
                    heard = self._hear(event, now, stamp)
                    if isinstance(heard, Say):
                        say.append(heard)
                    elif heard is not None and heard.topic == Topic.DRIVE_COMMAND:
                        drives.append(heard)
                    elif heard is not None and heard.topic == Topic.SITE:
                        site = heard.payload
                    elif heard is not None and (heard.topic != MALFORMED or malformed < MOST_MALFORMED):
                        malformed += heard.topic == MALFORMED
                        inbox.append(heard)
        if self.connected:
            say += self._say_drive(stamp)
            rows = self._due(now, stamp, MOST_ROWS - waiting)
            say += self._telemetry(place if waiting < POOR else None, now, stamp, waiting >= POOR, bool(rows))
            say += rows
        return Step(tuple(say), tuple(inbox), site, tuple(drives))

    def sent(self, said: Say, now: float) -> None:
        """That ``said`` went out."""
        if said.row:
            self.outbox.sent(said.row, now)

    def parcels(self) -> list[Parcel]:
        """The pictures whose bytes the station can be given now."""
        known, self._parcels = self._parcels, {}
        for key in self.outbox.announced():
            parcel = known.get(key) or self._parcel(key)
            if parcel is not None:
                self._parcels[key] = parcel
        return list(self._parcels.values())

    def _parcel(self, key: str) -> Parcel | None:
        row = self.outbox.row(key)
        if row is None:
            return None
        return Parcel(key, self.outbox.pictures.path(key), row.picture_bytes, sha256_of(row))

    # What is said

    def _greet(self, stamp: float) -> list[Say]:
        """ONLINE after every connection, what the dog is, and its state at once; all that waits is due again."""
        self.connected = True
        self.outbox.hurry()
        self._state_at, self._said = -1e9, None
        online = Say(Topic.CONNECTION, self._connection(ConnectionState.ONLINE, stamp))
        return [online] if self._factsheet is None else [online, self._say_factsheet(self._factsheet, stamp)]

    def _telemetry(
        self, place: tuple[AgvPosition, Velocity] | None, now: float, stamp: float, poor: bool, backlog: bool
    ) -> list[Say]:
        say = []
        state_every = BACKLOG_STATE_S if backlog and not poor else STATE_EVERY_S
        state = self._state
        if state is not None and self.clock_stands:
            state, place = replace(state, errors=[*state.errors, _STANDS]), None
        if state is not None and (self._is_fresh(now) or self.clock_stands):
            core, pause = _lasting(state), now - self._state_at
            if (core != self._said and (not poor or pause >= POOR_STATE_S)) or pause >= state_every:
                self._said, self._state_at = core, now
                head = header(self._address, self._count(Topic.STATE), stamp)
                beside = ((CHALLENGE, self._authority.challenge(now)),) if self._authority else ()
                say.append(Say(Topic.STATE, self._encode(Topic.STATE, replace(state, **head)), properties=beside))
        if place is not None and now - self._visualization_at >= self._visualization_s:
            self._visualization_at = now
            head = header(self._address, self._count(Topic.VISUALIZATION), stamp)
            seen = Visualization(**head, agv_position=place[0], velocity=place[1])
            say.append(Say(Topic.VISUALIZATION, self._encode(Topic.VISUALIZATION, seen)))
        return say

    def _say_drive(self, stamp: float) -> list[Say]:
        state, self._drive = self._drive, None
        if state is None:
            return []
        head = header(self._address, self._count(Topic.DRIVE_STATE), stamp)
        return [Say(Topic.DRIVE_STATE, self._encode(Topic.DRIVE_STATE, replace(state, **head)))]

    def _watch_clock(self, now: float, stamp: float) -> None:
        if self._stamp is None or stamp != self._stamp[0]:
            self._stamp = stamp, now
        self.clock_stands = now - self._stamp[1] >= CLOCK_STANDS_S

    def _is_fresh(self, now: float) -> bool:
        """Whether the mission still speaks: a state that nobody stands for is not repeated."""
        if self._state_came is None:
            self._state_came = now
        return now - self._state_came < MISSION_SILENT_S

    def _due(self, now: float, stamp: float, most: int) -> list[Say]:
        say = []
        for row in self.outbox.due(now, max(0, most)):
            topic = TOPICS[row.kind]
            say.append(Say(topic, addressed(row, self._address, self._count(topic), stamp), row.id))
        return say

    def _say_factsheet(self, factsheet: Factsheet, stamp: float) -> Say:
        head = header(self._address, self._count(Topic.FACTSHEET), stamp)
        return Say(Topic.FACTSHEET, self._encode(Topic.FACTSHEET, replace(factsheet, **head)))

    def _connection(self, state: ConnectionState, stamp: float) -> bytes:
        head = header(self._address, self._count(Topic.CONNECTION), stamp)
        return self._encode(Topic.CONNECTION, Connection(**head, connection_state=state))

    def _encode(self, topic: Topic, message: Wire) -> bytes:
        return encode_for(self._version, topic, message)

    def _count(self, topic: Topic) -> int:
        self._counters[topic] += 1
        return self._counters[topic] - 1

    # What is heard

    def _bearable(self, events: Sequence[Event]) -> Sequence[Event]:
        """All but the older of too many driver's commands: of a flood only the newest are looked at."""
        topic = self._address.topic(Topic.DRIVE_COMMAND)
        drives = [event for event in events if isinstance(event, Heard) and event.topic == topic]
        if len(drives) <= MOST_DRIVES:
            return events
        flood = drives[:-MOST_DRIVES]
        self.refused[topic] += len(flood)
        passed_over = set(map(id, flood))
        return [event for event in events if id(event) not in passed_over]

    def _hear(self, heard: Heard, now: float, stamp: float) -> Pass | Say | None:
        if not heard.payload and heard.topic in (self._address.topic(topic) for topic in CLEARABLE):
            return None
        try:
            topic, message = self._checked(heard, now)
        except (BadTopic, MalformedMessage, BadSeal) as error:
            return self._refuse(heard, str(error))
        except Exception as error:  # noqa: BLE001 - no message, whatever it is, ends the process that walks the dog
            return self._refuse(heard, f"it cannot be read, by a fault of the dog: {error!r}")
        match message:
            case Received():
                self.outbox.received(str(each) for each in message.ids)
                for refusal in message.refused or ():
                    self.outbox.refuse(str(refusal.id), refusal.reason, now)
            case Site():
                if not heard.retained:  # a server that is there anew lacks what it did not store, and the dog of now
                    self.outbox.hurry()
                    self._state_at = -1e9
                if self._authority is None:  # whose key it is nobody has signed: nothing is to be sealed to it
                    message = replace(message, evidence_key=UNSET)
                payload = encode(message).decode()
                return Pass(topic, payload) if self.site_copy.take(message, payload) else None
            case Connection() if self.connected and message.connection_state is not ConnectionState.ONLINE:
                # A will that was late, of the connection before this one: it must not have the last word.
                return Say(topic, self._connection(ConnectionState.ONLINE, stamp))
            case DriveCommand():
                return Pass(topic, encode(message).decode(), heard.at)
            case Order() | InstantActions():
                return Pass(topic, encode(message).decode())
        return None

    def _refuse(self, heard: Heard, why: str) -> Pass | None:
        named = heard.topic if heard.topic in self.refused or len(self.refused) < MOST_REFUSED else OTHERS
        self.refused[named] += 1
        if heard.topic == self._address.topic(Topic.DRIVE_COMMAND):  # too many to be told one by one
            return None
        return Pass(MALFORMED, json.dumps({"topic": heard.topic, "error": why}))

    def _checked(self, heard: Heard, now: float) -> tuple[Topic, Header]:
        """The message; raises BadTopic, MalformedMessage or BadSeal where it is none, or not for this dog and now."""
        address, topic = parse(heard.topic, self._address.prefix)
        if address != self._address or topic not in HEARD:
            raise BadTopic(f"{heard.topic!r} is not for {self._address.serial_number}")
        if heard.retained and topic in OF_NOW:
            raise MalformedMessage("retained: a command of unknown age is not obeyed")
        reading = decode_leniently(heard.payload, TABLE[topic].message)
        message, loosely = reading.message, list(reading.loosely)
        if not isinstance(message, Header):
            raise MalformedMessage(f"{topic} has no header")
        for field, said, here in (
            ("manufacturer", message.manufacturer, self._address.manufacturer),
            ("serialNumber", message.serial_number, self._address.serial_number),
        ):
            if said and said != here:
                raise MalformedMessage(f"{topic} is for {message.manufacturer}/{message.serial_number}")
            loosely += [] if said else [f"{field}: {NAMELESS}"]
        if self._authority is not None and not _only_stops(message):
            self._authority.check(topic, heard, now)
        self.loosely.update(f"{topic} {each}" for each in loosely)
        return topic, message


def _only_stops(message: Header) -> bool:
    """Whether it asks for nothing but an emergency stop: stopping is always safe, whoever asks."""
    if not isinstance(message, InstantActions) or not message.actions:
        return False
    return all(action.action_type == "emergencyStop" for action in message.actions)


def _lasting(state: State) -> State:
    """A state without what changes all the time: a change in the rest is told at once."""
    battery = replace(state.battery_state, battery_charge=round(state.battery_state.battery_charge), reach=UNSET)
    return replace(
        state,
        header_id=0,
        timestamp=_EPOCH,
        agv_position=UNSET,
        velocity=UNSET,
        battery_state=replace(battery, battery_voltage=UNSET),
    )
