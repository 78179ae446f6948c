"""What happens in a world and to its dogs' sensors, and when: a JSON list, each entry ``{"at": s, "do": KIND, ...}``.

``at`` is in seconds of simulated time since the start. Metres and radians in the world's frame; ``seconds`` is how long
it lasts, and without it, it lasts to the end. docs/simulation.md tells every field; a test proves that it does.
"""

import difflib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta, Struct, convert

Seconds = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+$", max_length=60)]
Colour = tuple[Share, Share, Share]


class MalformedScript(ValueError):
    """A script that cannot be run: the text names the file, and for each mistake the entry and the field."""


class Gait(StrEnum):
    """How a person goes along a leg of his way."""

    WALK = "walk"
    RUN = "run"


class Act(StrEnum):
    """What a person does at a point of his way."""

    STAND = "stand"
    LOITER = "loiter"
    SIT = "sit"
    LIE = "lie"


class Then(StrEnum):
    """What follows at the end of a way."""

    STAY = "stay"
    REPEAT = "repeat"
    LEAVE = "leave"


class Daylight(StrEnum):
    """What light there is."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Sensor(StrEnum):
    """A dog's sensors."""

    SCAN = "scan"
    POINTS = "points"
    CAMERA = "camera"
    DEPTH = "depth"
    IMU = "imu"
    ODOM = "odom"
    BATTERY = "battery"


class Fault(StrEnum):
    """What can be wrong with a sensor: it says nothing; says the same again; says it badly; sees its cover; slips."""

    SILENT = "silent"
    FROZEN = "frozen"
    NOISY = "noisy"
    COVERED = "covered"
    SLIP = "slip"


CAN_FAIL_SO: dict[Fault, frozenset[Sensor]] = {
    Fault.SILENT: frozenset(Sensor),
    Fault.FROZEN: frozenset(Sensor),
    Fault.NOISY: frozenset(Sensor) - {Sensor.BATTERY},
    Fault.COVERED: frozenset({Sensor.CAMERA, Sensor.DEPTH, Sensor.SCAN, Sensor.POINTS}),
    Fault.SLIP: frozenset({Sensor.ODOM}),
}


class Happening(Struct, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True):
    """An entry of the script."""

    at: Seconds


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point of a person's way: how he comes there, and what he does there for how long."""

    x: float
    y: float
    go: Gait = Gait.WALK
    speed: Positive | None = None
    act: Act = Act.STAND
    seconds: Seconds = 0.0
    theta: float | None = None


class Clothes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Colours by role, 0..1; height as a multiple of 1.75 m, and girth."""

    skin: Colour | None = None
    top: Colour | None = None
    trousers: Colour | None = None
    shoes: Colour | None = None
    hair: Colour | None = None
    scale: Annotated[float, Meta(ge=0.5, le=1.3)] = 1.0
    girth: Annotated[float, Meta(ge=0.5, le=2.0)] = 1.0


class Person(Happening, frozen=True, kw_only=True, tag="person"):
    """A person appears at the first point and goes his way; one who is there already goes it from where he is."""

    name: Name
    way: Annotated[tuple[Point, ...], Meta(min_length=1)]
    then: Then = Then.STAY
    dress: Clothes | None = None
    yields: bool = True


class Gather(Happening, frozen=True, kw_only=True, tag="gather"):
    """``count`` people, NAME_1.., come from ``sources`` and stand round x, y; after ``seconds`` they go back."""

    name: Name
    x: float
    y: float
    sources: Annotated[tuple[tuple[float, float], ...], Meta(min_length=1)]
    count: Annotated[int, Meta(ge=2, le=30)] = 5
    radius: Positive = 1.2
    seconds: Positive | None = None


class Waypoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point of a vehicle's way; ``speed`` on the leg to it, ``seconds`` of waiting there."""

    x: float
    y: float
    speed: Positive = 4.0
    seconds: Seconds = 0.0


class Vehicle(Happening, frozen=True, kw_only=True, tag="vehicle"):
    """A vehicle of ``model`` appears at the first point, drives its way and parks (``then: stay``), or leaves."""

    name: Name
    model: Name = "car_grey"
    way: Annotated[tuple[Waypoint, ...], Meta(min_length=1)]
    theta: float = 0.0
    then: Then = Then.STAY
    yields: bool = True


