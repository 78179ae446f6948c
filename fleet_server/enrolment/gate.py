"""Who is let in now: asked for each message, so it is kept in memory, and told to the broker as it changes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from fleet_server.enrolment.identities import everybody
from fleet_server.enrolment.mosquitto import CONTROL, admission, expulsion, request
from protocol.topics import Address

MOST_COMMANDS = 100  # in one message to the broker

# (topic, payload, QoS, retain) -> whether a broker took it.
Publish = Callable[[str, bytes, int, bool], bool]


class Gate:
    """Everybody comes in at a station without a fleet folder; at one with it, who has enrolled and is not revoked."""

    def __init__(self, closed: bool, prefix: str, publish: Publish) -> None:
        self.closed = closed
        self._prefix, self._publish = prefix, publish
        self._inside: frozenset[Address] = frozenset()
        self._outside: frozenset[Address] = frozenset()

    def load(self, session: Session) -> None:
        """Take up what is stored."""
        rows = [(Address(row.manufacturer, row.name, self._prefix), row) for row in everybody(session)]
        self._inside = frozenset(a for a, row in rows if row.enrolled_at is not None and row.revoked_at is None)
        self._outside = frozenset(a for a, _ in rows) - self._inside

    def admits(self, address: Address) -> bool:
        """Whether what ``address`` says is taken in."""
        return not self.closed or address in self._inside

    def open_to(self, address: Address) -> bool:
        """Let a dog in; says whether the broker was told. If not, it is told when it is back."""
        self._inside, self._outside = self._inside | {address}, self._outside - {address}
        return self._tell(admission(address))

    def close_to(self, address: Address) -> bool:
        """Let a dog in no more; says whether the broker was told. If not, it is told when it is back."""
        self._inside, self._outside = self._inside - {address}, self._outside | {address}
        return self._tell(expulsion(address))

    def tell_broker(self) -> None:
        """Tell a broker that is new to us about everybody; what it knows already, it passes over."""
        if not self.closed:
            return
        commands = [c for address in self._outside for c in expulsion(address)]
        commands += [c for address in self._inside for c in admission(address)]
        for start in range(0, len(commands), MOST_COMMANDS):
            self._tell(commands[start : start + MOST_COMMANDS])

    def _tell(self, commands: list[dict[str, Any]]) -> bool:
        return self.closed and self._publish(CONTROL, request(commands), 1, False)
