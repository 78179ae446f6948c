"""What was heard and not understood: counted, and kept by vehicle to be shown; all of it bounded."""

import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from fleet_server.core.log_throttle import LogThrottle
from fleet_server.telemetry.vehicle_id import dog_id
from protocol.topics import Address

MOST_VEHICLES = 1000
MOST_SHOWN = 200  # characters of a payload, a topic or a reason

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """What of a vehicle's messages was not understood: how many, and of the first which topic and why."""

    address: Address
    topic: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime


class UnreadableMessages:
    """``total`` counts all, whoever sent them. ``note`` belongs to the session's thread, the rest to any."""

    def __init__(self) -> None:
        self.total = 0
        self._of: dict[str, UnreadableMessage] = {}
        self._changed: set[str] = set()
        self._lock = threading.Lock()
        self._throttle = LogThrottle()

    def note(self, address: Address | None, topic: str, reason: str, payload: bytes, now: datetime) -> None:
        """Count a message; ``address`` is None where it names no vehicle of ours."""
        self.total += 1
        reason = short(reason)
        if address is not None:
            self._keep(address, topic, reason, now)
        about = dog_id(address) if address is not None else "nobody's"
        count = self._throttle.take(about, time.monotonic())
        if count is not None:
            said = payload[:MOST_SHOWN].decode(errors="replace")
            log.warning("malformed message", topic=short(topic), reason=reason, count=count, payload=said)

    def of(self, dog: str) -> UnreadableMessage | None:
        """What of the vehicle ``dog`` was not understood, if anything."""
        return self._of.get(dog)

    def all(self) -> list[UnreadableMessage]:
        """Of each vehicle, by id."""
        with self._lock:
            return [misread for _, misread in sorted(self._of.items())]

    def take_changed(self) -> set[str]:
        """Whose first message was not understood since the last call, or twice as many as when it was last named."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return changed

    def _keep(self, address: Address, topic: str, reason: str, now: datetime) -> None:
        dog = dog_id(address)
        with self._lock:
            known = self._of.get(dog)
            if known is not None:
                self._of[dog] = known = replace(known, count=known.count + 1, last_at=now)
            elif len(self._of) < MOST_VEHICLES:
                self._of[dog] = known = UnreadableMessage(address, short(topic), reason, 1, now, now)
            if known is not None and known.count.bit_count() == 1:
                self._changed.add(dog)


def short(text: str) -> str:
    """``text``, or its beginning."""
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
