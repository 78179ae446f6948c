"""Every open console hears what changes. One that does not keep up is dropped; nobody waits for it."""

import asyncio
from typing import Any

import msgspec
import structlog

BACKLOG = 256  # messages that a console may be behind: at 5 a second most of a minute

log = structlog.get_logger()


class Client:
    """A console's queue; ``behind`` once it was dropped."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue(BACKLOG)
        self.behind = asyncio.Event()


class Hub:
    """Hands messages to all clients. ``publish`` may be called from any thread, all else from the loop's."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.dropped = 0

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve on ``loop``."""
        self._loop = loop

    def close(self) -> None:
        """Serve nobody any more."""
        self._loop = None

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._clients)

    @property
    def watched(self) -> bool:
        """Whether anybody listens."""
        return bool(self._clients)

    def join(self) -> Client:
        """A new client; it hears all that is published from now on."""
        client = Client()
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget the client."""
        self._clients.discard(client)

    def publish(self, kind: str, data: Any) -> None:
        """Tell all clients; encoded once."""
        if self._loop is None or not self._clients:
            return
        text = message(kind, data)
        try:
            self._loop.call_soon_threadsafe(self._deliver, text)
        except RuntimeError:  # the loop has just closed: the server is ending
            log.info("nobody left to tell")

    def _deliver(self, text: str) -> None:
        for client in list(self._clients):
            try:
                client.queue.put_nowait(text)
            except asyncio.QueueFull:
                self.dropped += 1
                self._clients.discard(client)
                client.behind.set()
                log.warning("a console did not keep up and was dropped", dropped=self.dropped)


def message(kind: str, data: Any) -> str:
    """A message of the live socket."""
    return msgspec.json.encode({"type": kind, "data": data}).decode()
