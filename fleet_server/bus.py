"""What the server says to vehicles: encoded, addressed and numbered."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from protocol.codec import encode, header
from protocol.header import Wire
from protocol.topics import TABLE, Address, Topic

# (topic, payload, QoS, retain) -> whether a broker took it.
Publish = Callable[[str, bytes, int, bool], bool]


class Bus:
    """Publishes through whatever link is up; without one, nothing is said and the answer is False."""

    def __init__(self) -> None:
        self._publish: Publish | None = None
        self._header_ids: dict[tuple[Address, Topic], int] = {}
        self._lock = threading.Lock()

    def attach(self, publish: Publish) -> None:
        """Use ``publish`` from now on."""
        self._publish = publish

    def publish(self, address: Address, topic: Topic, message: Wire) -> bool:
        """Say ``message`` as the protocol's table has it; False when there is no broker now."""
        if self._publish is None:
            return False
        row = TABLE[topic]
        return self._publish(address.topic(topic), encode(message), row.qos, row.retain)

    def header(self, address: Address, topic: Topic, now: datetime) -> dict[str, Any]:
        """The fields of the next header on that topic."""
        return header(address, self.next_id(address, topic), now.timestamp())

    def next_id(self, address: Address, topic: Topic) -> int:
        """The next header id: counted per vehicle and topic (6.4)."""
        with self._lock:
            header_id = self._header_ids.get((address, topic), -1) + 1
            self._header_ids[address, topic] = header_id
        return header_id
