"""What the mission is told, and what it asks for. Metres, radians and seconds in the frame ``map``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from edge.camera_stream.stream_order import StreamOrder
from edge.speech.sentence import Sentence, SpeechEnded
from edge.types import STILL, Obstruction, Pose2D, PoseEstimate, Twist2D
from protocol.camera_stream import StreamEnd
from protocol.instant_actions import InstantActions
from protocol.order import Order


class Phase(StrEnum):
    """What the dog is doing, in a word for people."""

    IDLE = "IDLE"
    DRIVING = "DRIVING"
    ACTING = "ACTING"
    WAITING = "WAITING"
    PAUSED = "PAUSED"
    GOING_HOME = "GOING_HOME"
    CHARGING = "CHARGING"
    STOPPED = "STOPPED"
    MANUAL = "MANUAL"


class Outcome(StrEnum):
    """How a walk to a goal ended; the navigator's error codes by name."""

    REACHED = "REACHED"
    UNREACHABLE = "UNREACHABLE"
    BLOCKED = "BLOCKED"
    LOST = "LOST"
    CANCELED = "CANCELED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class OrderCame:
    """An order that is well-formed JSON of the right types."""

    order: Order


@dataclass(frozen=True, slots=True)
class InstantActionsCame:
    """Actions to be carried out now."""

    message: InstantActions


@dataclass(frozen=True, slots=True)
class MalformedCame:
    """A message that was none."""

    topic: str
    error: str


@dataclass(frozen=True, slots=True)
class GoalEnded:
    """The walk that `Go` with this ``goal`` asked for is over; ``obstruction`` is what stood in the way, if known."""

    goal: int
    outcome: Outcome
    reason: str = ""
    obstruction: Obstruction | None = None


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """How the walk under way stands: ``waiting`` is why the dog does, empty while it walks."""

    goal: int
    waiting: str = ""
    obstruction: Obstruction | None = None


@dataclass(frozen=True, slots=True)
class LookEnded:
    """The picture that `TakePhoto` asked for is promised, the comparison of `CompareToReference` has come to its end;
    or ``message`` is why not."""

    action_id: str
    success: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class LogKept:
    """The report that `KeepLog` asked for is written under ``name``, or could not be, for ``error``."""

    action_id: str
    name: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class CameraStreamTold:
    """Of the stream of that id pictures flow, or it has ended, and why."""

    stream_id: str
    ended: StreamEnd | None = None


@dataclass(frozen=True, slots=True)
class LinkHeard:
    """Whether the station can be reached, as the link says it every few seconds."""

    connected: bool


@dataclass(frozen=True, slots=True)
class DriverLost:
    """Who drove in that session has said nothing for too long: the gate takes nothing more from them."""

    session_id: str


Event = (
    OrderCame
    | InstantActionsCame
    | MalformedCame
    | GoalEnded
    | GoalProgress
    | LookEnded
    | LogKept
    | LinkHeard
    | DriverLost
    | CameraStreamTold
    | SpeechEnded
)


@dataclass(frozen=True, slots=True)
class Battery:
    """Charge 0..1 and volts."""

    charge: float
    voltage: float
    charging: bool


@dataclass(frozen=True, slots=True)
class Safety:
    """What the gate says."""

    stopped: bool = False
    reasons: tuple[str, ...] = ()
    emergency_stop: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """How the dog is now; what is not known yet is None. ``docks`` are the poses in which it charges.

    ``aside``: what it does, standing, about somebody who comes (navigation's ``Aside``), and why it is not back.

    ``half_blind``: it has no sensor for what is low. ``can_stand`` says whether a place (x, y) of the map is on it and
    neither in a wall nor in a no_go zone, ``way_home`` how many metres it is from there to the nearest dock.
    """

    pose: PoseEstimate | None = None
    twist: Twist2D = STILL
    battery: Battery | None = None
    safety: Safety | None = None
    detector: str = ""
    half_blind: bool = False
    aside: tuple[str, str] = ("", "")
    map_id: str = ""
    map_version: str = "0"
    docks: tuple[Pose2D, ...] = ()
    can_stand: Callable[[float, float], bool] | None = None
    way_home: Callable[[float, float], float] | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """Walk to a place; ``theta`` None leaves the heading to the dog, ``speed`` 0 the speed, ``tolerance`` 0 (m, rad)
    how near is near enough."""

    goal: int
    x: float
    y: float
    theta: float | None
    speed: float
    tolerance: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Halt:
    """Give up the walk under way."""


@dataclass(frozen=True, slots=True)
class TakePhoto:
    """Keep the next picture as evidence."""

    action_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class CompareToReference:
    """Look whether a checkpoint is as the dog remembers it."""

    action_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class SetEmergencyStop:
    """Latch or release the gate's emergency stop."""

    on: bool


@dataclass(frozen=True, slots=True)
class ClearFall:
    """Tell the gate that a person lets the dog go on after a fall."""


@dataclass(frozen=True, slots=True)
class SetPose:
    """Tell localization where the dog stands."""

    pose: Pose2D


@dataclass(frozen=True, slots=True)
class SendFactsheet:
    """Publish the factsheet."""


@dataclass(frozen=True, slots=True)
class KeepLog:
    """Write down what the dog is doing, for ``reason``."""

    action_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class LetDrive:
    """Tell the gate in which session a person drives; empty: nobody does."""

    session_id: str


@dataclass(frozen=True, slots=True)
class StreamCamera:
    """Show the camera, live, until then and no longer; the same order with a later end goes on with it."""

    order: StreamOrder


@dataclass(frozen=True, slots=True)
class EndCameraStream:
    """Show it no more, and say why."""

    stream_id: str
    why: StreamEnd


@dataclass(frozen=True, slots=True)
class Speak:
    """Speak it aloud, and no longer what is being spoken."""

    sentence: Sentence


Command = (
    Go
    | Halt
    | TakePhoto
    | CompareToReference
    | SetEmergencyStop
    | ClearFall
    | SetPose
    | SendFactsheet
    | KeepLog
    | LetDrive
    | StreamCamera
    | EndCameraStream
    | Speak
)


@dataclass(slots=True)
class Commands:
    """What one update asks for, in order; ``report`` wants the state told at once."""

    items: list[Command] = field(default_factory=list)
    report: bool = False
