"""One visit, lived through: the dog walks past, its perception judges each frame, and rays tell what was to be seen.

Localization, perception and every sensor that they use are the dog's own, in the direct wiring. The navigator and the
gate are left out, for a walk of a few free metres needs neither: they would be a third of the cost.
"""

import math
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._visits import DOG, KINDS, TOLD_AS, WAIT_S, Visit
from edge.dog.dog import Inputs
from edge.dog.localization_core import LocalizationCore
from edge.dog.perception_core import Frame, Look, PerceptionCore, Sighted
from edge.perception.camera_geometry import Intrinsics
from edge.perception.detector import Detector
from edge.perception.detector_selection import choose, places
from edge.types import Pose2D
from sim.engine.mujoco_model import Group
from sim.engine.script import check
from sim.engine.simulation import DogPlan, Make, Simulation
from xiaotian.direct.parameters import configured
from xiaotian.direct.sensor_conversion import Senses
from xiaotian.direct.trial_site import site

import mujoco  # isort: skip

SAME_M = dict.fromkeys(KINDS, 3.0) | {"fire": 6.0}
"""Metres from the truth within which an anomaly of its kind is of it: smoke drifts."""
AFTER_S = 4.0
"""Seconds for which a visit goes on after what was wrong is told: does it tell again?"""
LEAST_PIXELS = {"bag": 24.0, "fire": 24.0}
PLAIN = 48.0
"""Pixels, of 480, of the greater of its height and length from which a thing counts as to be seen."""
CHANCE_S = 3.0
"""Seconds in view, beyond what its rule waits for, from which a thing counts as to be told."""
TURN, AHEAD = 0.9, 0.5  # rad/s; m on its path at which the dog aims
DOG_NAME = "dog1"


@dataclass(frozen=True)
class Told:
    """An anomaly. ``off`` (m) is how far from the truth, ``along`` that along the view; ``squared`` the
    square of the error in told deviations, which has 2 degrees of freedom."""

    t: float
    kind: str
    expected: bool
    x: float
    y: float
    deviation: float
    score: float
    reason: str
    off: float = math.nan
    along: float = math.nan
    away: float = math.nan
    squared: float = math.nan


@dataclass
class Result:
    """What came of a visit. ``in_view_s`` counts the seconds in which it was to be seen, from ``seen_at`` on."""

    visit: Visit
    told: list[Told] = field(default_factory=list)
    in_view_s: float = 0.0
    seen_at: float = math.nan
    simulated_s: float = 0.0
    picture: NDArray[np.uint8] | None = None

    @property
    def had_a_chance(self) -> bool:
        """Whether what was wrong could be seen for long enough."""
        return bool(self.visit.wrong) and self.in_view_s > WAIT_S[self.visit.kind] + CHANCE_S - 0.1

    @property
    def right(self) -> list[Told]:
        """Those of what was wrong."""
        return [each for each in self.told if each.expected]

    @property
    def false(self) -> list[Told]:
        """Those of what was not."""
        return [each for each in self.told if not each.expected]

    @property
    def duplicates(self) -> int:
        """Anomalies of one kind beyond the first."""
        kinds = [each.kind for each in self.right]
        return len(kinds) - len(set(kinds))


@lru_cache(maxsize=2)
def _detector(wish: str) -> Detector:
    return choose(wish, places([])).detector


def live(visit: Visit, detector: str = "fallback") -> Result:
    """Live through a visit."""
    run = _Run(visit, _detector(detector))
    try:
        return run.go()
    finally:
        run.sim.close()


