"""The whole dog as one object: sensors and wishes in, what the legs are to do out. No threads, no ROS, no clock.

On a robot its parts are nodes in processes of their own; here they are called one after the other, at the same rates.
"""

import math
from dataclasses import dataclass, field

from edge.dog.localization_core import LocalizationCore
from edge.dog.mission_core import PERIOD as MISSION_PERIOD
from edge.dog.mission_core import MissionCore, Told
from edge.dog.navigator_core import PERIOD as NAVIGATOR_PERIOD
from edge.dog.navigator_core import NavigatorCore, Step
from edge.dog.perception_core import Frame, Look, PerceptionCore, Photo, Sighted, Wanted
from edge.dog.periodic import Periodic
from edge.dog.safety_core import PERIOD as SAFETY_PERIOD
from edge.dog.safety_core import SafetyCore
from edge.mission.events import (
    Battery,
    CameraStreamTold,
    ClearFall,
    Command,
    CompareToReference,
    DriverLost,
    EndCameraStream,
    Event,
    Go,
    GoalEnded,
    GoalProgress,
    Halt,
    KeepLog,
    LetDrive,
    LookEnded,
    Outcome,
    Phase,
    Safety,
    SendFactsheet,
    SetEmergencyStop,
    SetPose,
    Speak,
    StreamCamera,
    TakePhoto,
)
from edge.navigation.height_map import HeightMapConfig
from edge.navigation.likelihood_field import Field
from edge.navigation.localization import Fix, LocalizationConfig
from edge.navigation.low_obstacles import LowObstacles
from edge.navigation.navigator import Goal, NavigatorConfig, Progress, Status
from edge.navigation.point_cloud import CloudMounting
from edge.navigation.safety_gate import Level, SafetyConfig, Verdict
from edge.navigation.scan_leveling import Mounting
from edge.navigation.site_map import SiteMap
from edge.speech.sentence import SpeechEnded
from edge.types import Cloud, Imu, Odometry, Pose2D, PoseEstimate, Scan, Twist2D
from protocol.camera_stream import StreamEnd
from protocol.manual_driving import DriveCommand, DriveState
from protocol.speech import SpeechEnd

FEEDBACK_EVERY = 0.5  # s between two words of how a walk stands
BY_A_PERSON = 0.25  # m²: how sure a person is of a place that he tells, as RViz has it


