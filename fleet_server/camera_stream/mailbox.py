"""What waits to be sent to one who watches. One who is slow misses pictures; nobody waits for him."""

import asyncio
from collections import deque

from protocol.camera_stream import VideoFrame

MOST_WAITING = 20  # frames: two seconds of the usual ten a second
MOST_TEXTS = 20


class Mailbox:
    """Frames come in whole series: the first is a key frame, and after a gap the next key frame. For the loop alone."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._texts: deque[str] = deque(maxlen=MOST_TEXTS)
        self._ready = asyncio.Event()
        self._closed = False
        self.starved = True
        """Whether only a key frame is of use now."""
        self.paused = False
        """Whether frames reach them by another way."""
        self.dropped = 0

    def put(self, frame: VideoFrame, message: bytes) -> None:
        """A frame, and the message that it came in."""
        if self.paused:
            return
        if len(self._frames) >= MOST_WAITING:
            self.dropped += len(self._frames)
            self._frames.clear()
            self.starved = True
        if self.starved and not frame.key:
            self.dropped += 1
            return
        self.starved = False
        self._frames.append(message)
        self._ready.set()

    def starve(self) -> None:
        """What they had is broken: only a key frame mends it."""
        self.starved = True

    def pause(self) -> None:
        """No frames from now on."""
        self._frames.clear()
        self.starved, self.paused = False, True

    def resume(self) -> None:
        """Frames again, from the next key frame on."""
        self.starved, self.paused = True, False

    def say(self, text: str) -> None:
        """A word, before all frames that wait."""
        self._texts.append(text)
        self._ready.set()

    def close(self) -> None:
        """Nothing more comes."""
        self._closed = True
        self._ready.set()

    async def take(self) -> bytes | str | None:
        """What is next; None at the end."""
        while not self._texts and not self._frames:
            if self._closed:
                return None
            self._ready.clear()
            await self._ready.wait()
        return self._texts.popleft() if self._texts else self._frames.popleft()