class _Run:
    """The dog and the world, step by step."""

    def __init__(self, visit: Visit, detector: Detector) -> None:
        self.visit, place = visit, site(visit.site)
        first = visit.path[min(5, len(visit.path) - 1)] - visit.path[0]
        start = (float(visit.path[0][0]), float(visit.path[0][1]), math.atan2(first[1], first[0]))
        script = check([dict(entry) for entry in visit.script])
        plan = DogPlan(DOG_NAME, *start, Make.LEGGED)
        seed = visit.seed * 100_003 + visit.number
        self.sim = Simulation(place.world, [plan], seed, visit.start, light=visit.light, script=script)
        self.senses = Senses(self.sim, DOG_NAME, 0, points=True, camera=True)
        config = configured()[0]
        self.localization = LocalizationCore(config.localization, config.lidar, Pose2D(*start), seed)
        self.localization.stand_on(place.ground, place.field)
        count = iter(range(1_000_000))
        self.core = PerceptionCore(detector, lambda: str(next(count)))
        self.core.take_site(visit.zones, place.file.timezone, 0, place.ground.message)
        lens = self.sim.dogs[DOG_NAME].camera
        self.lens = Intrinsics(lens.focal, lens.focal, lens.width / 2, lens.height / 2, lens.width, lens.height)
        self.core.take_intrinsics(self.lens)
        self.result = Result(visit)
        self.at: Pose2D | None = None
        self._best, self._over_at = 0.0, math.inf

    def go(self) -> Result:
        """To its end."""
        enough = WAIT_S[self.visit.kind] + CHANCE_S + 0.1
        while self.sim.elapsed < self.visit.seconds:
            if self.sim.elapsed >= self._over_at and self.result.in_view_s >= enough:
                break
            self.sim.step()
            self._command()
            inputs = Inputs(**self.senses.read())
            if inputs.frame is not None:
                self._look(inputs.frame)
            for look in self._think(inputs):
                for sighted in look.sighted:
                    self._take(sighted)
        self.result.simulated_s = self.sim.elapsed
        return self.result

    def _command(self) -> None:
        """Along the path, then turned to where the visit has it."""
        if self.at is None:
            return
        path, at = self.visit.path, self.at
        off = np.hypot(path[:, 0] - at.x, path[:, 1] - at.y)
        ahead = path[min(int(off.argmin()) + round(AHEAD / 0.1), len(path) - 1)]
        left = math.hypot(path[-1][0] - at.x, path[-1][1] - at.y)
        there = left < 0.25
        bearing = self.visit.theta if there else math.atan2(ahead[1] - at.y, ahead[0] - at.x)
        turn = math.remainder(bearing - at.theta, math.tau)
        omega = float(np.clip(2.0 * turn, -TURN, TURN)) if abs(turn) > 0.04 else 0.0
        speed = 0.0 if there else DOG * max(0.0, 1.0 - abs(turn)) * min(1.0, 0.4 + left)
        self.sim.dogs[DOG_NAME].command((speed, 0.0, omega), self.sim.now)

    def _think(self, inputs: Inputs) -> list[Look]:
        """As edge.dog.dog does, for these two parts."""
        looks: list[Look] = []
        if inputs.imu is not None:
            self.localization.take_imu(inputs.imu)
            self.core.take_imu(inputs.imu)
        if inputs.odometry is not None and (placed := self.localization.take_odometry(inputs.odometry)) is not None:
            self.at = placed.estimate.pose
            look = self.core.take_pose(placed.estimate)
            looks += [look] if look is not None else []
        if inputs.cloud is not None:
            self.core.take_cloud(inputs.cloud)
        if inputs.scan is not None:
            self.localization.take_scan(inputs.scan)
            self.core.take_scan(inputs.scan)
        if inputs.frame is not None:
            looks += self.core.take_frame(inputs.frame)
        for sighted in self.core.look_again():
            self._take(sighted)
        return looks

    # The truth

    def truth(self) -> tuple[float, float, float] | None:
        """Where what is wrong is now: x, y, heading."""
        truth = self.sim.truth()
        for kind in ("people", "vehicles", "things"):
            if self.visit.wrong in truth[kind]:
                x, y, theta = truth[kind][self.visit.wrong][:3]
                return x, y, theta
        return None

    def _look(self, frame: Frame) -> None:
        """Note what is to be seen in a frame, and keep the one that shows it best."""
        result, at = self.result, self.truth() if self.visit.wrong else None
        if at is None:
            return
        pixels = self._pixels(*at)
        if pixels >= LEAST_PIXELS.get(self.visit.kind, PLAIN):
            result.in_view_s += 0.2
            if math.isnan(result.seen_at):
                result.seen_at = self.sim.elapsed
            if pixels > self._best:
                self._best, result.picture = pixels, frame.picture.copy()

    def _pixels(self, x: float, y: float, theta: float) -> float:
        """How large it is in the picture: 0 where half of it or less is to be seen."""
        model, data = self.sim.model, self.sim.data
        lens = data.site(f"{DOG_NAME}/camera")
        eye, axes = lens.xpos.copy(), lens.xmat.reshape(3, 3)
        points = _points(self.visit, x, y, theta)
        groups = np.array([g in (Group.SCENERY, Group.DOGS) for g in range(6)], np.uint8)
        seen, us, vs = 0, [], []
        for point in points:
            forward, left, up = axes.T @ (point - eye)
            if forward < 0.2:
                continue
            u, v = self.lens.cx - self.lens.fx * left / forward, self.lens.cy - self.lens.fy * up / forward
            if not (0 <= u < self.lens.width and 0 <= v < self.lens.height):
                continue
            us.append(u)
            vs.append(v)
            ray, far = point - eye, float(np.linalg.norm(point - eye))
            geom = np.full(1, -1, np.int32)
            hit = mujoco.mj_ray(model, data, eye + 0.1 * ray / far, ray / far, groups, 1, -1, geom, None)
            seen += hit < 0 or hit + 0.1 > far - _OWN[self.visit.kind]
        if seen * 2 <= len(points):
            return 0.0
        return float(max(max(us) - min(us), max(vs) - min(vs)))

    def _take(self, sighted: Sighted) -> None:
        """An anomaly that the dog tells."""
        alert, at = sighted.alert, self.truth() if self.visit.wrong else None
        place, t = alert.place, round(self.sim.elapsed, 2)
        plain = (t, str(alert.kind))
        more = (place.x, place.y, place.deviation, alert.track.score, alert.reason.en)
        if at is None or alert.kind not in TOLD_AS[self.visit.kind]:
            self._tell(Told(*plain, False, *more), sighted)
            return
        error = np.array([place.x - at[0], place.y - at[1]])
        eye = self.sim.dogs[DOG_NAME].place(self.sim.data)
        view = np.array([at[0] - eye[0], at[1] - eye[1]])
        away = float(np.hypot(*view))
        covariance = np.array([[place.xx, place.xy], [place.xy, place.yy]])
        squared = float(error @ np.linalg.solve(covariance, error))
        off = float(np.hypot(*error))
        along = float(error @ view) / away
        self._tell(Told(*plain, off <= SAME_M[self.visit.kind], *more, off, along, away, squared), sighted)

    def _tell(self, told: Told, sighted: Sighted) -> None:
        self.result.told.append(told)
        if told.expected:
            self._over_at = min(self._over_at, told.t + AFTER_S)
        if not told.expected and sighted.picture is not None:
            self.result.picture = np.array(sighted.picture.pixels)


