"""What the safety node does between its messages: the newest of everything -> what may go to the legs."""

import math

from edge.driving.driving_session import DrivingSession
from edge.navigation.geofence import Geofence
from edge.navigation.low_obstacles import NOTHING, LowObstacles
from edge.navigation.safety_gate import Inputs, SafetyConfig, SafetyGate, Verdict
from edge.navigation.scan_leveling import LevelScan, Mounting, level
from edge.navigation.site_map import SiteMap, site_map_from
from edge.types import Cloud, Imu, Odometry, Pose2D, PoseEstimate, Scan, Twist2D
from protocol.codec import header
from protocol.manual_driving import EVERY_S, DriveCommand, DriveState
from protocol.state import Velocity
from protocol.topics import Address

PERIOD = 0.05  # s
STATE_EVERY = 0.2  # s


class SafetyCore:
    """Keeps the newest of everything for the gate, by its own reckoning.

    While a person drives, their command stands in the navigator's place, and passes through the same gate.
    """

    def __init__(
        self, config: SafetyConfig | None = None, mounting: Mounting | None = None, low: LowObstacles | None = None
    ) -> None:
        """``low`` is what it sees low things by; with config.has_points it is fed with clouds."""
        self.gate = SafetyGate(config)
        self.verdict: Verdict | None = None
        self.driving = DrivingSession()
        self._drive_told = -math.inf
        self._mounting = mounting or Mounting()
        self._ground: SiteMap | None = None
        self._fence: Geofence | None = None
        self._low = low or LowObstacles()
        self._command: Twist2D | None = None
        self._command_stamp = -math.inf
        self._scan: Scan | None = None
        self._level_scan: LevelScan | None = None
        self._imu: Imu | None = None
        self._odometry: Odometry | None = None
        self._estimate: PoseEstimate | None = None
        self._told = -math.inf

    def walk_on(self, ground: SiteMap) -> None:
        """Keep to these zones from now on."""
        self._ground, self._fence = ground, Geofence(ground.zones, ground.grid.frame)

    def take_site(self, payload: str | bytes) -> None:
        """A site from the wire; raises MalformedMessage or UnusableMap."""
        ground = site_map_from(payload, self._ground)
        if ground is not None:
            self.walk_on(ground)

    def take_command(self, command: Twist2D, now: float) -> None:
        """What navigation would do, heard at ``now``."""
        self._command, self._command_stamp = command, now

    def take_scan(self, scan: Scan) -> None:
        """A scan; without a lean at its stamp the IMU is stale, or the scan is, and it is passed over."""
        lean = self._low.motion.lean_at(scan.stamp)
        if lean is not None:
            self._scan, self._level_scan = scan, level(scan, lean, self._mounting)

    def take_imu(self, imu: Imu) -> None:
        """How the body leans and turns."""
        self._imu = imu
        self._low.take_imu(imu)

    def take_odometry(self, odometry: Odometry) -> None:
        """Where the legs believe the dog is."""
        self._odometry = odometry
        self._low.take_odometry(odometry)

    def take_cloud(self, cloud: Cloud) -> None:
        """What tells of low things."""
        self._low.take_cloud(cloud)

    def take_pose(self, estimate: PoseEstimate) -> None:
        """Where the dog is on the map."""
        self._estimate = estimate

    def stop(self, on: bool) -> None:
        """Latch or release the emergency stop."""
        self.driving.hold()
        if on:
            self.gate.latch()
        else:
            self.gate.release()

    def clear_fall(self) -> bool:
        """A person lets a fallen dog go on; False where it does not wait for that."""
        return self.gate.clear_fall()

    def update(self, now: float, wall: float) -> tuple[Verdict, bool]:
        """What may pass at ``now``, and whether that is to be told; ``wall`` is a clock that never steps back (s)."""
        verdict, was = self.gate.update(self._inputs(now, wall), now), self.verdict
        self.verdict = verdict
        told = was is not None and _told(was) == _told(verdict) and wall - self._told < STATE_EVERY
        if not told:
            self._told = wall
        return verdict, not told

    def take_drive(self, command: DriveCommand, heard_at: float, wall: float) -> None:
        """A driver's command, proved to be the station's; both times by the clock of ``update``'s ``wall``."""
        self.driving.take(command, heard_at, wall)

    def drive(self, session_id: str, wall: float) -> None:
        """Let a person drive in that session; empty: nobody."""
        if session_id:
            self.driving.begin(session_id, wall)
        else:
            self.driving.end()

    def drive_state(self, address: Address, now: float, wall: float) -> DriveState | None:
        """How the drive stands, ten times a second while there is one; its ``headerId`` is 0, for the link counts."""
        driving, verdict = self.driving, self.verdict
        if not driving.session_id or verdict is None or 0 <= wall - self._drive_told < EVERY_S - PERIOD / 2:
            return None
        self._drive_told = wall
        passed = verdict.command
        return DriveState(
            **header(address, 0, now),
            session_id=driving.session_id,
            sequence=max(driving.sequence, 0),
            word=driving.word(wall),
            lost=driving.lost,
            passed=Velocity(vx=round(passed.vx, 3), vy=round(passed.vy, 3), omega=round(passed.omega, 3)),
            reasons=[str(reason) for reason in verdict.reasons],
            refused=dict(driving.refused),
        )

    @property
    def limiting(self) -> tuple[float, float] | None:
        """Where on the map that stands which limits the command; None where nothing does, or the place is not known."""
        verdict, estimate = self.verdict, self._estimate
        if verdict is None or verdict.limiting is None or estimate is None:
            return None
        place = estimate.pose.compose(Pose2D(*verdict.limiting, 0.0))
        return place.x, place.y

    def _inputs(self, now: float, wall: float) -> Inputs:
        driven = self.driving.twist(wall)
        pose = self._estimate.pose if self._estimate else None
        limit = self._ground.terrain.speed_limit_at(pose.x, pose.y) if self._ground and pose else math.inf
        return Inputs(
            command=self._command if driven is None else driven,
            command_stamp=self._command_stamp if driven is None else now,
            by_hand=driven is not None,
            scan=self._scan,
            level_scan=self._level_scan,
            imu=self._imu,
            odometry=self._odometry,
            estimate=self._estimate,
            zone_limit=limit,
            wall=wall,
            cloud=self._low.cloud,
            usable=self._low.usable,
            low=self._low.at(now),
            fence=self._fence.near(pose) if self._fence and pose and pose.is_finite() else NOTHING,
        )


def _told(verdict: Verdict) -> object:
    return verdict.level, verdict.reasons, verdict.emergency_stop
