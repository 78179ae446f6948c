"""A bare vehicle that walks what it is told to, each order in a moment, and remembers which it was given."""

import queue
import threading
import time
from typing import Any, Self

from tests.fleet_server.dog import Dog

TELLS_EVERY_S = 0.25
WALK_S = 1.0  # of an order


class Walker:
    """It tells its state in a thread of its own, whatever the broker does; an order that it knows it does not walk
    again. ``meddled`` are orders that came while it walked another one."""

    def __init__(self, port: int, name: str) -> None:
        self.name = name
        self.walked: list[str] = []
        self.meddled: list[str] = []
        self._dog = Dog(port, name)
        self._order: dict[str, Any] | None = None
        self._since = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._dog.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._dog.__exit__()

    def _run(self) -> None:
        while not self._ending.wait(TELLS_EVERY_S):
            self._hear()
            self._dog.say("connection", retain=True, connectionState="ONLINE")
            done = self._order is not None and time.monotonic() - self._since > WALK_S
            last = max((node["sequenceId"] for node in self._order["nodes"]), default=0) if self._order else 0
            if done:
                self._dog.state(self._order, last=last, actions="FINISHED", driving=False)
            else:
                self._dog.state(self._order)

    def _hear(self) -> None:
        while True:
            try:
                order = self._dog.heard["order"].get_nowait()
            except queue.Empty:
                return
            if order["orderId"] in self.walked:
                continue
            walking = self._order is not None and time.monotonic() - self._since <= WALK_S
            if walking:
                self.meddled.append(order["orderId"])
            self.walked.append(order["orderId"])
            self._order, self._since = order, time.monotonic()
