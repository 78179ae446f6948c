"""What a room below says to those above, without knowing them: a typed event, and whoever listens to its type."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")


class Objection(Exception):
    """Why what an event announces must not be; raised by who listens, before it is done."""


class Events:
    """Listeners by the type of what they listen to. All are named before the server runs; any thread may tell."""

    def __init__(self) -> None:
        self._listeners: dict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Have ``listener`` called with each event of ``kind``."""
        self._listeners[kind].append(listener)

    def tell(self, event: object) -> None:
        """Call all who listen, in the order in which they were named, in this thread and this transaction."""
        for listener in self._listeners.get(type(event), ()):
            listener(event)
