"""What the navigator node does between its messages: goals, scans and poses -> what the dog would do."""

from dataclasses import dataclass

import numpy as np

from edge.mission.events import Phase
from edge.navigation.low_obstacles import NOTHING, LowObstacles
from edge.navigation.motion_history import PoseHistory
from edge.navigation.navigator import Failure, Goal, Navigator, NavigatorConfig, Progress, Sight, Status
from edge.navigation.planning import Path
from edge.navigation.safety_gate import HOLDING, Reason
from edge.navigation.scan_leveling import LevelScan, Mounting, level, with_low_obstacles
from edge.navigation.site_map import SiteMap, site_map_from
from edge.navigation.standing_aside import Aside, StandingAside
from edge.types import Cloud, Imu, Odometry, PoseEstimate, Scan

PERIOD = 0.05  # s
TWIST_AGE = 0.3  # s: how the dog moved before that says nothing
OVER = frozenset({Status.REACHED, Status.FAILED, Status.IDLE})
# A person holds it, or told it to stand; or it lies, or is lost. One that charges stays on its contacts: a dock stands
# where nobody runs, off it leads one way alone, and a dog that leaves it may not get back to its charge.
STANDS = frozenset({Phase.MANUAL, Phase.PAUSED, Phase.STOPPED, Phase.CHARGING})


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now; ``ended`` is how the goal ended, in the step in which it did."""

    progress: Progress
    ended: Progress | None = None


class NavigatorCore:
    """Has one goal at a time; a new one takes the place of the old, which ends as CANCELED."""

    def __init__(
        self,
        config: NavigatorConfig | None = None,
        mounting: Mounting | None = None,
        seed: float = 0.0,
        low: LowObstacles | None = None,
    ) -> None:
        """``seed`` (0 to 1) is the dog's own: two that stand before one another are not patient for equally long.

        ``low`` is what it sees low things by; it sees none until it is told of clouds.
        """
        self.config = config or NavigatorConfig()
        self.started = 0.0  # s: when the goal under way was given
        self._seed, self._mounting = seed, mounting or Mounting()
        self._odometry: Odometry | None = None
        self._low, self._poses = low or LowObstacles(), PoseHistory()
        self._unplaced: LevelScan | None = None  # a scan that waits for the pose at its stamp
        self._looked_at: Cloud | None = None
        self._held = False
        self._half_blind = False
        self._under_way = False
        self._ground: SiteMap | None = None
        self.navigator: Navigator | None = None
        self._aside: StandingAside | None = None
        self._free = False  # to make room by itself: until the mission has said what it does, it may be in hand

    @property
    def is_ready(self) -> bool:
        """Whether there is ground to walk on."""
        return self.navigator is not None

    @property
    def under_way(self) -> bool:
        """Whether there is a goal."""
        return self._under_way

    @property
    def estimate(self) -> PoseEstimate | None:
        """The newest pose."""
        return self._poses.newest()

    @property
    def path(self) -> Path | None:
        """The way that is being walked; the very same object for as long as it is the same."""
        return self.navigator.path if self.navigator else None

    def walk_on(self, ground: SiteMap) -> None:
        """Walk by this map and these zones from now on."""
        self._ground = ground
        if self.navigator is None:
            self.navigator = Navigator(ground.terrain, self.config, self._seed)
            self._aside = StandingAside(self.navigator)
        else:
            self.navigator.replace_terrain(ground.terrain)

    def take_site(self, payload: str | bytes) -> None:
        """A site from the wire; raises MalformedMessage or UnusableMap."""
        ground = site_map_from(payload, self._ground)
        if ground is not None:
            self.walk_on(ground)

    def take_imu(self, imu: Imu) -> None:
        """How the body leans and turns."""
        self._low.take_imu(imu)

    def take_odometry(self, odometry: Odometry) -> None:
        """How the dog moves."""
        self._odometry = odometry
        self._low.take_odometry(odometry)

    def take_cloud(self, cloud: Cloud) -> None:
        """What tells of low things."""
        self._low.take_cloud(cloud)

    def take_scan(self, scan: Scan) -> None:
        """A scan; it is looked at as soon as the pose at its stamp is known."""
        lean = self._low.motion.lean_at(scan.stamp)
        if lean is not None:
            self._unplaced = level(scan, lean, self._mounting)

    def take_pose(self, estimate: PoseEstimate) -> None:
        """Where the dog is; the scan that waited for it is looked at."""
        self._poses.add(estimate)
        pose = self._poses.at(self._unplaced.stamp) if self._unplaced else None
        if pose is None or self._unplaced is None or self.navigator is None:
            return
        if estimate.quality > 0:
            scan, stamp = self._unplaced, self._unplaced.stamp
            low = self._low.obstacles_at(stamp)
            self.navigator.look(with_low_obstacles(scan, low), pose, stamp, np.vstack([scan.hits(), self._met(stamp)]))
        self._unplaced = None

    def _met(self, stamp: float) -> Path:
        """What the newest cloud met of what stands up; each cloud is told of once."""
        cloud = self._low.cloud
        if cloud is None or cloud is self._looked_at:
            return NOTHING
        self._looked_at = cloud
        return self._low.returns_at(stamp)

    def take_safety(self, stopped: bool, reasons: tuple[str, ...]) -> None:
        """What the gate says: there is no way round what is no obstacle."""
        self._held = stopped and any(reason in HOLDING for reason in reasons)
        self._half_blind = Reason.HALF_BLIND in reasons

    def take_phase(self, phase: str) -> None:
        """What the mission is at: whether a dog without a goal may make room for somebody."""
        self._free = phase not in STANDS

    @property
    def aside(self) -> tuple[Aside, str]:
        """What a dog without a goal does about somebody who comes, and why it is not back, if it is not."""
        return (self._aside.stage, self._aside.why) if self._aside is not None else (Aside.NOTHING, "")

    def take_refusal(self, place: tuple[float, float] | None, now: float) -> None:
        """Where on the map that stands for which the gate lets less pass; None while nothing does."""
        if self.navigator is not None and place is not None:
            self.navigator.refused.add(place, now)

    def begin(self, goal: Goal, now: float) -> Progress | None:
        """Go there; gives back how a goal ended that this one takes the place of. There must be ground."""
        assert self.navigator is not None
        replaced = self.cancel("another goal took its place")
        if self._aside is not None:
            self._aside.forget()
        self.navigator.start(goal, now)
        self._under_way, self.started = True, now
        return replaced

    def cancel(self, why: str) -> Progress | None:
        """Give the goal up; gives back its end, where there was one."""
        if not self._under_way:
            return None
        assert self.navigator is not None
        self._under_way = False
        self.navigator.cancel()
        return Progress(Status.FAILED, failure=Failure.CANCELED, reason=why)

    def update(self, now: float) -> Step:
        """What to do at ``now``; to be asked each PERIOD."""
        if self.navigator is None:
            return Step(Progress(Status.IDLE))
        moving = self._odometry
        twist = moving.twist if moving is not None and abs(now - moving.stamp) < TWIST_AGE else None
        if twist is not None and not twist.is_finite():
            twist = None
        sight = Sight(self._poses.newest(), self._held, twist, self._half_blind)
        if self._aside is not None and not self._under_way:
            return Step(self._aside.update(sight, now, self._free))
        progress = self.navigator.update(sight, now)
        if not self._under_way or progress.status not in OVER:
            return Step(progress)
        self._under_way = False
        self.navigator.cancel()
        return Step(progress, progress)
