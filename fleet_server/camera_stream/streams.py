"""Which dogs are watched, by whom, and until when. ``now`` is in steady seconds. For the event loop alone."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from msgspec import UNSET

from fleet_server.camera_stream.mailbox import Mailbox
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.watcher import Watcher
from protocol.camera_stream import RENEW_S, START_STREAM, STOP_STREAM, StreamEnd, ToViewer, VideoFrame, Withheld
from protocol.codec import encode
from protocol.state import ActionState, ActionStatus

PERIOD_S = 1.0
JOIN_WITHIN_S = 10.0  # between asking to watch and watching
LINGER_S = 2.0  # without anybody: a page that is loaded anew is back by then
SILENT_S = 12.0  # without a picture, or a word why there is none
KEY_EVERY_S = 1.0  # at most, for those who are slow: a key frame costs the dog's line ten others
MOST_VIEWERS = 20  # of one dog

Say = Callable[[Vehicle, str, str, dict[str, str]], object]
"""Says an instant action to a vehicle: its type, its id, its parameters."""


@dataclass(slots=True)
class View:
    """Somebody who watches, or is about to; ``mailbox`` is there as soon as they do.

    ``by_webrtc`` has the frames for them while they are connected that way too.
    """

    view_id: str
    watcher: Watcher
    asked_at: float
    mailbox: Mailbox | None = None
    by_webrtc: Mailbox | None = None

    def frame_boxes(self) -> list[Mailbox]:
        """Where frames are wanted for them."""
        return [box for box in (self.mailbox, self.by_webrtc) if box is not None]


@dataclass(slots=True)
class Publication:
    """A dog's connection; ``over`` when another one took its place, or the stream has ended."""

    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Stream:
    """One dog's camera. ``stream_id`` is the id of the action by which it was asked for."""

    stream_id: str
    dog_id: str
    token: str
    heard_at: float
    said_at: float
    watched_at: float
    views: dict[str, View] = field(default_factory=dict)
    publication: Publication | None = None
    withheld: Withheld | None = None
    ended: StreamEnd | None = None
    key_asked_at: float = -KEY_EVERY_S
    frames: int = 0

    def take(self, frame: VideoFrame, message: bytes, now: float) -> bool:
        """Hand a frame to all who watch; whether somebody needs a key frame."""
        self.heard_at, self.withheld = now, None
        self.frames += 1
        boxes = [box for view in self.views.values() for box in view.frame_boxes()]
        for box in boxes:
            box.put(frame, message)
        wanted = any(box.starved for box in boxes) and now - self.key_asked_at >= KEY_EVERY_S
        if wanted:
            self.key_asked_at = now
        return wanted

    def say(self, message: ToViewer) -> None:
        """Tell all who watch."""
        text = encode(message).decode()
        for view in self.views.values():
            if view.mailbox is not None:
                view.mailbox.say(text)

    def withhold(self, why: Withheld | None, now: float) -> None:
        """The dog keeps its pictures back, or does so no more."""
        self.withheld, self.heard_at = why, now
        self.say(ToViewer(withheld=why))


class TooManyViewers(Exception):
    """No more may watch this dog."""