_OWN = dict.fromkeys(KINDS, 0.4) | {"parked": 2.6, "lying": 0.5}
"""Metres before a point of it at which a ray may end on the thing itself."""


def _points(visit: Visit, x: float, y: float, theta: float) -> list[NDArray[np.float64]]:
    """Points all over it, on the map and above the ground."""
    c, s = math.cos(theta), math.sin(theta)
    match visit.kind:
        case "lying":
            return [np.array([x + a * c, y + a * s, 0.2]) for a in (-0.8, -0.4, 0.0, 0.4, 0.8)]
        case "parked":
            ends = [(a, b, z) for a in (-2.1, 0.0, 2.1) for b in (-0.8, 0.8) for z in (0.4, 1.0)]
            return [np.array([x + a * c - b * s, y + a * s + b * c, z]) for a, b, z in ends]
        case "bag":
            return [np.array([x, y, z]) for z in (0.05, 0.3, 0.52)]
        case "fire":
            return [np.array([x, y, z]) for z in (0.1, 0.4, 0.75)]
    return [np.array([x, y, z]) for z in (0.1, 0.5, 0.9, 1.3, 1.7)]


def row(result: Result) -> dict[str, Any]:
    """A visit's line for a file of rows."""
    visit = result.visit
    return {
        "number": visit.number,
        "seed": visit.seed,
        "kind": visit.kind,
        "site": visit.site,
        "light": visit.light.value,
        "wrong": visit.wrong,
        "chance": result.had_a_chance,
        "in_view_s": round(result.in_view_s, 1),
        "seen_at": result.seen_at,
        "simulated_s": round(result.simulated_s, 2),
        "told": [asdict(each) for each in result.told],
    }
