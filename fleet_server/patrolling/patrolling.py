"""The strategy: which dog goes to which checkpoint next, whatever becomes of the dogs.

Whenever dogs come or go it plans anew: all rotas worth a look, each begun in several ways from where the dogs are and
from what was seen when, are compared by the idleness that is foreseen; the best are bettered by detours on the way into
them. The evenly spaced cycle is always among them, so what is chosen is never foreseen to be worse than that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fleet_server.patrolling.choice import Effort, Rotation, choose, weighed
from fleet_server.patrolling.deployment import Standing, Way
from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.rota import Rota, Team
from fleet_server.patrolling.rota_search import rotas
from fleet_server.patrolling.tour import shortest_tour

KICKS = (
    200  # restarts of the search for the one round: all of 5 seeds found the best known on the benchmark's four maps
)
LATE = 0.5  # of the spacing: a dog that is further from its place in its team makes the plan void


class DogAt(NamedTuple):
    """Where a dog is since ``arrives`` and asks, or (not ``standing``) will be next and when, as foreseen (s)."""

    checkpoint: int
    arrives: float
    standing: bool


class Step(NamedTuple):
    """Which neighbouring checkpoint is next, and when to leave for it (s): at once if that is past."""

    checkpoint: int
    leave: float


@dataclass
class _Walking:
    """What one dog has before it: the way into its place, then round after round from ``step`` on."""

    way: Way
    began: float  # s: the moment that the way counts from
    target: int
    due: float  # s: when the target is to be reached
    before: int = -1  # the target before
    late: float = 0.0  # s behind the plan, as far as is known; less than 0 is early
    passed: int = 0  # of the lead-in, then of the walk

    def reports(self, dog: DogAt, now: float) -> None:
        """Take note of when the dog came to its target, or will."""
        if dog.checkpoint == self.target:
            self.late = (dog.arrives if dog.standing else max(dog.arrives, now)) - self.due

    def advance(self) -> None:
        """Take the next checkpoint as the target."""
        places, times = self.way.lead_in
        self.before = self.target
        if self.passed < len(places):
            self.target, self.due = places[self.passed], self.began + times[self.passed]
        else:
            team, (step, joined) = self.way.place.team, self.way.joins
            lap, at = divmod(self.passed - len(places) + step + 1, len(team.walk))
            self.target = int(team.walk[at])
            self.due = self.began + joined + lap * team.round + float(team.starts[at] - team.starts[step])
        self.passed += 1


@dataclass
class Patrolling:
    """Rounds for several dogs on one graph; pure, the same calls give the same answers."""

    graph: PatrolGraph
    effort: Effort = field(default_factory=Effort)
    seed: int = 0
    begun: float = 0.0  # s: when all checkpoints count as seen
    rotations: dict[int, list[Rotation]] = field(default_factory=dict)  # by number of dogs: made once, kept
    _seen: NDArray[np.float64] = field(init=False)
    _walking: dict[str, _Walking] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._seen = np.full(len(self.graph), self.begun)

    @cached_property
    def tour(self) -> tuple[int, ...]:
        """A shortest round through all checkpoints, as far as was found."""
        random = np.random.default_rng(self.seed)
        return tuple(shortest_tour(self.graph.seconds, range(len(self.graph)), random, self.effort.kicks))

    def update(self, dogs: Mapping[str, DogAt], visits: Sequence[tuple[int, float]], now: float) -> dict[str, Step]:
        """The next step of each standing dog; ``visits`` are (checkpoint, time) since the last call.

        Dogs that are dead, called away or not to be had are left out; those that come back are there again. A dog on
        its way gets there before it turns.
        """
        for checkpoint, time in visits:
            self._seen[checkpoint] = max(self._seen[checkpoint], time)
        if len(self.graph) == 1:
            return {name: Step(0, now) for name, dog in dogs.items() if dog.standing}
        for name, dog in dogs.items():
            if name in self._walking:
                self._walking[name].reports(dog, now)
        if set(dogs) != set(self._walking) or self._is_void(dogs, now):
            self._plan(dogs, now)
        return {name: self._step(self._walking[name], dog) for name, dog in dogs.items() if dog.standing}

    def _step(self, walking: _Walking, dog: DogAt) -> Step:
        if dog.checkpoint == walking.target:
            walking.advance()
        took = self.graph.rows[dog.checkpoint][walking.target]
        return Step(walking.target, walking.due + self._team_late(walking) - took)

    def _team_late(self, walking: _Walking) -> float:
        """How far the whole team is behind its plan (s): who is not, waits for the others and keeps the spacing."""
        team = walking.way.place.team
        late = [other.late for other in self._walking.values() if other.way.place.team is team]
        return sum(late) / len(late)

    def _is_void(self, dogs: Mapping[str, DogAt], now: float) -> bool:
        """Whether a dog is elsewhere than planned, or so early or late that other places suit better."""
        for name, dog in dogs.items():
            walking = self._walking[name]
            spacing = walking.way.place.team.spacing
            if dog.checkpoint not in (walking.target, walking.before):
                return True
            apart = abs(walking.late - self._team_late(walking))
            if apart > LATE * spacing and now > walking.began + 2 * spacing:
                return True
        return False

    def _plan(self, dogs: Mapping[str, DogAt], now: float) -> None:
        if not dogs:
            self._walking = {}
            return
        if len(dogs) not in self.rotations:
            self.rotations[len(dogs)] = weighed(self._rotas_for(len(dogs)))
        standing = [Standing(dog.checkpoint, max(dog.arrives - now, 0.0)) for dog in dogs.values()]
        random = np.random.default_rng([self.seed, len(dogs)])
        ages = now - self._seen
        chosen = choose(self.graph, self.rotations[len(dogs)], standing, ages, self.effort, random)
        self._walking = {
            name: _Walking(way, now, target=dog.checkpoint, due=max(dog.arrives, now))
            for (name, dog), way in zip(dogs.items(), chosen.ways, strict=True)
        }

    def _rotas_for(self, dogs: int) -> list[Rota]:
        random = np.random.default_rng([self.seed, dogs])
        return rotas(Team(self.graph, self.tour, dogs), random, self.effort.steps)