@dataclass(frozen=True, slots=True)
class DogConfig:
    """The settings of all parts; a robot's parameters by the same names."""

    localization: LocalizationConfig = field(default_factory=LocalizationConfig)
    navigator: NavigatorConfig = field(default_factory=NavigatorConfig)
    safety: SafetyConfig = field(default_factory=SafetyConfig)
    lidar: Mounting = field(default_factory=Mounting)
    points: CloudMounting = field(default_factory=CloudMounting)
    height_map: HeightMapConfig = field(default_factory=HeightMapConfig)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What came since the last update; None where nothing did. ``place`` is a pose that somebody says the dog has.

    ``events`` are the mission's: orders and instant actions as they come off the wire, the link's word.
    """

    scan: Scan | None = None
    imu: Imu | None = None
    odometry: Odometry | None = None
    cloud: Cloud | None = None
    battery: Battery | None = None
    frame: Frame | None = None
    events: tuple[Event, ...] = ()
    goal: Goal | None = None
    cancel: bool = False
    place: Pose2D | None = None
    emergency_stop: bool | None = None
    clear_fall: bool = False
    drives: tuple[DriveCommand, ...] = ()


@dataclass(frozen=True, slots=True)
class Outputs:
    """``command`` is for the legs, None where none is due; ``ended`` is how a goal ended, in the step it did.

    ``told`` is for the station, ``asked`` is what only the dog's computer can do; anomalies, photos and ``drive`` too.
    """

    command: Twist2D | None
    estimate: PoseEstimate | None
    progress: Progress
    verdict: Verdict | None
    fix: Fix
    ended: Progress | None = None
    told: Told | None = None
    asked: tuple[SendFactsheet | KeepLog, ...] = ()
    sighted: tuple[Sighted, ...] = ()
    photos: tuple[Photo, ...] = ()
    drive: DriveState | None = None


class Dog:
    """``update`` with what came since the last time, at 50 Hz or so; the same inputs give the same outputs."""

    def __init__(
        self,
        ground: SiteMap,
        start: Pose2D | None = None,
        config: DogConfig | None = None,
        seed: int = 0,
        on: Field | None = None,
        mission: MissionCore | None = None,
        perception: PerceptionCore | None = None,
    ) -> None:
        """A dog on ``ground`` that believes to be at ``start``, or looks for itself; ``on``: the map's field.

        Without ``mission`` it knows goals alone, without ``perception`` it sees nothing. Both know the site already.
        """
        config = config or DogConfig()
        self.localization = LocalizationCore(config.localization, config.lidar, start, seed)
        # On a robot each has its own; of the same clouds both would be the same.
        low = LowObstacles(config.points, config.height_map)
        self.navigator = NavigatorCore(config.navigator, config.lidar, 0.618 * seed, low)
        self.safety = SafetyCore(config.safety, config.lidar, low)
        self.mission, self.perception = mission, perception
        self.localization.stand_on(ground, on)
        self.navigator.walk_on(ground)
        self.safety.walk_on(ground)
        if mission is None:
            self.navigator.take_phase(Phase.IDLE)
        self._step = Step(Progress(Status.IDLE))
        self._goal = 0  # the mission's walk under way, as it counts them
        self._looks: list[Look] = []
        self._navigator_due, self._safety_due = Periodic(NAVIGATOR_PERIOD), Periodic(SAFETY_PERIOD)
        self._mission_due, self._feedback_due = Periodic(MISSION_PERIOD), Periodic(FEEDBACK_EVERY)

    def update(self, inputs: Inputs, now: float) -> Outputs:
        """Take in ``inputs`` at ``now`` (s), and go on with what is due."""
        self._looks = []
        self._sense(inputs, now)
        ended = self._wish(inputs, now)
        self._take_comparisons()
        told, asked = self._carry_out(inputs, now)
        if self._navigator_due.is_due(now):
            ended = self._navigate(now) or ended
        command = self._pass(now) if self._safety_due.is_due(now) or inputs.emergency_stop is not None else None
        return Outputs(
            command,
            self.navigator.estimate,
            self._step.progress,
            self.safety.verdict,
            self.localization.fix,
            ended,
            told,
            asked,
            (*(each for look in self._looks for each in look.sighted), *self._again()),
            tuple(each for look in self._looks for each in look.photos),
            self._drive_state(now),
        )

    def _again(self) -> tuple[Sighted, ...]:
        return self.perception.look_again() if self.perception is not None and self._looks else ()

    def _take_comparisons(self) -> None:
        for look in self._looks:
            if look.compared is not None and self.mission is not None:
                ended = look.compared
                self.mission.take(LookEnded(ended.action_id, ended.success, ended.text))

    def _sense(self, inputs: Inputs, now: float) -> None:
        if inputs.imu is not None:
            for part in (self.localization, self.navigator, self.safety, self.perception):
                if part is not None:
                    part.take_imu(inputs.imu)
        if inputs.odometry is not None:
            self._walked(inputs.odometry)
        if inputs.cloud is not None:
            self.navigator.take_cloud(inputs.cloud)
            self.safety.take_cloud(inputs.cloud)
            if self.perception is not None:
                self.perception.take_cloud(inputs.cloud)
        if inputs.scan is not None:
            self.localization.take_scan(inputs.scan)
            self.navigator.take_scan(inputs.scan)
            self.safety.take_scan(inputs.scan)
            if self.perception is not None:
                self.perception.take_scan(inputs.scan)
        if inputs.battery is not None and self.mission is not None:
            self.mission.latest.take_battery(inputs.battery, now)
        if inputs.frame is not None and self.perception is not None:
            self._looks += self.perception.take_frame(inputs.frame)

    def _walked(self, odometry: Odometry) -> None:
        self.safety.take_odometry(odometry)
        self.navigator.take_odometry(odometry)
        if self.mission is not None:
            self.mission.latest.take_twist(odometry.twist)
        placed = self.localization.take_odometry(odometry)
        if placed is None:
            return
        self.navigator.take_pose(placed.estimate)
        self.safety.take_pose(placed.estimate)
        if self.mission is not None:
            self.mission.latest.take_pose(placed.estimate)
        look = self.perception.take_pose(placed.estimate) if self.perception is not None else None
        self._looks += [look] if look is not None else []

    def _wish(self, inputs: Inputs, now: float) -> Progress | None:
        if inputs.place is not None:
            self.localization.take_initial_pose(inputs.place, 0.0)
        if inputs.emergency_stop is not None:
            self.safety.stop(inputs.emergency_stop)
        if inputs.clear_fall:
            self.safety.clear_fall()
        for drive in inputs.drives:
            self.safety.take_drive(drive, now, now)
        if inputs.goal is not None:
            return self._ended(self.navigator.begin(inputs.goal, now))
        return self._ended(self.navigator.cancel("cancelled")) if inputs.cancel else None

    def _navigate(self, now: float) -> Progress | None:
        self._step = self.navigator.update(now)
        progress = self._step.progress
        self.safety.take_command(progress.command, now)
        ended = self._ended(self._step.ended)
        if self._goal and self.mission is not None and self._feedback_due.is_due(now):
            waiting = progress.reason if progress.status is Status.WAITING else ""
            self.mission.take(GoalProgress(self._goal, waiting, progress.obstruction))
        return ended

    def _ended(self, progress: Progress | None) -> Progress | None:
        """Tell the mission of the end of its walk."""
        if progress is not None and self._goal and self.mission is not None:
            outcome = Outcome(progress.failure) if progress.failure else Outcome.REACHED
            self.mission.take(GoalEnded(self._goal, outcome, progress.reason, progress.obstruction))
            self._goal = 0
        return progress

    def _pass(self, now: float) -> Twist2D:
        verdict, tell = self.safety.update(now, now)
        if tell:
            stopped = verdict.level is Level.STOPPED
            self.navigator.take_safety(stopped, verdict.reasons)
            self.navigator.take_refusal(self.safety.limiting, now)
            if self.mission is not None:
                said = Safety(stopped, tuple(map(str, verdict.reasons)), verdict.emergency_stop)
                self.mission.latest.take_safety(said, now)
        return verdict.command

    def _drive_state(self, now: float) -> DriveState | None:
        state = self.safety.drive_state(self.mission.address, now, now) if self.mission is not None else None
        if self.mission is not None and state is not None and state.lost:
            self.mission.take(DriverLost(state.session_id))
        return state

    # The mission's commands

    def _carry_out(self, inputs: Inputs, now: float) -> tuple[Told | None, tuple[SendFactsheet | KeepLog, ...]]:
        if self.mission is None:
            return None, ()
        self.mission.take(*inputs.events)
        if not self._mission_due.is_due(now):
            return None, ()
        self.mission.latest.take_aside(*self.navigator.aside)
        step = self.mission.update(now)
        self.navigator.take_phase(self.mission.mission.phase)
        if step.told is not None and self.perception is not None:  # first: it ends what the last order asked for
            self.perception.take_order(step.told.state.order_id)
        asked = [self._do(command, now) for command in step.commands]
        return step.told, tuple(each for each in asked if each is not None)

    def _do(self, command: Command, now: float) -> SendFactsheet | KeepLog | None:
        match command:
            case Go():
                self._go(command, now)
            case Halt():
                self._ended(self.navigator.cancel("cancelled"))
            case TakePhoto(action_id, node_id):
                self._ask_photo(action_id, node_id, now)
            case CompareToReference(action_id, node_id):
                self._ask_comparison(action_id, node_id, now)
            case SetEmergencyStop(on):
                self.safety.stop(on)
            case ClearFall():
                self.safety.clear_fall()
            case SetPose(pose):
                self.localization.take_initial_pose(pose, BY_A_PERSON)
            case LetDrive(session_id):
                self.safety.drive(session_id, now)
            case StreamCamera(order):
                if self.mission is not None:
                    self.mission.take(CameraStreamTold(order.stream_id, StreamEnd.NO_CAMERA))
            case EndCameraStream():
                pass
            case Speak(sentence):
                if self.mission is not None:
                    self.mission.take(SpeechEnded(sentence, SpeechEnd.NO_LOUDSPEAKER))
            case SendFactsheet() | KeepLog():
                return command
        return None

    def _go(self, go: Go, now: float) -> None:
        self._ended(self.navigator.cancel("another goal took its place"))
        theta, speed = math.nan if go.theta is None else go.theta, go.speed if go.speed > 0 else math.inf
        self.navigator.begin(Goal(Pose2D(go.x, go.y, theta), speed, *go.tolerance), now)
        self._goal = go.goal

    def _ask_comparison(self, action_id: str, node_id: str, now: float) -> None:
        assert self.mission is not None
        blind = "no camera" if self.perception is None else self.perception.ask_comparison(action_id, node_id, now)
        if blind:
            self.mission.take(LookEnded(action_id, False, blind))

    def _ask_photo(self, action_id: str, node_id: str, now: float) -> None:
        assert self.mission is not None
        answer = self.perception.ask_photo(action_id, node_id, now) if self.perception is not None else "no camera"
        promised = isinstance(answer, Wanted)
        told = answer.evidence_id if isinstance(answer, Wanted) else answer
        self.mission.take(LookEnded(action_id, promised, told))
