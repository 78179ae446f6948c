"""Which rounds are due, which wait for a dog, and which are missed: asked once a second, and after any pause.

Nothing is forgotten: each round that a schedule asked for becomes one row, begun or missed with a reason, also when the
station slept through it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from fleet_server.schedules.missed_rounds import Patience

LONGEST_SLEEP = timedelta(days=31)  # rounds that were due longer ago are told as one number, not one by one
ASLEEP = "the station was not at work when it was due"


class RoundStatus(StrEnum):
    """WAITING for a dog, BEGUN as a patrol, or MISSED for a reason."""

    WAITING = "WAITING"
    BEGUN = "BEGUN"
    MISSED = "MISSED"


class When(Protocol):
    """When rounds are due: by a rule of the calendar, or as a promise wants them."""

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """All that is due from ``since`` on and before ``until``, in UTC."""
        ...

    def after(self, instant: datetime) -> datetime | None:
        """The first that is due after ``instant``, if any within a year or so."""
        ...


@dataclass(frozen=True)
class Schedule:
    """A route, when, and what is done when nobody can; ``dogs`` may walk it, any if empty."""

    schedule_id: str
    route_id: str
    when: When
    patience: Patience
    dogs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Round:
    """One round that was due; ``reason`` says why it waits or was missed, ``patrol_id`` what it became."""

    schedule_id: str
    due: datetime
    until: datetime
    status: RoundStatus = RoundStatus.WAITING
    reason: str | None = None
    patrol_id: str | None = None


@dataclass(frozen=True)
class Begun:
    """A dog takes the round as this patrol."""

    patrol_id: str


Begin = Callable[[Schedule, Round], Begun | str]  # says why not, where no dog can


def newly_due(schedule: Schedule, looked_until: datetime, now: datetime) -> list[Round]:
    """The rounds that became due after ``looked_until`` and until ``now``; at most a month of them."""
    since = max(looked_until, now - LONGEST_SLEEP) + timedelta(microseconds=1)
    due = schedule.when.between(since, now + timedelta(microseconds=1))
    if not due:
        return []
    following = [*due[1:], schedule.when.after(due[-1])]
    return [
        Round(schedule.schedule_id, each, schedule.patience.until(each, later))
        for each, later in zip(due, following, strict=True)
    ]


def update(
    schedules: Iterable[tuple[Schedule, datetime]], waiting: Iterable[Round], begin: Begin, now: datetime
) -> list[Round]:
    """All rounds that changed: newly due, begun, missed, or refused for another reason than before.

    ``schedules`` come with the moment until which they were looked at; ``waiting`` are the rounds that wait since then.
    The one that is due longest is tried first.
    """
    known = {schedule.schedule_id: schedule for schedule, _ in schedules}
    fresh = [each for schedule, looked in schedules for each in newly_due(schedule, looked, now)]
    before = {(each.schedule_id, each.due): each for each in waiting}
    changed = []
    for each in sorted([*before.values(), *fresh], key=lambda each: (each.due, each.schedule_id)):
        after = _tried(each, known.get(each.schedule_id), begin, now)
        if before.get((each.schedule_id, each.due)) != after:
            changed.append(after)
    return changed


def _tried(each: Round, schedule: Schedule | None, begin: Begin, now: datetime) -> Round:
    if schedule is None:
        return replace(each, status=RoundStatus.MISSED, reason="its schedule is gone")
    if now > each.until:
        return replace(each, status=RoundStatus.MISSED, reason=each.reason or ASLEEP)
    told = begin(schedule, each)
    if isinstance(told, Begun):
        return replace(each, status=RoundStatus.BEGUN, reason=None, patrol_id=told.patrol_id)
    return replace(each, reason=told)