class Thing(Happening, frozen=True, kw_only=True, tag="thing"):
    """A thing of ``model`` is left behind."""

    name: Name
    x: float
    y: float
    z: float = 0.0
    theta: float = 0.0
    model: Name = "bag"


class Remove(Happening, frozen=True, kw_only=True, tag="remove"):
    """A person, vehicle, thing, block, smoke, fire, or a model of the world is there no more."""

    name: Name


class Move(Happening, frozen=True, kw_only=True, tag="move"):
    """A thing, or a model of the world, is put elsewhere; it takes ``seconds``, in a straight line."""

    name: Name
    x: float
    y: float
    z: float = 0.0
    theta: float = 0.0
    seconds: Seconds = 0.0


class Door(Happening, frozen=True, kw_only=True, tag="door"):
    """A model of the world that is a door swings open by ``angle``, or shut; it takes ``seconds``."""

    name: Name
    state: Annotated[str, Meta(pattern=r"^(open|shut)$")]
    angle: Annotated[float, Meta(ge=-3.2, le=3.2)] = 1.5
    seconds: Seconds = 2.0


class Smoke(Happening, frozen=True, kw_only=True, tag="smoke"):
    """Smoke rises from a place: a column of ``radius``; ``density`` is how little is seen through it."""

    name: Name
    x: float
    y: float
    z: float = 0.0
    radius: Positive = 1.0
    density: Share = 0.6
    seconds: Positive | None = None


class Fire(Happening, frozen=True, kw_only=True, tag="fire"):
    """A fire: flames ``size`` metres high that flicker and light what is near; with smoke unless told otherwise."""

    name: Name
    x: float
    y: float
    z: float = 0.0
    size: Positive = 0.8
    smoke: bool = True
    seconds: Positive | None = None


class LightChange(Happening, frozen=True, kw_only=True, tag="light"):
    """It becomes day, dusk or night."""

    light: Daylight


class Fog(Happening, frozen=True, kw_only=True, tag="fog"):
    """Fog through which one sees ``visibility`` metres; without a number it lifts."""

    visibility: Annotated[float, Meta(ge=2)] | None = None


class Block(Happening, frozen=True, kw_only=True, tag="block"):
    """A barrier across the way, ``width`` metres wide, its board facing ``theta``."""

    name: Name
    x: float
    y: float
    theta: float = 0.0
    width: Annotated[float, Meta(ge=0.3, le=30)] = 2.0
    seconds: Positive | None = None


class Push(Happening, frozen=True, kw_only=True, tag="push"):
    """A dog is pushed: an impulse in N s, along its own axes."""

    dog: Name
    forward: float = 0.0
    left: float = 0.0


class Topple(Happening, frozen=True, kw_only=True, tag="topple"):
    """A legged dog is thrown on its side; it lies, then gets up."""

    dog: Name


class SensorFault(Happening, frozen=True, kw_only=True, tag="sensor"):
    """A sensor of a dog fails; ``strength`` multiplies what noisy and slip do."""

    dog: Name
    sensor: Sensor
    fault: Fault
    strength: Positive = 1.0
    seconds: Positive | None = None


class Mend(Happening, frozen=True, kw_only=True, tag="mend"):
    """A dog's sensor, or all of them, works again."""

    dog: Name
    sensor: Sensor | None = None


class Lift(Happening, frozen=True, kw_only=True, tag="lift"):
    """A dog is lifted up and, after ``seconds``, put down elsewhere; its odometry knows nothing of it."""

    dog: Name
    x: float
    y: float
    theta: float = 0.0
    seconds: Seconds = 1.0


class BatteryChange(Happening, frozen=True, kw_only=True, tag="battery"):
    """A dog's battery has this ``charge`` from now on, or drains ``drain`` times as fast."""

    dog: Name
    charge: Share | None = None
    drain: Annotated[float, Meta(ge=0, le=10_000)] | None = None


class ClockFault(Happening, frozen=True, kw_only=True, tag="clock"):
    """A dog's sensors stamp what they say ``offset`` seconds late (negative) or early."""

    dog: Name
    offset: float
    seconds: Positive | None = None


