"""A span of a dog's telemetry, and several spans as one."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

MOST_ERRORS = 200  # characters of their names together, as the table has them


@dataclass(frozen=True, slots=True)
class Sample:
    """As the table has it: see there for units."""

    dog_id: str
    at: int
    watched_s: int = 0
    live_s: int = 0
    battery: float | None = None
    battery_least: float | None = None
    x: float | None = None
    y: float | None = None
    map_id: str | None = None
    walked_m: float = 0.0
    speed_most: float = 0.0
    errors: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a dog is at one second; what it has not said, or is not live to say, is None."""

    live: bool
    battery: float | None = None
    place: tuple[float, float, str] | None = None
    errors: frozenset[str] = frozenset()


@dataclass(slots=True)
class Minute:
    """A minute as it goes on: a look a second."""

    watched_s: int = 0
    live_s: int = 0
    batteries: list[float] = field(default_factory=list)
    place: tuple[float, float, str] | None = None
    walked_m: float = 0.0
    speed_most: float = 0.0
    errors: set[str] = field(default_factory=set)

    def add(self, look: Look, before: tuple[float, float, str] | None, seconds: float) -> None:
        """Take a look in; ``before`` is where it was ``seconds`` ago."""
        self.watched_s += 1
        self.live_s += look.live
        if look.battery is not None:
            self.batteries.append(look.battery)
        self.errors |= look.errors
        if look.place is None:
            return
        self.place = look.place
        if before is not None and before[2] == look.place[2]:
            way = math.dist(before[:2], look.place[:2])
            self.walked_m += way
            if seconds > 0.0:
                self.speed_most = max(self.speed_most, way / seconds)

    def sample(self, dog_id: str, at: int) -> Sample:
        """The minute as it is stored."""
        x, y, map_id = self.place if self.place is not None else (None, None, None)
        return Sample(
            dog_id=dog_id,
            at=at,
            watched_s=self.watched_s,
            live_s=self.live_s,
            battery=round(math.fsum(self.batteries) / len(self.batteries), 2) if self.batteries else None,
            battery_least=min(self.batteries, default=None),
            x=x,
            y=y,
            map_id=map_id,
            walked_m=round(self.walked_m, 2),
            speed_most=round(self.speed_most, 2),
            errors=joined(self.errors),
        )


def joined(errors: Iterable[str]) -> str:
    """Their names in order, as many as there is room for."""
    told = ""
    for name in sorted(errors):
        longer = f"{told},{name}" if told else name
        if len(longer) > MOST_ERRORS:
            break
        told = longer
    return told


def down_sampled(samples: Iterable[Sample], span_s: int) -> list[Sample]:
    """One sample for each dog and each span of ``span_s`` seconds in which there is any; ``samples`` are in the order
    of dogs and times. Nothing of what was walked, watched or told as an error is lost."""
    found = groupby(samples, lambda each: (each.dog_id, each.at - each.at % span_s))
    return [_as_one(dog_id, at, list(group)) for (dog_id, at), group in found]


def _as_one(dog_id: str, at: int, group: Sequence[Sample]) -> Sample:
    charged = [each for each in group if each.battery is not None]
    placed = next((each for each in reversed(group) if each.map_id is not None), None)
    weights = [max(each.live_s, 1) for each in charged]
    told = [each.battery * weight for each, weight in zip(charged, weights, strict=True) if each.battery is not None]
    whole = Sample(
        dog_id=dog_id,
        at=at,
        watched_s=sum(each.watched_s for each in group),
        live_s=sum(each.live_s for each in group),
        battery=round(math.fsum(told) / sum(weights), 2) if charged else None,
        battery_least=min((e.battery_least for e in group if e.battery_least is not None), default=None),
        walked_m=round(math.fsum(each.walked_m for each in group), 2),
        speed_most=max(each.speed_most for each in group),
        errors=joined({name for each in group for name in each.errors.split(",") if name}),
    )
    return whole if placed is None else replace(whole, x=placed.x, y=placed.y, map_id=placed.map_id)
