"""Dogs on a patrol graph, one event after another: what a strategy tells them, what becomes of checkpoints.

A checkpoint is visited when a dog arrives. A dog on its way between two checkpoints gets there before it turns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.idleness import Idleness, idleness
from fleet_server.patrolling.patrolling import DogAt, Step

LOOK = 1.0  # s that a dog which is told to stay looks about before it is asked again; its checkpoint is seen once more


class Strategy(Protocol):
    """Tells each standing dog which neighbouring checkpoint is next, and when to leave."""

    def update(
        self, dogs: Mapping[str, DogAt], visits: Sequence[tuple[int, float]], now: float, /
    ) -> Mapping[str, Step]:
        """``visits`` are those since the last call; dogs that are not there are dead or away."""
        ...


@dataclass(frozen=True)
class Absence:
    """A dog that is gone from ``at`` to ``back`` (s); it returns at checkpoint ``returns``, or never (inf)."""

    dog: str
    at: float
    back: float = float("inf")
    returns: int = 0


@dataclass
class _Walker:
    checkpoint: int
    arrives: float
    standing: bool = False


@dataclass
class Run:
    """What happened: visits of checkpoints and their times."""

    places: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def idleness(self, count: int, begin: float, end: float) -> Idleness:
        """Over the time from ``begin`` to ``end`` (s), all checkpoints seen at 0."""
        ages = np.full(count, begin)
        for place, time in zip(self.places, self.times, strict=True):
            if time <= begin:
                ages[place] = begin - time
        later = [(place, time - begin) for place, time in zip(self.places, self.times, strict=True) if time > begin]
        places, times = zip(*later, strict=True) if later else ((), ())
        return idleness(ages, end - begin, np.array(times, dtype=float), np.array(places, dtype=np.int64))


def run(
    graph: PatrolGraph,
    strategy: Strategy,
    starts: Sequence[int],
    seconds: float,
    absences: Sequence[Absence] = (),
    noise: float = 0.0,
    seed: int = 0,
) -> Run:
    """Let dogs ``dog0``... walk from ``starts``; a way takes exp(N(0, noise)) times as long as foreseen."""
    random = np.random.default_rng(seed)
    dogs = {f"dog{number}": _Walker(start, 0.0) for number, start in enumerate(starts)}
    changes = sorted(
        [(each.at, "goes", each) for each in absences] + [(each.back, "comes", each) for each in absences],
        key=lambda c: c[0],
    )
    told = Run()
    news: list[tuple[int, float]] = []
    wake: dict[str, float] = {}
    now = 0.0
    while True:
        while changes and changes[0][0] <= now + 1e-9:
            _, what, absence = changes.pop(0)
            wake.pop(absence.dog, None)
            if what == "goes":
                dogs.pop(absence.dog, None)
            else:
                dogs[absence.dog] = _Walker(absence.returns, now)
        for walker in dogs.values():
            if not walker.standing and walker.arrives <= now + 1e-9:
                walker.standing = True
                told.places.append(walker.checkpoint)
                told.times.append(now)
                news.append((walker.checkpoint, now))
        if now >= seconds:
            return told
        if dogs:
            steps = strategy.update(
                {name: DogAt(w.checkpoint, w.arrives, w.standing) for name, w in dogs.items()}, news, now
            )
            news = []
            for name, walker in dogs.items():
                if not walker.standing:
                    continue
                step = steps[name]
                if step.leave <= now + 1e-6 and step.checkpoint != walker.checkpoint:
                    took = graph.ways[walker.checkpoint][step.checkpoint] * float(np.exp(random.normal(0.0, noise)))
                    dogs[name] = _Walker(step.checkpoint, now + took)
                    wake.pop(name, None)
                else:
                    looks = step.leave <= now + 1e-6
                    wake[name] = now + LOOK if looks else step.leave
                    if looks:
                        dogs[name] = _Walker(walker.checkpoint, now + LOOK)
        times = [w.arrives for w in dogs.values() if not w.standing] + [t for n, t in wake.items() if n in dogs]
        now = min([*times, *(change[0] for change in changes[:1]), seconds])
