"""A trial: dogs at their places in a world, what happens there, goals to walk to, and what came of it.

trial = Trial("station_yard", {"dog1": (5.0, 4.0, 0.0)}, script=[...], seed=7)
trial.go("dog1", 20.0, 4.0)
happened = trial.run(120.0)["dog1"]
assert happened.arrived and not happened.own_contacts
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from edge.dog.dog import Dog, DogConfig, Outputs
from edge.navigation.navigator import Goal, Progress, Status
from edge.types import Pose2D
from sim.engine.script import check
from sim.engine.simulation import DogPlan, Make, Simulation
from xiaotian.direct.lockstep import Lockstep, Wish
from xiaotian.direct.observer import Account, Contact, Observer
from xiaotian.direct.parameters import configured
from xiaotian.direct.trial_site import TrialSite, site

Place = tuple[float, float, float]  # metres, metres, radians


@dataclass(frozen=True)
class Happened:
    """What came of one dog's walks. Metres and seconds; ``account`` has its path and the rest."""

    arrived: bool
    reason: str  # why it did not arrive; empty where it did
    seconds: float  # until its goal ended, or the time was up
    account: Account
    ended: Progress | None

    @property
    def contacts(self) -> list[Contact]:
        """All of them, whoever's motion it was."""
        return self.account.contacts

    @property
    def own_contacts(self) -> list[Contact]:
        """Those by the dog's own motion."""
        return self.account.own_contacts

    @property
    def walked(self) -> float:
        """The way that it truly went."""
        return self.account.walked


class Trial:
    """The same site, dogs, script, seed and goals give the same, to the last bit: `digest` proves it.

    ``script`` is the simulator's (docs/simulation.md): a list of plain entries. ``start``: where a dog believes to be
    is where it is, unless ``told`` is False: then it has to find itself. ``make`` may be one for each dog, by name.
    """

    def __init__(
        self,
        where: str | Path = "station_yard",
        dogs: Mapping[str, Place] | None = None,
        script: Sequence[Mapping[str, Any]] = (),
        seed: int = 0,
        make: Make | Mapping[str, Make] = Make.LIGHT,
        config: DogConfig | None = None,
        points: bool = True,
        told: bool = True,
    ) -> None:
        self.site: TrialSite = site(where)
        places = dict(dogs or {"dog1": (5.0, 4.0, 0.0)})
        makes = make if isinstance(make, Mapping) else dict.fromkeys(places, make)
        plans = [DogPlan(name, *place, makes[name]) for name, place in places.items()]
        happenings = check([dict(entry) for entry in script])
        self.sim = Simulation(self.site.world, plans, seed=seed, pictures=False, script=happenings)
        config = config or DogConfig(height_map=configured()[0].height_map)
        config = replace(config, safety=replace(config.safety, has_points=points))
        minds = {
            name: Dog(self.site.ground, Pose2D(*place) if told else None, config, seed + 1000 * n, self.site.field)
            for n, (name, place) in enumerate(places.items())
        }
        self.lockstep = Lockstep(self.sim, minds, points)
        self.observer = Observer(self.sim)
        self.last: dict[str, Outputs] = {}
        self._wishes: dict[str, Wish] = {}
        self._under_way: set[str] = set()
        self._ended: dict[str, tuple[float, Progress]] = {}

    def __enter__(self) -> "Trial":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the world."""
        self.sim.close()

    @property
    def digest(self) -> str:
        """Two trials that have the same were the same."""
        return self.lockstep.digest

    @property
    def under_way(self) -> frozenset[str]:
        """The dogs whose goals have not ended."""
        return frozenset(self._under_way)

    def go(self, name: str, x: float, y: float, theta: float = math.nan, speed: float = math.inf) -> None:
        """Send a dog to a place on the map, with the next step; ``theta`` NaN leaves the final heading to it."""
        self._wishes[name] = {"goal": Goal(Pose2D(x, y, theta), speed)}
        self._under_way.add(name)
        self._ended.pop(name, None)

    def step(self) -> dict[str, Outputs]:
        """One step of CONTROL_S."""
        wishes, self._wishes = self._wishes, {}
        self.last = self.lockstep.step(wishes)
        self.observer.look()
        for name, out in self.last.items():
            if out.ended is not None and name in self._under_way:
                self._under_way.discard(name)
                self._ended[name] = (self.sim.elapsed, out.ended)
        return self.last

    def run(self, seconds: float, to_the_end: bool = False) -> dict[str, Happened]:
        """Go on until all goals have ended (or, ``to_the_end``, until the time is up); what happened to each dog."""
        until = self.sim.elapsed + seconds
        while self.sim.elapsed < until - 1e-6 and (to_the_end or self._under_way or self._wishes):
            self.step()
        return {name: self._happened(name) for name in self.sim.dogs}

    def _happened(self, name: str) -> Happened:
        at, ended = self._ended.get(name, (self.sim.elapsed, None))
        arrived = ended is not None and ended.status is Status.REACHED
        progress = ended or (self.last[name].progress if self.last else None)
        reason = ""
        if not arrived:
            said = f"{progress.failure or progress.status}: {progress.reason}" if progress else "never sent"
            reason = said if ended else f"the time was up ({said})"
        return Happened(arrived, reason, round(at, 2), self.observer.accounts[name], ended)