AnyHappening = (
    Person | Gather | Vehicle | Thing | Remove | Move | Door | Smoke | Fire | LightChange | Fog | Block
    | Push | Topple | SensorFault | Mend | Lift | BatteryChange | ClockFault
)  # fmt: skip
KINDS: dict[str, type[Happening]] = {kind.__struct_config__.tag: kind for kind in get_args(AnyHappening)}
Script = tuple[Happening, ...]
MOST_MISTAKES = 20  # of those in a file, told at once


def read_script(path: Path) -> Script:
    """The script in the JSON file ``path``; raises MalformedScript."""
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise MalformedScript(f"{path}: {error.strerror}") from error


def decode(text: bytes | str, source: str = "script") -> Script:
    """The script in JSON ``text``, in the order of ``at``; raises MalformedScript, which names ``source``."""
    try:
        entries = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise MalformedScript(f"{source}: no JSON: {error}") from error
    return check(entries, source)


def check(entries: Any, source: str = "script") -> Script:
    """The script that plain lists and dicts make; raises MalformedScript with every mistake in it."""
    if not isinstance(entries, list):
        raise MalformedScript(f"{source}: expected a list of entries")
    made: list[Happening] = []
    mistakes: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            made.append(happening(entry))
        except ValueError as error:
            mistakes.append(f"{source}: entry {number}{_label(entry)}: {error}")
    if mistakes:
        more = len(mistakes) - MOST_MISTAKES
        raise MalformedScript("\n".join(mistakes[:MOST_MISTAKES] + ([f"... and {more} more"] if more > 0 else [])))
    return tuple(sorted(made, key=lambda happening: happening.at))


def happening(entry: Any) -> Happening:
    """One entry; raises ValueError, which names the field."""
    if not isinstance(entry, dict):
        raise ValueError(f"expected an object with 'at' and 'do', found {type(entry).__name__}")
    kind = entry.get("do")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(_unknown(kind))
    try:
        made = convert(entry, KINDS[kind], strict=True)
    except msgspec.ValidationError as error:
        raise ValueError(_told(str(error), KINDS[kind])) from error
    _agree(made)
    return made


def _agree(made: Happening) -> None:
    """What no single field can tell."""
    if isinstance(made, SensorFault) and made.sensor not in CAN_FAIL_SO[made.fault]:
        can = ", ".join(fault for fault, sensors in CAN_FAIL_SO.items() if made.sensor in sensors)
        raise ValueError(f"field 'fault': the {made.sensor} cannot be {made.fault!s}; it can be {can}")
    if isinstance(made, BatteryChange) and made.charge is None and made.drain is None:
        raise ValueError("needs 'charge', 'drain' or both")
    if isinstance(made, Push) and made.forward == made.left == 0.0:
        raise ValueError("needs 'forward', 'left' or both")


def _unknown(kind: Any) -> str:
    if kind is None:
        return f"field 'do' is missing; it is one of {', '.join(KINDS)}"
    near = difflib.get_close_matches(str(kind), KINDS, 1)
    meant = f"; did you mean {near[0]!r}?" if near else f"; it is one of {', '.join(KINDS)}"
    return f"field 'do': nothing is called {kind!r}{meant}"


def _told(error: str, kind: type[Struct]) -> str:
    """Msgspec's own sentence, the field first, and what fields there are where one is unknown."""
    what, _, where = error.partition(" - at `")
    where = where.rstrip("`").removeprefix("$").removeprefix(".")
    told = f"field {where!r}: {what}" if where else what
    if "unknown field" in what and not where:
        told += f"; there are {', '.join(('do', *kind.__struct_fields__))}"
    return told


def _label(entry: Any) -> str:
    if not isinstance(entry, dict):
        return ""
    words = [str(entry["do"])] if "do" in entry else []
    words += [f"{key} {entry[key]}" for key in ("name", "dog", "at") if key in entry]
    return f" ({', '.join(words)})" if words else ""


def nearest(name: str, known: list[str]) -> str:
    """A hint at what may have been meant, or nothing."""
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
