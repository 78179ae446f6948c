"""The camera's part of a stream, from the mission's wish to the wire: it runs while it is wished for, and costs
nothing before and after."""

from dataclasses import dataclass

from edge.camera_stream.camera_stream import CameraStream
from edge.camera_stream.live_frame import LiveFrame
from edge.camera_stream.station_door import StationDoor
from edge.camera_stream.stream_order import StreamOrder
from edge.camera_stream.uplink import Broken, Opened, Said, Uplink
from edge.mission.events import CameraStreamTold
from protocol.camera_stream import FromDog, StreamEnd
from protocol.codec import encode

NO_PICTURES_S = 10.0  # without a frame; who watches sees how old the last one is meanwhile
UNREACHABLE_S = 10.0  # without the station


@dataclass(slots=True)
class _Running:
    order: StreamOrder
    stream: CameraStream
    uplink: Uplink
    frame_at: float  # steady seconds, when the last frame came
    reached_at: float  # likewise, when the station was last there
    connected: bool = False
    flows: bool = False
    over: StreamEnd | None = None  # said by the station


class LiveCamera:
    """``clock`` is in seconds of the dog's clock, which stamps pictures; ``now`` in steady seconds."""

    def __init__(self, door: StationDoor, refusal: StreamEnd | None = None) -> None:
        """``refusal``: why this dog's pictures never go out live."""
        self._door, self._refusal = door, refusal
        self._running: _Running | None = None

    @property
    def every_s(self) -> float | None:
        """How often a frame is wanted; None: nobody watches."""
        running = self._running
        return 1 / running.order.fps if running is not None and running.connected else None

    @property
    def active(self) -> bool:
        """Whether a stream is wished for."""
        return self._running is not None

    def take_order(self, order: StreamOrder, now: float) -> list[CameraStreamTold]:
        """Begin a stream, or go on with it for longer; another one takes its place."""
        running = self._running
        if running is not None and running.order.stream_id == order.stream_id:
            running.order = order.within()
            return []
        told = self.end(StreamEnd.REPLACED)
        if self._refusal is not None:
            return [*told, CameraStreamTold(order.stream_id, self._refusal)]
        order = order.within()
        uplink = Uplink(self._door, order.stream_id, order.token)
        self._running = _Running(order, CameraStream(order.fps, order.kbps), uplink, now, now)
        return told

    def end(self, why: StreamEnd, stream_id: str | None = None) -> list[CameraStreamTold]:
        """End what runs, or the stream of that id; the station is told why."""
        running = self._running
        if running is None or stream_id not in (None, running.order.stream_id):
            return []
        self._running = None
        running.uplink.send(encode(FromDog(ended=why)).decode())
        running.uplink.send(None)
        return [CameraStreamTold(running.order.stream_id, why)]

    def take(self, frame: LiveFrame, clock: float, now: float) -> None:
        """A frame for who watches."""
        running = self._running
        if running is None:
            return
        running.frame_at = now
        self._hear(running, now)
        if running.connected:
            for message in running.stream.take(frame, max(clock - frame.stamp, 0.0), now):
                running.uplink.send(message)

    def update(self, clock: float, now: float) -> list[CameraStreamTold]:
        """What has become of it; to be asked a few times a second."""
        running = self._running
        if running is None:
            return []
        self._hear(running, now)
        why = running.over or _over(running, clock, now)
        if why is not None:
            return self.end(why)
        begins = running.connected and not running.flows
        running.flows = running.flows or begins
        return [CameraStreamTold(running.order.stream_id)] if begins else []

    def _hear(self, running: _Running, now: float) -> None:
        for heard in running.uplink.take():
            match heard:
                case Opened():
                    running.connected, running.frame_at = True, now
                    for text in running.stream.begin():
                        running.uplink.send(text)
                case Said(message, at):
                    running.stream.hear(message, at)
                    if isinstance(message.ended, StreamEnd):
                        running.over = message.ended
                case Broken(_, final):
                    running.connected = False
                    if (
                        final and running.over is None
                    ):  # after the end it is the station's answer to a line come too late
                        running.over = StreamEnd.REFUSED
        if running.connected:
            running.reached_at = now


def _over(running: _Running, clock: float, now: float) -> StreamEnd | None:
    if clock > running.order.until:
        return StreamEnd.UNWATCHED
    if now - running.reached_at > UNREACHABLE_S:
        return StreamEnd.UNREACHABLE
    return StreamEnd.NO_PICTURES if running.connected and now - running.frame_at > NO_PICTURES_S else None
