"""When in the demo something happens, and what: one thing after another, by chance, each in one of its variants."""

import random
from collections import Counter
from collections.abc import Sequence

from xiaotian.demo_plan import Cue, Variant

EVERY_S = (75.0, 180.0)  # from the end of one to the beginning of the next, at least and at most


class DemoEvents:
    """``now`` is in seconds since the demo began."""

    def __init__(self, variants: Sequence[Variant], rng: random.Random, now: float = 0.0) -> None:
        self._first = [variant for variant in variants if variant.of.first]
        self._others = [variant for variant in variants if not variant.of.first]
        self._rng = rng
        self._due: list[Cue] = []  # in seconds of the demo
        self._next = now + self._pause()
        self._last = ""
        self._came: Counter[str] = Counter()

    def begin_first(self, now: float) -> list[str]:
        """What waits for the first incident begins; the names of it."""
        begun, self._first = self._first, []
        for variant in begun:
            self._begin(variant, now)
        return [variant.of.name for variant in begun]

    def update(self, now: float) -> tuple[list[int], str]:
        """The entries of the script that are due, and the name of what begins now, or nothing."""
        begun = ""
        if now >= self._next and (variant := self._choose(now)) is not None:
            begun = self._last = variant.of.name
            self._begin(variant, now)
            self._next = max(cue.at for cue in self._due) + self._pause()
        due = sorted((cue for cue in self._due if cue.at <= now), key=lambda cue: cue.at)
        self._due = [cue for cue in self._due if cue.at > now]
        return [cue.entry for cue in due], begun

    def _choose(self, now: float) -> Variant | None:
        """One of those whose time has come, at random of what came least often, and not twice the same."""
        names = sorted({variant.of.name for variant in self._others if variant.of.after <= now})
        others = [name for name in names if name != self._last] or names
        if not others:
            return None
        least = min(self._came[name] for name in others)
        name = self._rng.choice([name for name in others if self._came[name] == least])
        self._came[name] += 1
        return self._rng.choice([variant for variant in self._others if variant.of.name == name])

    def _begin(self, variant: Variant, now: float) -> None:
        self._due += [Cue(now + cue.at, cue.entry) for cue in variant.cues]

    def _pause(self) -> float:
        return self._rng.uniform(*EVERY_S)