class Streams:
    """All of them: one for a dog at a time, however many watch it."""

    def __init__(self, fleet: Fleet, say: Say) -> None:
        self._fleet, self._say = fleet, say
        self._streams: dict[str, Stream] = {}  # by id
        self.peers = 0
        """How many have their pictures by WebRTC, or are about to."""

    def watchers(self, dog_id: str) -> tuple[Watcher, ...]:
        """Who watches that dog. From any thread."""
        streams = [stream for stream in list(self._streams.values()) if stream.dog_id == dog_id]
        return tuple(view.watcher for stream in streams for view in list(stream.views.values()))

    def watch(self, vehicle: Vehicle, username: str, reason: str, since: datetime, now: float) -> View:
        """Have the dog show its camera to one more; raises TooManyViewers."""
        stream = next((each for each in self._streams.values() if each.dog_id == vehicle.dog_id), None)
        if stream is None:
            stream = Stream(str(uuid4()), vehicle.dog_id, secrets.token_urlsafe(24), now, now, now)
            self._streams[stream.stream_id] = stream
            self._say_start(stream, vehicle)
        if len(stream.views) >= MOST_VIEWERS:
            raise TooManyViewers
        view = View(str(uuid4()), Watcher(username, since, reason), now)
        stream.views[view.view_id] = view
        self._fleet.touch([stream.dog_id])
        return view

    def join(self, view_id: str, username: str) -> tuple[Stream, View, Mailbox] | None:
        """Begin to watch, once; None where it was not asked for, or by somebody else."""
        found = next(((s, v) for s in self._streams.values() for v in s.views.values() if v.view_id == view_id), None)
        if found is None or found[1].watcher.username != username or found[1].mailbox is not None:
            return None
        stream, view = found
        view.mailbox = Mailbox()
        if stream.withheld is not None:
            view.mailbox.say(encode(ToViewer(withheld=stream.withheld)).decode())
        return stream, view, view.mailbox

    def leave(self, stream: Stream, view_id: str, now: float) -> None:
        """They watch no more."""
        stream.views.pop(view_id, None)
        stream.watched_at = now
        self._fleet.touch([stream.dog_id])

    def admit(self, stream_id: str, token: str, dog_id: str | None, now: float) -> tuple[Stream, Publication] | None:
        """Let a dog's connection in; the one before it is over. ``dog_id`` is whose it is, None: any dog's."""
        stream = self._streams.get(stream_id)
        if stream is None or not secrets.compare_digest(stream.token.encode(), token.encode()):
            return None
        if dog_id not in (None, stream.dog_id):
            return None
        if stream.publication is not None:
            stream.publication.over.set()
        stream.publication, stream.heard_at = Publication(), now
        return stream, stream.publication

    def drop(self, stream: Stream, publication: Publication) -> None:
        """A dog's connection is gone."""
        if stream.publication is publication:
            stream.publication = None

    def end(self, stream: Stream, why: StreamEnd) -> None:
        """All who watch are told why, and the dog to stop."""
        if self._streams.pop(stream.stream_id, None) is None:
            return
        stream.ended = why
        stream.say(ToViewer(ended=why))
        for view in stream.views.values():
            if view.mailbox is not None:
                view.mailbox.close()
        if stream.publication is not None:
            stream.publication.over.set()
        vehicle = self._fleet.get(stream.dog_id)
        if vehicle is not None:
            self._say(vehicle, STOP_STREAM, str(uuid4()), {"streamId": stream.stream_id})
        self._fleet.touch([stream.dog_id])

    def end_all(self) -> None:
        """The station ends, or another of its processes leads."""
        for stream in list(self._streams.values()):
            self.end(stream, StreamEnd.STOPPED)

    def update(self, now: float) -> None:
        """Say again what holds, and end what does not."""
        for stream in list(self._streams.values()):
            self._forget_absent(stream, now)
            why = self._over(stream, now)
            if why is not None:
                self.end(stream, why)
            elif now - stream.said_at >= (RENEW_S if stream.publication is not None else PERIOD_S):
                vehicle = self._fleet.get(stream.dog_id)
                if vehicle is not None:
                    self._say_start(stream, vehicle)
                    stream.said_at = now

    def _forget_absent(self, stream: Stream, now: float) -> None:
        """Who asked to watch and never came."""
        late = [v for v in stream.views.values() if v.mailbox is None and now - v.asked_at > JOIN_WITHIN_S]
        for view in late:
            self.leave(stream, view.view_id, now)

    def _over(self, stream: Stream, now: float) -> StreamEnd | None:
        if not stream.views and now - stream.watched_at > LINGER_S:
            return StreamEnd.UNWATCHED
        vehicle = self._fleet.get(stream.dog_id)
        if vehicle is None:
            return StreamEnd.NO_ANSWER
        refused = _refusal(vehicle, stream.stream_id)
        if refused is not None:
            return refused
        shown = stream.publication is not None and stream.withheld is not None
        return StreamEnd.NO_ANSWER if not shown and now - stream.heard_at > SILENT_S else None

    def _say_start(self, stream: Stream, vehicle: Vehicle) -> None:
        self._say(vehicle, START_STREAM, stream.stream_id, {"token": stream.token})


def _refusal(vehicle: Vehicle, action_id: str) -> StreamEnd | None:
    """Why the vehicle does not do what was asked for under that id; None: it does, or has not said."""
    states: Iterable[ActionState] = vehicle.state.action_states if vehicle.state is not None else ()
    for state in states:
        if state.action_id == action_id and state.action_status is ActionStatus.FAILED:
            said = "" if state.result_description is UNSET else state.result_description
            return StreamEnd(said) if said in set(StreamEnd) else StreamEnd.REFUSED
    return None
