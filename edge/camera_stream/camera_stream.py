"""One stream: masked pictures in, messages for the station out, as many as the line carries."""

from msgspec import UNSET

from edge.camera_stream.clock_offset import ClockOffset
from edge.camera_stream.encoder import H264Encoder
from edge.camera_stream.frame_note import frame_note
from edge.camera_stream.live_frame import LiveFrame
from edge.camera_stream.rate_control import RateControl
from protocol.camera_stream import FromDog, ToDog, VideoFrame, Withheld
from protocol.codec import encode


class CameraStream:
    """Encodes once, whoever watches. ``now`` is in steady seconds throughout."""

    def __init__(self, fps: float, kbps: float) -> None:
        self._encoder, self.rate = H264Encoder(fps), RateControl(round(kbps * 1000))
        self._clock = ClockOffset()
        self._number = 0
        self._on_the_way: dict[int, float] = {}  # when each was sent
        self._wants_key = True
        self._withheld: Withheld | None = None

    def begin(self) -> list[str]:
        """The station is there, for the first time or again: nothing is on its way. What it has to know first."""
        self._on_the_way.clear()
        self._wants_key = True
        return [_text(self._withheld)] if self._withheld is not None else []

    def hear(self, said: ToDog, now: float) -> None:
        """The station has seen frames, or wants one that stands for itself."""
        if said.seen is not UNSET:
            sent = self._on_the_way.get(said.seen)
            if sent is not None:
                self._clock.hear(said.at, sent, now)
            self._on_the_way = {number: at for number, at in self._on_the_way.items() if number > said.seen}
        elif not self._clock.known:
            self._clock.hear_word(said.at, now)
        if said.key_frame is True:
            self._wants_key = True

    def take(self, frame: LiveFrame, age: float, now: float) -> list[bytes | str]:
        """The messages for a frame that was taken ``age`` seconds ago; none where the line is behind."""
        picture = frame.picture
        withheld = None if picture is not None else Withheld.PRIVACY
        said: list[bytes | str] = [_text(withheld)] if withheld is not self._withheld else []
        self._withheld = withheld
        if picture is None:
            self._wants_key = True
            return said
        oldest = min(self._on_the_way.values(), default=now)
        rate = self.rate.update(len(self._on_the_way), now - oldest, now)
        if not rate.send:
            return said
        data, key = self._encoder.encode(picture, rate.bits_per_s, now, self._wants_key)
        self._wants_key = False
        self._number += 1
        self._on_the_way[self._number] = now
        note = encode(FromDog(note=frame_note(self._number, frame))).decode()
        return [*said, note, VideoFrame(key, self._number, self._clock.there(now - age), data).pack()]


def _text(withheld: Withheld | None) -> str:
    return encode(FromDog(withheld=withheld)).decode()
