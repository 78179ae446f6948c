"""The newest word of each sensor and node, and what of it is too old to be believed."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from edge.mission.events import Battery, Safety, Situation
from edge.types import STILL, Pose2D, PoseEstimate, Twist2D
from protocol.site import Pose

T = TypeVar("T")

POSE_OLD_S = 2.0
SAFETY_OLD_S = 2.0  # it speaks five times a second
BATTERY_OLD_S = 30.0  # it speaks once a second, and a charge changes slowly


class LatestInputs:
    """Collects; `situation` leaves out what is older than the constants above."""

    def __init__(self) -> None:
        self.detector = ""
        self.half_blind = False
        self._aside = ("", "")
        self._pose: PoseEstimate | None = None
        self._twist: Twist2D = STILL
        self._battery: tuple[float, Battery] | None = None
        self._safety: tuple[float, Safety] | None = None
        self._map_id, self._version = "", -1
        self._docks: tuple[Pose2D, ...] = ()
        self._can_stand: Callable[[float, float], bool] | None = None
        self._way_home: Callable[[float, float], float] | None = None

    def take_pose(self, pose: PoseEstimate) -> None:
        """A pose with its own stamp."""
        self._pose = pose

    def take_twist(self, twist: Twist2D) -> None:
        """The velocity of the legs."""
        self._twist = twist

    def take_aside(self, stage: str, why: str) -> None:
        """What a dog that stands does about somebody who comes, and why it is not back at its place."""
        self._aside = (stage, why)

    def take_battery(self, battery: Battery, now: float) -> None:
        """The battery's word."""
        self._battery = (now, battery)

    def take_safety(self, safety: Safety, now: float) -> None:
        """The gate's word."""
        self._safety = (now, safety)

    def take_site(
        self,
        map_id: str,
        version: int,
        docks: Sequence[Pose],
        can_stand: Callable[[float, float], bool] | None = None,
        way_home: Callable[[float, float], float] | None = None,
    ) -> None:
        """The site; an older version of the one known is passed over."""
        if version >= self._version or map_id != self._map_id:
            self._map_id, self._version = map_id, version
            self._can_stand, self._way_home = can_stand, way_home
            self._docks = tuple(Pose2D(dock.x, dock.y, dock.theta) for dock in docks)

    def situation(self, now: float) -> Situation:
        """What can be believed at ``now``."""
        pose = self._pose if self._pose is not None and now - self._pose.stamp <= POSE_OLD_S else None
        return Situation(
            pose=pose,
            twist=self._twist,
            battery=_fresh(self._battery, now, BATTERY_OLD_S),
            safety=_fresh(self._safety, now, SAFETY_OLD_S),
            detector=self.detector,
            half_blind=self.half_blind,
            aside=self._aside,
            map_id=self._map_id,
            map_version=str(max(self._version, 0)),
            docks=self._docks,
            can_stand=self._can_stand,
            way_home=self._way_home,
        )


def _fresh(said: tuple[float, T] | None, now: float, old_s: float) -> T | None:
    return said[1] if said is not None and now - said[0] <= old_s else None
