"""Schedules and rounds as the API shows and takes them."""

from datetime import date, datetime, time
from typing import Annotated

from pydantic import AwareDatetime, Field, NaiveDatetime, StringConstraints, model_validator

from fleet_server.core.api_schema import Body, DogId, Id, TextBody, TextView, View
from fleet_server.core.versions import version_of
from fleet_server.schedules.due_rounds import RoundStatus
from fleet_server.schedules.missed_rounds import LONGEST_LATE, MissedPolicy
from fleet_server.schedules.tables import RoundRow, ScheduleRow

MOST_LATE_MIN = LONGEST_LATE.total_seconds() / 60
Rule = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=500)]


class MissedBody(Body):
    """What becomes of a round that no dog can begin; ``minutes`` belong to ``late``, and only there."""

    policy: MissedPolicy
    minutes: Annotated[float | None, Field(ge=1, le=MOST_LATE_MIN)] = None

    @model_validator(mode="after")
    def _minutes_are_for_late(self) -> "MissedBody":
        if (self.policy is MissedPolicy.LATE) != (self.minutes is not None):
            raise ValueError("late needs minutes, and no other policy takes them")
        return self


class PromiseBody(Body):
    """Each checkpoint of the route at least ``everyMinutes`` so often, from when the rule says until ``ends``."""

    every_minutes: Annotated[float, Field(ge=6, le=1440)]
    ends: time


class ScheduleBody(Body):
    """A schedule as an operator makes it.

    ``rule`` is a recurrence rule of RFC 5545, ``start`` its first time by the site's own clock, ``butNot`` are days on
    which nothing is due. Without ``promise`` one round is due at each; with it each is the beginning of a window.
    ``dogs`` may walk the rounds, any if empty.
    """

    route_id: Id
    name: TextBody
    rule: Rule
    start: NaiveDatetime
    but_not: Annotated[list[date], Field(max_length=400)] = []
    promise: PromiseBody | None = None
    missed: MissedBody = MissedBody(policy=MissedPolicy.SKIP)
    dogs: Annotated[list[DogId], Field(max_length=100)] = []
    enabled: bool = True


class MissedView(View):
    """What becomes of a round that no dog can begin."""

    policy: MissedPolicy
    minutes: float | None = None


class PromiseView(View):
    """Each checkpoint at least so often, until then."""

    every_minutes: float
    ends: str


class ScheduleView(View):
    """A schedule; ``nextAt`` is when its next round is due."""

    schedule_id: str
    route_id: str
    name: TextView
    rule: str
    start: NaiveDatetime
    but_not: list[date]
    promise: PromiseView | None
    missed: MissedView
    dogs: list[str]
    enabled: bool
    next_at: AwareDatetime | None
    version: str


class RoundView(View):
    """A round that was due: what became of it, and why it waits or was missed."""

    schedule_id: str
    schedule_name: TextView
    route_id: str
    due_at: AwareDatetime
    status: RoundStatus
    reason: str | None
    patrol_id: str | None


def schedule_version(row: ScheduleRow) -> str:
    """Of all that an operator edits."""
    rule = (row.rule, row.start, row.but_not, row.promise_every_s, row.promise_ends)
    return version_of(row.route_id, row.name, *rule, row.missed, row.late_s, row.dogs, row.enabled)


def schedule_view(row: ScheduleRow, next_at: datetime | None) -> ScheduleView:
    """The row as the API shows it."""
    promised = row.promise_every_s is not None and row.promise_ends is not None
    late = row.late_s / 60 if row.missed == MissedPolicy.LATE else None
    return ScheduleView(
        schedule_id=row.schedule_id,
        route_id=row.route_id,
        name=TextView.model_validate(row.name),
        rule=row.rule,
        start=datetime.fromisoformat(row.start),
        but_not=[date.fromisoformat(day) for day in row.but_not],
        promise=PromiseView(every_minutes=(row.promise_every_s or 0) / 60, ends=row.promise_ends or "")
        if promised
        else None,
        missed=MissedView(policy=MissedPolicy(row.missed), minutes=late),
        dogs=row.dogs,
        enabled=row.enabled,
        next_at=next_at,
        version=schedule_version(row),
    )


def round_view(row: RoundRow) -> RoundView:
    """The row as the API shows it."""
    return RoundView(
        schedule_id=row.schedule_id,
        schedule_name=TextView.model_validate(row.schedule_name),
        route_id=row.route_id,
        due_at=row.due_at,
        status=RoundStatus(row.status),
        reason=row.reason,
        patrol_id=row.patrol_id,
    )
