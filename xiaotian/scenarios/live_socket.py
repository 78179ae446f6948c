"""Listens to the fleet server's live socket, as a console does; a server that is gone is called again."""

import json
import queue
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import msgspec
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from xiaotian.api_client import ApiProblem, Client
from xiaotian.api_client import operation as op

AGAIN_S = 0.3
LINK = "link"  # the kind by which the ear tells of its own connection


@dataclass(frozen=True)
class Heard:
    """A message of the live socket, and when it came (UTC seconds)."""

    wall: float
    kind: str
    data: Any


class LiveSocket:
    """A thread that puts what it hears into ``heard``."""

    def __init__(self, url: str, password: str) -> None:
        self.heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._url = url
        self._password = password
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="ear", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(10.0)

    def _listen(self) -> None:
        while not self._ending.is_set():
            try:
                self._hear_out()
            except (OSError, ApiProblem, WebSocketException):
                self._put(LINK, False)
                self._ending.wait(AGAIN_S)

    def _hear_out(self) -> None:
        with Client.signed_in(self._url, "admin", self._password, patience_s=5.0) as client:
            headers = client.live_headers
            address = self._url.replace("http", "ws", 1) + "/api/v1/live"
            with connect(address, additional_headers=headers, max_size=None, proxy=None, open_timeout=5.0) as live:
                self._put(LINK, True)
                self._catch_up(client)
                self._follow(live)

    def _catch_up(self, client: Client) -> None:
        """What came to its end while nobody listened stands in no snapshot, which has what is open alone."""
        for patrol in client.ask(op.PATROLS):
            self._put("patrol", msgspec.to_builtins(patrol))
        for incident in client.ask(op.INCIDENTS):
            self._put("incident", msgspec.to_builtins(incident))

    def _follow(self, live: ClientConnection) -> None:
        while not self._ending.is_set():
            try:
                message = json.loads(live.recv(timeout=0.2))
            except TimeoutError:
                continue
            self._put(message["type"], message["data"])

    def _put(self, kind: str, data: Any) -> None:
        self.heard.put(Heard(time.time(), kind, data))
