"""A legged dog of the engine that finds its own way by edge's navigation: no ROS, no camera, no wall clock."""

import math
from collections.abc import Sequence
from pathlib import Path

from edge.navigation.navigator import Goal, NavigatorConfig, Status
from edge.navigation.site_map import site_map_in
from edge.types import Imu, Odometry, Pose2D, Scan, Twist2D
from protocol.site_folder import read_site
from sim.engine.dog_bodies import CONTROL_S, body_pose
from sim.engine.simulation import DogPlan, Simulation
from sim.engine.transforms import roll_pitch_yaw
from tests.edge.navigation.closed_loop import Loop

DOG = "dog1"


class Body:
    """The engine's dog with the face of tests.edge.navigation.world.World."""

    def __init__(self, world: Path, at: Pose2D, seed: int = 0) -> None:
        self.sim = Simulation(world, [DogPlan(DOG, at.x, at.y, at.theta)], seed, pictures=False)
        self.dog = self.sim.dogs[DOG]
        self._owed = 0.0
        self.highest = 0.0

    @property
    def pose(self) -> Pose2D:
        return Pose2D(*self.dog.place(self.sim.data))

    @property
    def now(self) -> float:
        return self.sim.now

    def move(self, command: Twist2D, dt: float) -> None:
        self._owed += dt
        while self._owed > CONTROL_S - 1e-9:
            self._owed -= CONTROL_S
            self.dog.command((command.vx, command.vy, command.omega), self.sim.now)
            self.sim.step()
            self.highest = max(self.highest, float(self.sim.data.xpos[self.dog.body.root][2]) - 0.38)

    def lean(self) -> Imu:
        roll, pitch, _ = roll_pitch_yaw(body_pose(self.sim.data, self.dog.body.root))
        return Imu(roll, pitch, self.dog.legs.odometry().velocity[2], self.now)

    def odometry(self) -> Odometry:
        told = self.dog.legs.odometry()
        return Odometry(Pose2D(told.x, told.y, told.theta), Twist2D(*told.velocity), self.now)

    def scan(self) -> Scan:
        turn = self.dog.lidar.measure(self.sim.data)
        return Scan(turn.angle_min, turn.angle_increment, turn.range_min, turn.range_max, turn.ranges, self.now)

    def clearance(self) -> float:
        return math.inf


def walk(site: Path, start_at: str, stops: Sequence[str], patience_s: float = 240.0) -> Loop:
    """Walk from a dock or checkpoint by others; the Loop tells how it went. Fails where one is not reached."""
    described, _ = read_site(site)
    places = {d.dock_id: d.pose for d in described.docks} | {c.checkpoint_id: c.pose for c in described.checkpoints}
    ground = site_map_in(site)
    start = places[start_at]
    body = Body(site / "world.sdf", Pose2D(start.x, start.y, start.theta))
    loop = Loop(body, ground.grid, list(ground.zones), NavigatorConfig())  # type: ignore[arg-type]
    for stop in stops:
        goal = places[stop]
        progress = loop.go(Goal(Pose2D(goal.x, goal.y, goal.theta)), patience_s)
        assert progress.status is Status.REACHED, (stop, progress, body.pose)
    return loop
