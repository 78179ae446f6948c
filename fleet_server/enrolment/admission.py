"""Who is let in now: asked for each message, so it is kept in memory, and told to the broker as it changes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from fleet_server.enrolment.identities import everybody, void_names
from fleet_server.enrolment.mosquitto import CONTROL, admission, expulsion, request
from protocol.topics import Address

MOST_COMMANDS = 100  # in one message to the broker

# (topic, payload, QoS, retain) -> whether a broker took it.
Publish = Callable[[str, bytes, int, bool], bool]


class Admission:
    """Everybody comes in at a station without a fleet folder; at one with it, who has enrolled and is not revoked."""

    def __init__(self, closed: bool, prefix: str, publish: Publish) -> None:
        self.closed = closed
        self._prefix, self._publish = prefix, publish
        self._inside: dict[Address, str] = {}  # the name in the certificate
        self._void: frozenset[str] = frozenset()

    def load(self, session: Session) -> None:
        """Take up what is stored."""
        self._inside = {
            Address(row.manufacturer, row.name, self._prefix): row.certificate_name
            for row in everybody(session)
            if row.certificate_name is not None
        }
        self._void = frozenset(void_names(session))

    def admits(self, address: Address) -> bool:
        """Whether what ``address`` says is taken in."""
        return not self.closed or address in self._inside

    def open_to(self, address: Address, name: str) -> bool:
        """Let a dog in with the certificate that bears ``name``, and with no earlier one.

        Says whether the broker was told. If not, it is told when it is back.
        """
        before = self._take_out(address)
        self._inside = self._inside | {address: name}
        return self._tell(before + admission(address, name))

    def close_to(self, address: Address) -> bool:
        """Let a dog in no more; says whether the broker was told. If not, it is told when it is back."""
        return self._tell(self._take_out(address))

    def tell_broker(self) -> None:
        """Tell a broker that is new to us about everybody; what it knows already, it passes over."""
        if not self.closed:
            return
        commands = [c for name in self._void for c in expulsion(name)]
        commands += [c for address, name in self._inside.items() for c in admission(address, name)]
        for start in range(0, len(commands), MOST_COMMANDS):
            self._tell(commands[start : start + MOST_COMMANDS])

    def _take_out(self, address: Address) -> list[dict[str, Any]]:
        name = self._inside.get(address)
        if name is None:
            return []
        self._inside = {inside: known for inside, known in self._inside.items() if inside != address}
        self._void = self._void | {name}
        return expulsion(name)

    def _tell(self, commands: list[dict[str, Any]]) -> bool:
        return self.closed and self._publish(CONTROL, request(commands), 1, False)
