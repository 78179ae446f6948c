"""'Each of these is seen at least every 40 minutes from 22:00 to 06:00': what it asks for, and what was kept of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from fleet_server.schedules.recurrence import Misruled, Recurrence, next_local

SLACK = 0.1  # of ``every``: rounds begin so much sooner than they must, for dogs that wait at a door
MOST_DOGS = 50
MOMENT_S = 5e-7  # times are whole microseconds: what differs by less is the same


@dataclass(frozen=True)
class Window:
    """From ``start`` to ``end``, in UTC; longer or shorter by an hour in the two nights of clock changes."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Breach:
    """A checkpoint that was not seen for longer than promised: when it was due, when it was seen again (or the end)."""

    checkpoint: str
    due: datetime
    seen: datetime


@dataclass(frozen=True)
class Promise:
    """Each of ``checkpoints`` at least ``every`` so often, from when ``begins`` says until the clock shows ``ends``."""

    checkpoints: tuple[str, ...]
    every: timedelta
    begins: Recurrence
    ends: time

    def __post_init__(self) -> None:
        if not self.checkpoints:
            raise Misruled("a promise without checkpoints promises nothing")
        if self.every < timedelta(minutes=1):
            raise Misruled("no dog sees a checkpoint more often than once a minute")

    def windows(self, since: datetime, until: datetime) -> list[Window]:
        """All windows of which some part lies in between, in order."""
        begins = self.begins.between(since - timedelta(days=2), until)
        windows = [Window(begin, next_local(begin, self.ends, self.begins.zone)) for begin in begins]
        return [window for window in windows if window.end > since]

    def rounds(self, window: Window) -> list[datetime]:
        """When one dog, or one team, has to begin its rounds so that the promise is kept with some slack.

        Each round passes each checkpoint at the same time after its beginning: as far apart as the rounds are.
        """
        apart = self.every * (1 - SLACK)
        count = -((window.start - window.end) // apart)
        return [window.start + number * apart for number in range(count)]

    def breaches(
        self, window: Window, visits: Mapping[str, NDArray[np.float64]], since: datetime, now: datetime
    ) -> list[Breach]:
        """What was not kept until ``now``; the first visit of each is due ``every`` after the beginning.

        ``visits`` are seconds after ``since``, in order: a month has tens of thousands, and few end a breach.
        """
        begin, end = ((at - since).total_seconds() for at in (window.start, min(window.end, now)))
        most = self.every.total_seconds() + MOMENT_S
        found = []
        for checkpoint in self.checkpoints:
            times = visits.get(checkpoint, np.empty(0))
            inside = times[np.searchsorted(times, begin) : np.searchsorted(times, end)]
            seen = np.concatenate([[begin], inside, [end]])
            for each in np.flatnonzero(np.diff(seen) > most).tolist():
                last, visit = (since + timedelta(seconds=at) for at in seen[each : each + 2].tolist())
                found.append(Breach(checkpoint, last + self.every, visit))
        return sorted(found, key=lambda breach: (breach.due, breach.checkpoint))


def dogs_needed(every: timedelta, longest_wait: Callable[[int], float]) -> int | None:
    """The fewest dogs with which no checkpoint waits longer than ``every`` less some slack; None where not even 50 do.

    ``longest_wait(dogs)`` is what the best known rota of so many dogs leaves at most (s).
    """
    allowed = every.total_seconds() * (1 - SLACK)
    return next((dogs for dogs in range(1, MOST_DOGS + 1) if longest_wait(dogs) <= allowed), None)


@dataclass(frozen=True)
class PromisedRounds:
    """The rounds that keep a promise, as a rule of when they are due."""

    promise: Promise

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """All that is due from ``since`` on and before ``until``, in UTC."""
        windows = self.promise.windows(since, until)
        return sorted({each for window in windows for each in self.promise.rounds(window) if since <= each < until})

    def after(self, instant: datetime) -> datetime | None:
        """The first that is due after ``instant``."""
        begin = instant + timedelta(microseconds=1)
        following = self.promise.begins.after(instant)
        running = self.between(begin, following or begin + timedelta(days=2))
        return running[0] if running else following
