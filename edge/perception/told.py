"""What has been told of in a patrol: a thing that is lost and found again is told of no second time."""

import math

from edge.perception.person_location import Located

DEVIATIONS = 2.0
"""So many deviations of both places more than its size a thing may be told elsewhere and be the same."""


class Told:
    """Places of things of one kind, which are the same within ``metres``."""

    def __init__(self, metres: float) -> None:
        self._metres = metres
        self._places: list[Located] = []

    def is_known(self, place: Located) -> bool:
        """Whether a thing at ``place`` has been told of."""
        return any(self._is_same(known, place) for known in self._places)

    def add(self, place: Located) -> None:
        """A thing at ``place`` is told of now."""
        self._places.append(place)

    def _is_same(self, a: Located, b: Located) -> bool:
        spread = DEVIATIONS * math.hypot(a.deviation, b.deviation)
        return math.hypot(a.x - b.x, a.y - b.y) <= self._metres + spread
