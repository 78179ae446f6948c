"""What the dog says to the station and when, and what it hears: the core of the link, without sockets or ROS.

Telemetry is said when it is new and the broker is there, and never queued. Anomalies and evidence go through the
outbox until the station names them in ``received``. Every message is checked here, and nowhere after.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from edge.link.outbox import Kind, Outbox, Row
from edge.link.pictures import replace_file
from edge.link.session import Down, Event, Heard, Up
from edge.link.upload import Parcel
from protocol.anomaly import Anomaly
from protocol.codec import MalformedMessage, decode, encode, header, timestamp
from protocol.connection import Connection, ConnectionState
from protocol.evidence import Evidence
from protocol.factsheet import Factsheet
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.order import Order
from protocol.received import Received
from protocol.site import Site
from protocol.state import AgvPosition, State, Velocity
from protocol.topics import TABLE, Address, BadTopic, Topic, parse
from protocol.visualization import Visualization

HEARD = (Topic.ORDER, Topic.INSTANT_ACTIONS, Topic.RECEIVED, Topic.SITE)
STATE_EVERY_S = 5.0  # the standard asks for 30 at most
VISUALIZATION_EVERY_S = 0.5
MOST_ROWS = 20  # of the outbox a step: a backlog goes out at 200 rows a second and leaves room for telemetry
MALFORMED = "malformed"
_EPOCH = timestamp(0.0)


@dataclass(frozen=True, slots=True)
class Say:
    """Something to be published now; ``row`` is its id in the outbox, if it came from there."""

    topic: Topic
    payload: bytes
    row: str = ""


@dataclass(frozen=True, slots=True)
class Pass:
    """Something for another node of the dog: JSON under the wire's topic, or `malformed`."""

    topic: str
    payload: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one update asks for."""

    say: tuple[Say, ...] = ()
    inbox: tuple[Pass, ...] = ()
    site: str = ""


class Link:
    """``now`` is steady seconds for what waits; ``stamp`` is UTC seconds for what is said."""

    def __init__(self, address: Address, outbox: Outbox, site_file: Path) -> None:
        self._address = address
        self.outbox = outbox
        self._site_file = site_file
        self.connected = False
        self.refused: Counter[str] = Counter()
        self._counters: Counter[Topic] = Counter()
        self._state: State | None = None
        self._said: State | None = None  # what of the state was said last, without what always changes
        self._state_at = self._visualization_at = -1e9
        self._factsheet: Factsheet | None = None
        self._stored = self._read_site()

    @property
    def site(self) -> Site | None:
        """The newest site that is known here."""
        return self._stored

    def will(self, stamp: float) -> bytes:
        """What the broker says when the dog is gone without a word."""
        return self._connection(ConnectionState.CONNECTIONBROKEN, stamp)

    def goodbye(self, stamp: float) -> bytes:
        """What the dog says before it goes."""
        return self._connection(ConnectionState.OFFLINE, stamp)

    def take_state(self, state: State) -> None:
        """The newest state of the mission."""
        self._state = state

    def take_factsheet(self, factsheet: Factsheet) -> Say:
        """A factsheet, to be said now and again at each connection."""
        self._factsheet = factsheet
        return self._say_factsheet(factsheet)

    def keep_anomaly(self, anomaly: Anomaly, evidence: Evidence | None, picture: bytes) -> None:
        """Keep an anomaly with its picture until the station has both; without room for the picture, the anomaly."""
        rows = []
        if evidence is not None and self.outbox.keep_picture(str(evidence.evidence_id), Kind.ANOMALY_PICTURE, picture):
            rows.append(Row(str(evidence.evidence_id), Kind.ANOMALY_PICTURE, encode(evidence), len(picture)))
            anomaly = replace(anomaly, evidence_ids=[evidence.evidence_id])
        self.outbox.put([Row(str(anomaly.anomaly_id), Kind.ANOMALY, encode(anomaly)), *rows])

    def keep_photo(self, evidence: Evidence, picture: bytes) -> None:
        """Keep a checkpoint's photo until the station has it, or something that matters more needs its room."""
        key = str(evidence.evidence_id)
        if self.outbox.keep_picture(key, Kind.CHECKPOINT_PHOTO, picture):
            self.outbox.put([Row(key, Kind.CHECKPOINT_PHOTO, encode(evidence), len(picture))])

    def step(
        self,
        events: Sequence[Event],
        place: tuple[AgvPosition, Velocity] | None,
        now: float,
        stamp: float,
    ) -> Step:
        """Take what happened on the wire and say what is due; ``place`` is where the dog is, if it knows."""
        say: list[Say] = []
        inbox: list[Pass] = []
        site = ""
        for event in events:
            match event:
                case Up():
                    say += self._greet(stamp)
                case Down():
                    self.connected = False
                case Heard():
                    passed = self._hear(event)
                    if passed is not None and passed.topic == Topic.SITE:
                        site = passed.payload
                    elif passed is not None:
                        inbox.append(passed)
        if self.connected:
            say += self._telemetry(place, now, stamp)
            say += self._due(now, stamp)
        return Step(tuple(say), tuple(inbox), site)

    def sent(self, said: Say, now: float) -> None:
        """That ``said`` went out."""
        if said.row:
            self.outbox.sent(said.row, now)

    def parcels(self) -> list[Parcel]:
        """The pictures whose bytes the station can be given now."""
        found = []
        for key in self.outbox.announced():
            row = self.outbox.row(key)
            if row is not None:
                evidence = decode(row.body, Evidence)
                found.append(Parcel(key, self.outbox.pictures.path(key), evidence.size_bytes, evidence.sha256))
        return found

    # What is said

    def _greet(self, stamp: float) -> list[Say]:
        """ONLINE after every connection, what the dog is, and its state at once; all that waits is due again."""
        self.connected = True
        self.outbox.hurry()
        self._state_at, self._said = -1e9, None
        online = Say(Topic.CONNECTION, self._connection(ConnectionState.ONLINE, stamp))
        return [online] if self._factsheet is None else [online, self._say_factsheet(self._factsheet)]

    def _telemetry(self, place: tuple[AgvPosition, Velocity] | None, now: float, stamp: float) -> list[Say]:
        say = []
        if self._state is not None:
            core = _lasting(self._state)
            if core != self._said or now - self._state_at >= STATE_EVERY_S:
                self._said, self._state_at = core, now
                say.append(Say(Topic.STATE, encode(self._stamped(Topic.STATE, self._state, stamp))))
        if place is not None and now - self._visualization_at >= VISUALIZATION_EVERY_S:
            self._visualization_at = now
            head = header(self._address, self._count(Topic.VISUALIZATION), stamp)
            seen = Visualization(**head, agv_position=place[0], velocity=place[1])
            say.append(Say(Topic.VISUALIZATION, encode(seen)))
        return say

    def _due(self, now: float, stamp: float) -> list[Say]:
        say = []
        for row in self.outbox.due(now, MOST_ROWS):
            if row.kind is Kind.ANOMALY:
                said = self._stamped(Topic.ANOMALY, decode(row.body, Anomaly), stamp)
                say.append(Say(Topic.ANOMALY, encode(said), row.id))
            else:
                told = self._stamped(Topic.EVIDENCE, decode(row.body, Evidence), stamp)
                say.append(Say(Topic.EVIDENCE, encode(told), row.id))
        return say

    def _say_factsheet(self, factsheet: Factsheet) -> Say:
        return Say(Topic.FACTSHEET, encode(replace(factsheet, header_id=self._count(Topic.FACTSHEET))))

    def _connection(self, state: ConnectionState, stamp: float) -> bytes:
        head = header(self._address, self._count(Topic.CONNECTION), stamp)
        return encode(Connection(**head, connection_state=state))

    def _stamped(self, topic: Topic, message: State | Anomaly | Evidence, stamp: float) -> Wire:
        head = header(self._address, self._count(topic), stamp)
        return replace(message, header_id=head["header_id"], timestamp=head["timestamp"])

    def _count(self, topic: Topic) -> int:
        self._counters[topic] += 1
        return self._counters[topic] - 1

    # What is heard

    def _hear(self, heard: Heard) -> Pass | None:
        try:
            address, topic = parse(heard.topic, self._address.prefix)
            if address != self._address or topic not in HEARD:
                raise BadTopic(f"{heard.topic!r} is not for {self._address.serial_number}")
            message = decode(heard.payload, TABLE[topic].message)
        except (BadTopic, MalformedMessage) as error:
            self.refused[heard.topic] += 1
            return Pass(MALFORMED, json.dumps({"topic": heard.topic, "error": str(error)}))
        match message:
            case Received():
                self.outbox.received(str(each) for each in message.ids)
                return None
            case Site():
                return self._take_site(message)
            case Order() | InstantActions():
                return Pass(topic, encode(message).decode())
        return None

    def _take_site(self, site: Site) -> Pass | None:
        """Keep a site that is newer than the one known; the same one again is nothing new."""
        known = self._stored
        if known is not None and known.site_id == site.site_id and known.site_version >= site.site_version:
            return None
        self._stored = site
        body = encode(site)
        try:
            replace_file(self._site_file, body)
        except OSError as error:
            self.refused[f"site not kept: {error.strerror}"] += 1
        return Pass(Topic.SITE, body.decode())

    def _read_site(self) -> Site | None:
        try:
            return decode(self._site_file.read_bytes(), Site)
        except (OSError, MalformedMessage):
            return None


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
