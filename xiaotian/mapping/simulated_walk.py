"""A walk through a simulated site that has no map yet: somebody leads the dog, who sees where it is; it is recorded.

The one who leads it knows the site as one knows a yard that one stands in: the ways between the places to be seen are
planned on the world's own drawing. The dog knows nothing of it, and the recording has what its drivers say alone.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.navigation.maps import Frame, OccupancyGrid, Terrain, occupancy_grid, terrain
from edge.navigation.planning import CostMap, Plan, PlanningConfig, cost_map, nearest_free, plan
from protocol.site_folder import read_site
from sim.engine.dog_bodies import CONTROL_S
from sim.engine.script import Sensor, check
from sim.engine.sdf import read_world
from sim.engine.simulation import DogPlan, Make, Simulation
from sim.occupancy_map import FREE, OCCUPIED, draw
from sim.topics import IMU, ODOM, POINTS, SCAN, Topic
from xiaotian.direct.trial_site import WORLDS, names
from xiaotian.mapping.sensor_messages import imu_message, odometry_message, points_message, scan_message
from xiaotian.ros_bag import Bag

DOG = "dog1"
AHEAD = 0.8  # m along the way: the point that the dog is led to
TURN_GAIN, TURN_MOST = 1.8, 1.0  # rad/s for a radian off, and at most
ARRIVED = 0.35  # m
ROOM = 1.3  # m: a person nearer than that before the dog is waited for ...
PATIENCE, ASIDE = 4.0, 0.35  # s: ... so long, then the dog is led round him; m/s
POINTS_EVERY = 5  # turns of the 3-D lidar, of which one is recorded: a map needs no more
TELL_S = 10.0  # simulated seconds from line to line of progress
CLEAR = 5.0  # m about the start in which nobody begins
SLIP_OF_ONE = 0.6  # sim.engine.sensor_faults: what a strength of 1 does
STAND_S = 2.0  # s of standing before the walk and after it

Place = tuple[float, float]
Path2D = NDArray[np.float64]


class NoWalk(ValueError):
    """The way that was asked for cannot be walked; the text says why."""


@dataclass(frozen=True)
class Walked:
    """What was truly done. ``truth`` (n, 4): t (the recording's clock), x, y, theta on the world, 10 a second."""

    truth: NDArray[np.float64]
    metres: float
    seconds: float
    missed: int  # places that could not be got to

    @property
    def begin(self) -> tuple[float, float, float]:
        """Where the dog truly was at the first scan."""
        x, y, theta = (float(value) for value in self.truth[0, 1:])
        return x, y, theta


@dataclass(frozen=True)
class WalkPlan:
    """A world, and the ways to be walked in it, the first from ``start``."""

    world: Path
    start: tuple[float, float, float]
    ways: list[Path2D]

    def people(self, count: int, random: np.random.Generator) -> list[dict[str, Any]]:
        """A script in which so many people walk up and down where the dog will come, for as long as it walks."""
        entries: list[dict[str, Any]] = []
        along = np.vstack(self.ways)
        far = along[np.hypot(along[:, 0] - self.start[0], along[:, 1] - self.start[1]) > CLEAR]
        for number in range(count if len(far) > 40 else 0):
            first = int(random.integers(0, len(far) - 30))
            stretch = _together(far[first : first + int(random.integers(30, 150))])[::15]
            points = [{"x": round(float(x), 2), "y": round(float(y), 2)} for x, y in stretch]
            way = points + points[-2:0:-1] if len(points) > 1 else points
            entries.append({"at": 0.0, "do": "person", "name": f"walker_{number}", "way": way, "then": "repeat"})
        return entries

    def slip(self, share: float) -> dict[str, Any]:
        """An entry by which the legs believe to get farther than they do, by this share."""
        strength = share / SLIP_OF_ONE
        return {"at": 0.0, "do": "sensor", "dog": DOG, "sensor": "odom", "fault": "slip", "strength": strength}


def plan_of(site: str, start: tuple[float, ...] | None = None, places: Sequence[tuple[float, ...]] = ()) -> WalkPlan:
    """The walk round a site (a folder, or the name of one of ours); raises NoWalk, MalformedSite or MalformedWorld.

    Without ``places`` it leads to all the checkpoints and before the docks; without ``start`` from the first one.
    """
    folder = Path(site) if Path(site).is_dir() else WORLDS / site
    world = folder / "world.sdf"
    if not world.is_file():
        raise NoWalk(f"{site}: no world.sdf; ours are {', '.join(names())}")
    to = [(place[0], place[1]) for place in places]
    if not to or start is None:
        file = read_site(folder)[0]
        checkpoints = [each.pose for each in file.checkpoints]
        docks = [(at.x + math.cos(at.theta), at.y + math.sin(at.theta)) for at in (dock.pose for dock in file.docks)]
        if not checkpoints:
            raise NoWalk(f"{folder}: no checkpoints to walk to; say --start and --through")
        if start is None:
            start = next((at.x, at.y, at.theta) for at in checkpoints)
        to = to or [(at.x, at.y) for at in checkpoints] + docks
    x, y, theta = start
    return WalkPlan(world, (x, y, theta), round_of(world, (x, y), [each for each in to if math.dist(each, (x, y)) > 1]))


def round_of(world: Path, start: Place, places: Sequence[Place]) -> list[Path2D]:
    """The ways from ``start`` to all ``places``, the nearest first, and back; raises NoWalk."""
    ground = cost_map(_seen(world), PlanningConfig())
    if nearest_free(ground, start) is None:
        raise NoWalk(f"the walk cannot begin at x {start[0]:.1f}, y {start[1]:.1f}: something stands there")
    ways: list[Path2D] = []
    left, here = list(places), start
    while left:
        left.sort(key=lambda place: math.dist(place, here))
        found = _way(ground, here, left.pop(0))
        if found is not None:
            ways.append(found)
            here = (float(found[-1, 0]), float(found[-1, 1]))
    if not ways:
        raise NoWalk("no place of the walk can be got to from its start")
    back = _way(ground, here, start)
    return ways if back is None else [*ways, back]


def record(
    world: Path,
    out: Path,
    start: tuple[float, float, float],
    ways: Sequence[Path2D],
    script: Sequence[dict[str, Any]] = (),
    seed: int = 0,
    speed: float = 0.8,
    points: bool = True,
    make: Make = Make.LIGHT,
    tell: Callable[[str], None] | None = None,
) -> Walked:
    """Lead a dog along ``ways`` (each (n, 2), metres on the world) and write what its sensors say to ``out``."""
    happenings = check([dict(entry) for entry in script])
    sim = Simulation(world, [DogPlan(DOG, *start, make)], seed=seed, start=1000.0, pictures=False, script=happenings)
    try:
        with Bag(out) as bag:
            return _Leading(sim, bag, ways, speed, points, tell or str).all()
    finally:
        sim.close()


class _Leading:
    def __init__(
        self,
        sim: Simulation,
        bag: Bag,
        ways: Sequence[Path2D],
        speed: float,
        points: bool,
        tell: Callable[[str], object],
    ) -> None:
        self._sim, self._bag, self._ways, self._speed = sim, bag, ways, speed
        self._points, self._tell = points, tell
        self._truth: list[tuple[float, float, float, float]] = []
        self._waited = 0.0
        self._done = 0.0
        self._metres = sum(float(np.hypot(*np.diff(way, axis=0).T).sum()) for way in ways)

    def all(self) -> Walked:
        missed = 0
        self._stand()
        for way in self._ways:
            missed += not self._along(way)
        self._stand()
        truth = np.array(self._truth)
        walked = float(np.hypot(*np.diff(truth[:, 1:3], axis=0).T).sum())
        return Walked(truth, walked, self._sim.elapsed, missed)

    def _stand(self) -> None:
        for _ in range(round(STAND_S / CONTROL_S)):
            self._step((0.0, 0.0, 0.0))

    def _along(self, way: Path2D) -> bool:
        """Walk one way to its end; False where something held the dog for too long."""
        length = float(np.hypot(*np.diff(way, axis=0).T).sum())
        until = self._sim.elapsed + 20.0 + 3.0 * length / self._speed
        at = 0
        while self._sim.elapsed < until:
            x, y, theta = self._sim.dogs[DOG].place(self._sim.data)
            near = way[at : at + 40]
            at += int(np.argmin(np.hypot(near[:, 0] - x, near[:, 1] - y)))
            if math.dist(way[-1], (x, y)) < ARRIVED:
                self._done += length
                return True
            self._step(self._command(way[at:], x, y, theta))
        self._done += length
        return False

    def _command(self, way: Path2D, x: float, y: float, theta: float) -> tuple[float, float, float]:
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
        to = way[min(int(np.searchsorted(along, AHEAD)), len(way) - 1)]
        off = math.remainder(math.atan2(to[1] - y, to[0] - x) - theta, math.tau)
        turn = max(-TURN_MOST, min(TURN_MOST, TURN_GAIN * off))
        aside = self._somebody_ahead(x, y, theta)
        if aside is not None:
            self._waited += CONTROL_S
            if self._waited < PATIENCE:
                return 0.0, 0.0, 0.0
            return -0.1, math.copysign(ASIDE, -aside), 0.0  # round who does not go away
        self._waited = max(0.0, self._waited - CONTROL_S / 4)
        return self._speed * max(0.0, math.cos(off)) ** 3, 0.0, turn

    def _somebody_ahead(self, x: float, y: float, theta: float) -> float | None:
        """How far to the left he stands who is in the way."""
        for _, walker in self._sim.people:
            dx, dy = walker.stance.x - x, walker.stance.y - y
            ahead, aside = math.cos(theta) * dx + math.sin(theta) * dy, math.cos(theta) * dy - math.sin(theta) * dx
            if 0.0 < ahead < ROOM and abs(aside) < 0.75:
                return aside
        return None

    def _step(self, command: tuple[float, float, float]) -> None:
        sim = self._sim
        sim.dogs[DOG].command(command, sim.now)
        sim.step()
        self._say(IMU, Sensor.IMU, imu_message)
        self._say(ODOM, Sensor.ODOM, odometry_message)
        self._say(SCAN, Sensor.SCAN, scan_message)
        if self._points:
            self._say(POINTS, Sensor.POINTS, points_message, POINTS_EVERY)
        if _due(sim, SCAN):
            self._truth.append((sim.now, *sim.dogs[DOG].place(sim.data)))
        if sim.steps % round(TELL_S / CONTROL_S) == 0:
            x, y, _ = sim.dogs[DOG].place(sim.data)
            self._tell(f"{sim.elapsed:.0f} s, at x {x:.1f}, y {y:.1f}; {self._done:.0f} of {self._metres:.0f} m done")

    def _say(self, topic: Topic, sensor: Sensor, message: Callable[[Any, float], Any], every: int = 1) -> None:
        sim = self._sim
        if _due(sim, topic, every) and (said := sim.sense(DOG, sensor)) is not None:
            self._bag.write(topic.in_ros(DOG), topic.ros_type, message(said, sim.now), sim.now)


def _due(sim: Simulation, topic: Topic, every: int = 1) -> bool:
    assert topic.rate
    return sim.steps % (round(1 / CONTROL_S / topic.rate) * every) == 0


def drawn(world: Path, resolution: float = 0.1) -> OccupancyGrid:
    """The world's true map, from its SDF."""
    grey, (left, bottom) = draw(read_world(world), resolution)
    grey = grey[::-1]
    return occupancy_grid(
        world.parent.name, Frame(resolution, left, bottom, *grey.shape), grey == OCCUPIED, grey != FREE
    )


def _together(way: Path2D) -> Path2D:
    """``way`` up to where it is interrupted."""
    breaks = np.flatnonzero(np.hypot(*np.diff(way, axis=0).T) > 1.0)
    return way[: breaks[0] + 1] if len(breaks) else way


def _seen(world: Path) -> Terrain:
    return terrain(drawn(world), [])


def _way(ground: CostMap, start: Place, goal: Place) -> Path2D | None:
    found = plan(ground, start, goal)
    return found.path if isinstance(found, Plan) else None
