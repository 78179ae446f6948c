"""What the dog can do beside walking (VDA 5050 2.1.0, 6.8): one table, from which orders are checked and the factsheet
is made."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from edge.mission import camera_stream, link_loss, order_policies, speech
from edge.mission.fall import CLEAR_FALL
from protocol.camera_stream import LEASE_S, MOST_FPS, MOST_KBPS, START_STREAM, STOP_STREAM
from protocol.factsheet import ActionScope, ValueDataType
from protocol.manual_driving import LONGEST_SESSION, SESSION, SHORTEST_SESSION, START, STOP
from protocol.on_blocked import MOST_TRIES, ON_BLOCKED, BlockedPolicy
from protocol.on_link_loss import MOST_MINUTES, ON_LINK_LOSS, LinkLossPolicy
from protocol.on_low_battery import ON_LOW_BATTERY, LowBatteryPolicy
from protocol.order import Action, BlockingType
from protocol.speech import LANGUAGE, LONGEST_TEXT, SPEAK, TEXT, Language

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?", re.ASCII)
LONGEST_DWELL_S = 3600.0
INSTANT, NODE, EDGE = ActionScope.INSTANT, ActionScope.NODE, ActionScope.EDGE
FLOAT, STRING = ValueDataType.FLOAT, ValueDataType.STRING
NUMBERS = (ValueDataType.FLOAT, ValueDataType.NUMBER)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of an action."""

    key: str
    kind: ValueDataType
    text: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """An action that the dog can do: where it may stand, with what, and what else can be wrong with it."""

    name: str
    scopes: tuple[ActionScope, ...]
    text: str
    parameters: tuple[Parameter, ...] = ()
    wrong: Callable[[Action], str | None] = lambda _: None


def _wrong_dwell(action: Action) -> str | None:
    seconds = action.parameter("seconds")
    return None if 0 <= seconds <= LONGEST_DWELL_S else f"seconds is {seconds!r}, expected 0 to {LONGEST_DWELL_S:.0f}"


def _wrong_look_around(action: Action) -> str | None:
    walks = action.blocking_type is BlockingType.NONE
    return "a dog that turns about itself cannot walk: blockingType is NONE, expected SOFT or HARD" if walks else None


def _wrong_session(action: Action) -> str | None:
    length = len(action.parameter(SESSION))
    if SHORTEST_SESSION <= length <= LONGEST_SESSION:
        return None
    return f"{SESSION} has {length} characters, expected {SHORTEST_SESSION} to {LONGEST_SESSION}"


