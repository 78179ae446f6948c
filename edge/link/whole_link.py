"""A dog's whole link but ROS: the core, the MQTT session and the upload, put together and stepped."""

import queue
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.evidence.spool import ORIGINALS, SPOOL, Damaged, Spool
from edge.link.command_authentication import CommandAuthentication
from edge.link.evidence_upload import Carrier, Outcome, Tried
from edge.link.link_core import HEARD, VISUALIZATION_EVERY_S, LinkCore, Say, Step
from edge.link.mqtt_session import Down, Event, Session, Up, Will
from edge.link.outbox import Loss, Outbox
from edge.link.outbox_rows import Place, Sighting, Snapshot
from protocol.evidence import EvidencePurpose
from protocol.mqtt_client import Tls
from protocol.state import AgvPosition, Velocity
from protocol.topics import TABLE, Address, Topic
from protocol.version import VERSION

CARRY_EVERY = 5  # steps
SPOOL_EVERY = 10  # steps between clips that are taken over, one at a time: each is read, hashed and synced
SAID_ANYWAY = frozenset({Outcome.WHOLE, Outcome.UNKNOWN, Outcome.GAVE_WAY})  # of uploads: nothing to be told


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the station is, and with what the dog comes: certificates, or in the clear without."""

    mqtt_host: str
    mqtt_port: int
    server_url: str
    upload_token_file: Path | None
    tls: Tls | None = None


class Weight(StrEnum):
    """How much a note matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the log."""

    weight: Weight
    text: str


class WholeLink:
    """``link`` is the core. Steps are to be called about ten times a second, by one thread."""

    def __init__(
        self, address: Address, link: LinkCore, reach: Reach, stamp: float, spools: Sequence[Spool] = ()
    ) -> None:
        """``spools``: where perception leaves clips and originals, what matters most first."""
        self.link = link
        self._spools = spools
        self._address = address
        will = Will(address.topic(Topic.CONNECTION), link.will(stamp))
        topics = {address.topic(topic): TABLE[topic].qos for topic in HEARD}
        name = f"{address.manufacturer}-{address.serial_number}"
        self._session = Session(reach.mqtt_host, reach.mqtt_port, name, topics, will, tls=reach.tls)
        self._tried: queue.SimpleQueue[Tried] = queue.SimpleQueue()
        authority = reach.tls.ca if reach.tls else None
        self._carrier = Carrier(reach.server_url, reach.upload_token_file, self._tried.put, authority=authority)
        self._steps = 0
        self._notes: deque[Note] = deque()
        self._told_loosely: set[str] = set()

    @property
    def dropped(self) -> int:
        """How many messages and steps of the session were not taken in."""
        return self._session.dropped.total()

    def start(self) -> None:
        """Begin to connect and to carry."""
        self._session.start()
        self._carrier.start()

    def stop(self, stamp: float) -> None:
        """Say goodbye, and let go of threads and files."""
        self._carrier.stop()
        self._session.stop(self._address.topic(Topic.CONNECTION), self.link.goodbye(stamp))
        self.link.outbox.close()

    def step(self, place: tuple[AgvPosition, Velocity] | None, now: float, stamp: float) -> Step:
        """Take what came, say what is due, offer what is to be carried; ``now`` steady seconds, ``stamp`` UTC."""
        events = self._session.take()
        for event in events:
            self._notice(event)
        step = self.link.step(events, place, now, stamp, self._session.waiting)
        for what in sorted(self.link.loosely.keys() - self._told_loosely):
            self._told_loosely.add(what)
            self._notes.append(Note(Weight.INFO, f"taken, though not to the letter: {what}"))
        self._say_all(step, now)
        self._steps += 1
        if self._steps % CARRY_EVERY == 0:
            self._carry()
        if self._steps % SPOOL_EVERY == 0:
            any(self._took_clip(spool, stamp) for spool in self._spools)
        return step

    def _took_clip(self, spool: Spool, stamp: float) -> bool:
        """Keep the oldest of what perception has made, as a picture is kept; whether there was any."""
        try:
            left = spool.take()
            if left is None:
                return False
            note, data = left
            shot = Snapshot(
                evidence_id=note.evidence_id,
                purpose=EvidencePurpose.ANOMALY,
                captured_at=note.captured_at,
                place=Place(0.0, 0.0, ""),
                picture=data,
                anomaly_id=note.anomaly_ids[0],
                order_id=note.order_id,
                media_type=note.media_type,
                duration_s=note.duration_s,
                anomaly_ids=tuple(note.anomaly_ids),
            )
            self.link.keep_photo(shot, stamp)
            spool.done(note.evidence_id)
        except (Damaged, OSError) as error:
            self._notes.append(Note(Weight.ERROR, f"a clip or original is not sent: {error}"))
        except (ValueError, IndexError) as error:  # what could never be delivered
            spool.done(note.evidence_id)
            self._notes.append(Note(Weight.ERROR, f"{note.media_type} {note.evidence_id} is not sent: {error}"))
        return True

    def tell_anomaly(
        self, seen: Sighting, evidence_id: str, place: tuple[AgvPosition, Velocity] | None, now: float, stamp: float
    ) -> None:
        """Say an anomaly at once, before what has come is looked at, and keep it while it is under way.

        Of the wire and the disk neither waits for the other. A power cut in between leaves what the station heard, or
        nothing, as one a moment before would have. Raises ValueError for what could never be delivered.
        """
        self.link.hold_anomaly(seen, evidence_id, stamp)
        try:
            self._say_all(self.link.step((), place, now, stamp, self._session.waiting), now)
        finally:
            self.link.outbox.settle()

    def _say_all(self, step: Step, now: float) -> None:
        for said in step.say:
            if self.say(said):
                self.link.sent(said, now)

    def say(self, said: Say) -> bool:
        """Publish; False when that is not possible now."""
        row, topic = TABLE[said.topic], self._address.topic(said.topic)
        return self._session.publish(topic, said.payload, row.qos, row.retain, said.properties)

    def notes(self) -> list[Note]:
        """What is to be logged since the last time this was asked."""
        taken = list(self._notes)
        self._notes.clear()
        return taken

    def _notice(self, event: Event) -> None:
        if isinstance(event, Up):
            self._notes.append(Note(Weight.INFO, "connected to the station"))
            self._carrier.hurry()
        elif isinstance(event, Down):
            self._notes.append(Note(Weight.WARNING, f"the station is out of reach: {event.reason}"))

    def _carry(self) -> None:
        while not self._tried.empty():
            tried = self._tried.get()
            if tried.outcome is Outcome.DAMAGED:
                self.link.outbox.lose([tried.parcel.evidence_id], Loss.DAMAGED)
            elif tried.outcome not in SAID_ANYWAY:
                self._notes.append(Note(Weight.WARNING, f"evidence waits: {tried.outcome} {tried.detail}"))
        for key, loss in self.link.outbox.losses():
            self._notes.append(Note(Weight.ERROR, f"{key} is lost: {loss}"))
        for key, reason in self.link.outbox.refusals():
            self._notes.append(Note(Weight.ERROR, f"the station does not take {key}: {reason}"))
        self._carrier.offer(self.link.parcels())


def open_link(
    address: Address,
    data: Path,
    reach: Reach,
    stamp: float,
    authority: CommandAuthentication | None = None,
    visualization_s: float = VISUALIZATION_EVERY_S,
    version: str = VERSION,
) -> WholeLink:
    """The line of the dog whose storage is ``data``; ``stamp`` is UTC seconds."""
    link = LinkCore(address, Outbox(data), data / "site.json", authority, visualization_s, version)
    return WholeLink(address, link, reach, stamp, (Spool(data / SPOOL), Spool(data / ORIGINALS)))
