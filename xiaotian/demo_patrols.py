"""How a dog of the demo is kept at work: patrols by turns, a rest after each, and the dock when its battery is low."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

REST_S = 12.0  # between two patrols
CHARGE_AFTER = 2  # patrols
CHARGING_S = 60.0  # at the dock, before it is told to be full
DOCKING_S = 240.0  # to get there; then it is given up, and the next patrol comes
AGAIN_S = 20.0  # until a dog that was not sent is tried again
LOW, FULL = 0.15, 0.9  # of the charge


class Want(StrEnum):
    """What is to be done for the dog now."""

    NOTHING = "nothing"
    PATROL = "patrol"
    EMPTY = "empty"
    FILL = "fill"


class _Phase(StrEnum):
    RESTING = "resting"
    WALKING = "walking"
    GOING_HOME = "going home"
    CHARGING = "charging"


@dataclass(frozen=True)
class Seen:
    """How the station shows the dog: does it walk a patrol that has not ended, and does it charge?"""

    on_patrol: bool
    charging: bool


class DemoPatrols:
    """One dog's. ``now`` is in seconds of any clock; who is told PATROL calls ``sent`` or ``refused``."""

    def __init__(self, routes: Sequence[str], now: float, on_patrol: bool) -> None:
        self._routes = tuple(routes)
        self._walked = 1 if on_patrol else 0
        self._turn = 0
        self._phase = _Phase.WALKING if on_patrol else _Phase.RESTING
        self._since = now if on_patrol else now - REST_S

    @property
    def route(self) -> str:
        """The route whose turn it is."""
        return self._routes[self._turn % len(self._routes)]

    def update(self, seen: Seen, now: float) -> Want:
        """What is due."""
        lasted = now - self._since
        match self._phase:
            case _Phase.WALKING:
                if not seen.on_patrol:
                    self._go_on_to(_Phase.RESTING, now)
            case _Phase.RESTING if lasted >= REST_S and self._routes:
                if self._walked >= CHARGE_AFTER:
                    self._walked = 0
                    self._go_on_to(_Phase.GOING_HOME, now)
                    return Want.EMPTY
                return Want.PATROL
            case _Phase.GOING_HOME:
                if seen.charging:
                    self._go_on_to(_Phase.CHARGING, now)
                elif lasted >= DOCKING_S:
                    return self._filled(now)
            case _Phase.CHARGING if lasted >= CHARGING_S:
                return self._filled(now)
        return Want.NOTHING

    def sent(self, now: float) -> None:
        """It walks the route whose turn it was."""
        self._turn, self._walked = self._turn + 1, self._walked + 1
        self._go_on_to(_Phase.WALKING, now)

    def refused(self, now: float) -> None:
        """The station would not send it; it is tried again."""
        self._since = now - REST_S + AGAIN_S

    def _filled(self, now: float) -> Want:
        self._go_on_to(_Phase.RESTING, now)
        return Want.FILL

    def _go_on_to(self, phase: _Phase, now: float) -> None:
        self._phase, self._since = phase, now