_PLACE = tuple(Parameter(key, FLOAT) for key in ("x", "y", "theta"))
# fmt: off
TABLE: dict[str, Kind] = {kind.name: kind for kind in (
    Kind("takePhoto", (NODE, EDGE), "keeps the next picture, heads pixelated, as evidence"),
    Kind("compareToReference", (NODE,), "compares what it sees with what it remembers of the node; tells a change"),
    Kind("dwell", (NODE, EDGE), "stands and watches; with NONE it watches while it walks",
         (Parameter("seconds", FLOAT, f"0 to {LONGEST_DWELL_S:.0f}"),), _wrong_dwell),
    Kind("lookAround", (NODE,), "turns once about itself, and has seen all that stands there; SOFT or HARD",
         wrong=_wrong_look_around),
    Kind(ON_LINK_LOSS, (NODE,), "from this node on: what to do when the station is out of reach", (
        Parameter("policy", STRING, ", ".join(LinkLossPolicy)),
        Parameter("minutes", FLOAT, f"for carryOnThenHome, 0 to {MOST_MINUTES:.0f}", optional=True),
    ), link_loss.wrong),
    Kind(ON_BLOCKED, (NODE,), "at the first node: what to do where a way stays blocked; at another: of the way there", (
        Parameter("policy", STRING, ", ".join(BlockedPolicy)),
        Parameter("tries", FLOAT, f"walks before it skips or goes home, 1 to {MOST_TRIES}", optional=True),
    ), order_policies.wrong_blocked),
    Kind(ON_LOW_BATTERY, (NODE,), "at the first node: what becomes of the order when the dog has to charge", (
        Parameter("policy", STRING, ", ".join(LowBatteryPolicy)),
    ), order_policies.wrong_low_battery),
    Kind("startCharging", (INSTANT, NODE),
         "on a node: charges there; at once: goes to a dock, that nearest to x and y or to itself, and charges",
         (Parameter("x", FLOAT, optional=True), Parameter("y", FLOAT, optional=True))),
    Kind("stopCharging", (INSTANT,), "steps off the dock"),
    Kind("cancelOrder", (INSTANT,), "stops where it is"),
    Kind("startPause", (INSTANT,), "stands; a dwell waits, a photo begun is kept; outlives a restart"),
    Kind("stopPause", (INSTANT,), "goes on"),
    Kind("initPosition", (INSTANT,), "done when the dog believes to be there", (
        *_PLACE, Parameter("mapId", STRING, optional=True), Parameter("lastNodeId", STRING, optional=True),
    )),
    Kind("stateRequest", (INSTANT,), "sends its state"),
    Kind("factsheetRequest", (INSTANT,), "sends this"),
    Kind("logReport", (INSTANT,), "keeps what it is doing in a file, and names it",
         (Parameter("reason", STRING, optional=True),)),
    Kind("emergencyStop", (INSTANT,), "latches the safety gate's stop"),
    Kind("releaseEmergencyStop", (INSTANT,), "releases it"),
    Kind(START_STREAM, (INSTANT,), f"shows the camera, live and masked; ends {LEASE_S:.0f} s after it was said last", (
        Parameter("token", STRING),
        Parameter("fps", FLOAT, f"to {MOST_FPS:.0f}", optional=True),
        Parameter("kbps", FLOAT, f"to {MOST_KBPS:.0f}", optional=True),
    ), camera_stream.wrong_limits),
    Kind(STOP_STREAM, (INSTANT,), "shows it no more", (Parameter("streamId", STRING, optional=True),)),
    Kind(SPEAK, (INSTANT,), "speaks a sentence aloud, in place of the one before", (
        Parameter(TEXT, STRING, f"1 to {LONGEST_TEXT} characters, no control characters"),
        Parameter(LANGUAGE, STRING, ", ".join(Language)),
    ), speech.wrong),
    Kind(CLEAR_FALL, (INSTANT,), "lets it go on after a fall: it stands, has checked itself, and waits for this"),
    Kind(START, (INSTANT,), "a person drives: its order waits, until the hand is given back; driveCommand moves it",
         (Parameter(SESSION, STRING, "names the drive; a newer one takes the place of an older"),), _wrong_session),
    Kind(STOP, (INSTANT,), "the hand is given back: it goes on with its order"),
)}
# fmt: on


def meant(action: Action) -> tuple[Action, tuple[str, ...]]:
    """The action with numbers where numbers are declared, and what was written otherwise: "2" can mean 2 alone."""
    kind = TABLE.get(action.action_type)
    numbers = {each.key for each in kind.parameters if each.kind in NUMBERS} if kind is not None else set()
    given = action.action_parameters or []
    read = {p.key: number for p in given if p.key in numbers and (number := _number(p.value)) is not None}
    if not read:
        return action, ()
    mended = [replace(p, value=read.get(p.key, p.value)) for p in given]
    loosely = tuple(f"{action.action_type}.{key}: a number written as a text" for key in read)
    return replace(action, action_parameters=mended), loosely


def _number(value: Any) -> float | None:
    """The finite number that a text is; None where ``value`` is no text, or another one."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    return float(value) if math.isfinite(float(value)) else None


def undoable(action: Action, scope: ActionScope) -> str | None:
    """Why the dog cannot do ``action`` there; None when it can."""
    kind = TABLE.get(action.action_type)
    if kind is None:
        return f"action {action.action_type!r} is unknown"
    if scope not in kind.scopes:
        return f"action {action.action_type!r} is not done as one of {scope}, but of {', '.join(kind.scopes)}"
    given = {each.key: each.value for each in action.action_parameters or []}
    why = _wrong_parameters(kind, given) or kind.wrong(action)
    return None if why is None else f"{action.action_type}: {why}"


def _wrong_parameters(kind: Kind, given: dict[str, Any]) -> str | None:
    known = {each.key: each for each in kind.parameters}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        return f"the parameter {unknown[0]!r} is unknown"
    for each in kind.parameters:
        if each.key not in given:
            if not each.optional:
                return f"{each.key} is not given"
        elif not _fits(given[each.key], each.kind):
            return f"{each.key} is {given[each.key]!r}, expected {'a number' if each.kind in NUMBERS else 'a text'}"
    return None


def _fits(value: Any, kind: ValueDataType) -> bool:
    if kind in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, str)
