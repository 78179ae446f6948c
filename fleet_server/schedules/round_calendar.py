"""The coming days: which rounds are due, which dog could walk each, and where dogs or batteries will not suffice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Conflict(StrEnum):
    """Why a round will find no dog."""

    NO_DOG = "noDog"  # none may walk it
    BUSY = "busy"  # all that may are on other rounds
    BATTERY = "battery"  # one is free, and would not come back with its reserve


@dataclass(frozen=True)
class PlannedRound:
    """A round to come; ``uses_pct`` of a dog's charge, ``dogs`` may walk it, any if empty."""

    schedule_id: str
    route_id: str
    starts: datetime
    lasts: timedelta
    uses_pct: float
    dogs: tuple[str, ...] = ()


@dataclass(frozen=True)
class DogForecast:
    """A dog as it is foreseen: free ``since``, with a charge then; at its dock it charges so fast (% an hour)."""

    dog_id: str
    since: datetime
    charge_pct: float
    charges_pct_h: float
    reserve_pct: float

    def charge_at(self, instant: datetime) -> float:
        """The charge if it stands at its dock until then (%)."""
        return min(100.0, self.charge_pct + self.charges_pct_h * max((instant - self.since) / timedelta(hours=1), 0.0))


@dataclass(frozen=True)
class CalendarEntry:
    """A round with the dog that could walk it and what its battery is before and after, or why none can."""

    round: PlannedRound
    dog_id: str | None
    before_pct: float | None
    after_pct: float | None
    conflict: Conflict | None = None
    reason: str | None = None


def round_calendar(rounds: Iterable[PlannedRound], dogs: Sequence[DogForecast]) -> list[CalendarEntry]:
    """Each round in its order given to the free dog that has the most charge left after it, as dispatch does."""
    state = {dog.dog_id: dog for dog in dogs}
    entries = []
    for planned in sorted(rounds, key=lambda each: (each.starts, each.schedule_id)):
        entry = _given(planned, state)
        entries.append(entry)
        if entry.dog_id is not None and entry.after_pct is not None:
            dog, end = state[entry.dog_id], planned.starts + planned.lasts
            state[entry.dog_id] = DogForecast(dog.dog_id, end, entry.after_pct, dog.charges_pct_h, dog.reserve_pct)
    return entries


def _given(planned: PlannedRound, state: dict[str, DogForecast]) -> CalendarEntry:
    may = [dog for name, dog in state.items() if not planned.dogs or name in planned.dogs]
    if not may:
        return _refused(planned, Conflict.NO_DOG, "no dog of this station may walk it")
    free = [dog for dog in may if dog.since <= planned.starts]
    if not free:
        soonest = min(may, key=lambda dog: (dog.since, dog.dog_id))
        return _refused(
            planned, Conflict.BUSY, f"all are on other rounds; {soonest.dog_id} is free at {soonest.since:%H:%MZ}"
        )
    best = max(free, key=lambda dog: (dog.charge_at(planned.starts), dog.dog_id))
    before = best.charge_at(planned.starts)
    after = before - planned.uses_pct
    if after < best.reserve_pct:
        short = f"{best.dog_id} would come back with {after:.0f} %, below its reserve of {best.reserve_pct:.0f} %"
        return _refused(planned, Conflict.BATTERY, short)
    return CalendarEntry(planned, best.dog_id, before, after)


def _refused(planned: PlannedRound, conflict: Conflict, reason: str) -> CalendarEntry:
    return CalendarEntry(planned, None, None, None, conflict, reason)
