"""A dog of the simulator that somebody drives with closed eyes: a command that never changes, and the gate between."""

import math
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from edge.dog.periodic import Periodic
from edge.dog.safety_core import PERIOD, SafetyCore
from edge.navigation.safety_gate import SafetyConfig, Verdict
from edge.types import Pose2D, PoseEstimate, Twist2D
from sim.engine.dog_bodies import body_pose
from sim.engine.script import check
from sim.engine.simulation import DogPlan, Make, Simulation
from xiaotian.direct.observer import Observer
from xiaotian.direct.sensor_conversion import Senses

DOG = "dog1"
Place = tuple[float, float, float]


class GateWalk:
    """``dogs`` may name more than the one that walks; they stand still."""

    def __init__(
        self,
        world: Path,
        start: Place,
        script: Sequence[dict[str, Any]] = (),
        seed: int = 0,
        make: Make = Make.LEGGED,
        others: Sequence[Place] = (),
        config: SafetyConfig | None = None,
    ) -> None:
        plans = [DogPlan(DOG, *start, make)]
        plans += [DogPlan(f"dog{n + 2}", *place, Make.LIGHT) for n, place in enumerate(others)]
        self.sim = Simulation(world, plans, seed=seed, pictures=False, script=check([dict(s) for s in script]))
        self.sim.dogs[DOG].body.stand(self.sim.data, *start)  # on whatever is there
        self.core = SafetyCore(config or SafetyConfig(has_points=True))
        self.observer = Observer(self.sim)
        self.verdicts: list[Verdict] = []
        self.way: list[tuple[float, Place, Verdict]] = []
        self._senses = Senses(self.sim, DOG, 0)
        self._due = Periodic(PERIOD)

    def __enter__(self) -> "GateWalk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sim.close()

    @property
    def place(self) -> Place:
        return self.sim.dogs[DOG].place(self.sim.data)

    @property
    def height(self) -> float:
        """Metres of the body's middle above the ground's zero."""
        return float(self.sim.data.xpos[self.sim.dogs[DOG].body.root][2])

    @property
    def account(self):  # type: ignore[no-untyped-def]
        return self.observer.accounts[DOG]

    def walk(self, command: Twist2D, seconds: float) -> None:
        """Wish for ``command`` all the time."""
        until = self.sim.now + seconds
        while self.sim.now < until - 1e-6:
            self.sim.step()
            self.observer.look()
            self._sense(command)

    def footprint_leans(self) -> float:
        """Radians that the body leans."""
        up = float(body_pose(self.sim.data, self.sim.dogs[DOG].body.root)[2, 2])
        return math.acos(max(-1.0, min(1.0, up)))

    def _sense(self, command: Twist2D) -> None:
        now, core, said = self.sim.now, self.core, self._senses.read()
        if "imu" in said:
            core.take_imu(said["imu"])
        if "odometry" in said:
            core.take_odometry(said["odometry"])
            core.take_pose(PoseEstimate(Pose2D(*self.place), np.eye(3) * 1e-3, 1.0, now))
        if "cloud" in said:
            core.take_cloud(said["cloud"])
        if "scan" in said:
            core.take_scan(said["scan"])
        if self._due.is_due(now):
            core.take_command(command, now)
            verdict, _ = core.update(now, now)
            self.verdicts.append(verdict)
            self.way.append((now, self.place, verdict))
            passed = verdict.command
            self.sim.dogs[DOG].command((passed.vx, passed.vy, passed.omega), now)
