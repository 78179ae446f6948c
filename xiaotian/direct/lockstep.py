"""World and dogs, step by step: the world moves on, each dog is told what it senses, and its legs hear its answer."""

import hashlib
from collections.abc import Mapping
from typing import Any

from edge.dog.dog import Dog, Inputs, Outputs
from protocol.codec import encode
from sim.engine.simulation import Simulation
from xiaotian.direct.sensor_conversion import Senses

Wish = dict[str, Any]  # fields of Inputs that are no sensor's: events, goal, cancel, place, emergency_stop


class Lockstep:
    """``dogs`` by the names that they have in ``sim``. ``points`` False spares the cost of clouds."""

    def __init__(self, sim: Simulation, dogs: Mapping[str, Dog], points: bool = True) -> None:
        self.sim, self.dogs = sim, dict(dogs)
        self._senses = {
            name: Senses(sim, name, turn, points, self.dogs[name].perception is not None)
            for turn, name in enumerate(sim.dogs)
        }
        self._said = hashlib.sha256()

    @property
    def digest(self) -> str:
        """Of where everything was in each step and what each dog did: runs that have the same were the same."""
        return hashlib.sha256((self.sim.trace + self._said.hexdigest()).encode()).hexdigest()

    def step(self, wishes: Mapping[str, Wish] | None = None) -> dict[str, Outputs]:
        """Move on by the simulator's CONTROL_S."""
        self.sim.step()
        return {name: self._think(name, (wishes or {}).get(name, {})) for name in self.dogs}

    def _think(self, name: str, wish: Wish) -> Outputs:
        out = self.dogs[name].update(Inputs(**self._senses[name].read(), **wish), self.sim.now)
        if out.command is not None:
            command = out.command
            self.sim.dogs[name].command((command.vx, command.vy, command.omega), self.sim.now)
        pose = out.estimate.pose if out.estimate else None
        self._said.update(repr((name, out.command, pose, out.progress.status, out.progress.reason)).encode())
        if out.told is not None:
            self._said.update(encode(out.told.state))
        for sighted in out.sighted:
            self._said.update(repr((sighted.anomaly_id, sighted.alert)).encode())
        return out
