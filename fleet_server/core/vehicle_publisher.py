"""What the server says to vehicles: encoded, addressed, numbered and sealed."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from fleet_server.core.signing import Signer
from protocol.codec import encode_for, header
from protocol.header import Wire
from protocol.topics import TABLE, Address, Topic

# (topic, payload, QoS, retain, user properties) -> whether a broker took it.
Publish = Callable[[str, bytes, int, bool, Sequence[tuple[str, str]]], bool]


class VehiclePublisher:
    """Publishes through whatever link is up; without one, nothing is said and the answer is False."""

    def __init__(self) -> None:
        self._publish: Publish | None = None
        self._signer: Signer | None = None
        self._version_of: Callable[[Address], str] = lambda _: ""
        self._header_ids: dict[tuple[Address, Topic], int] = {}
        self._lock = threading.Lock()

    def attach(self, publish: Publish) -> None:
        """Use ``publish`` from now on."""
        self._publish = publish

    def sign_with(self, signer: Signer) -> None:
        """Seal what is said from now on."""
        self._signer = signer

    def translate_by(self, version_of: Callable[[Address], str]) -> None:
        """Say to each vehicle what it reads, by the version of the standard that it says of itself."""
        self._version_of = version_of

    def publish(self, address: Address, topic: Topic, message: Wire) -> bool:
        """Say ``message`` as the protocol's table has it; False when there is no broker now."""
        if self._publish is None:
            return False
        row, payload = TABLE[topic], encode_for(self._version_of(address), topic, message)
        beside = self._signer.properties(address, topic, payload) if self._signer is not None else []
        return self._publish(address.topic(topic), payload, row.qos, row.retain, beside)

    def say(self, topic: str, payload: bytes, qos: int, retain: bool) -> bool:
        """Say something to the broker itself; False when there is none now."""
        return self._publish is not None and self._publish(topic, payload, qos, retain, ())

    def header(self, address: Address, topic: Topic, now: datetime) -> dict[str, Any]:
        """The fields of the next header on that topic."""
        return header(address, self.next_id(address, topic), now.timestamp())

    def next_id(self, address: Address, topic: Topic) -> int:
        """The next header id: counted per vehicle and topic (6.4)."""
        with self._lock:
            header_id = self._header_ids.get((address, topic), -1) + 1
            self._header_ids[address, topic] = header_id
        return header_id
