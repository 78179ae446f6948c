"""What a run was told: the live socket's messages become a timeline, and the last word on each thing."""

import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

REACHED = ("REACHED", "DONE", "FAILED")
OPEN = ("SENT", "ACTIVE")
BY_ZONE = ("PERSON_IN_RESTRICTED_ZONE",)  # kinds of incident that are called by their zone; all others by their kind


class Kind(StrEnum):
    """What an entry of the timeline is about; with its name it makes the label that scenarios use."""

    EVENT = "event"
    OVER = "over"  # an event that lasted is over
    PATROL = "patrol"
    CHECKPOINT = "checkpoint"
    INCIDENT = "incident"
    PICTURE = "picture"  # an incident's picture is stored
    ERROR = "error"
    MENDED = "mended"  # an error is reported no more
    LOST = "lost"  # the server takes a dog for lost
    LIVE = "live"  # and again for live
    WORLD = "world"  # the simulator's own account of what came of it: fell, got_up, parked, left, collision
    LINK = "link"  # of the runner itself to the server


@dataclass(frozen=True)
class Entry:
    """Something that was told, or done, at ``wall`` (UTC seconds); ``t`` in the scenario's seconds, once known."""

    wall: float
    kind: Kind
    name: str
    dog: str = ""
    text: str = ""
    t: float = 0.0

    @property
    def label(self) -> str:
        """``kind:name``."""
        return f"{self.kind}:{self.name}"


@dataclass
class Told:
    """One dog as the station showed it at ``wall``."""

    wall: float
    dog: str
    x: float
    y: float
    theta: float
    charge: float | None  # 0..1


@dataclass
class Record:
    """All that came, in the order in which it came. ``take`` is told of each message of the live socket."""

    entries: list[Entry] = field(default_factory=list)
    patrols: dict[str, dict[str, Any]] = field(default_factory=dict)
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    dogs: dict[str, dict[str, Any]] = field(default_factory=dict)
    detector: str = ""

    def add(self, wall: float, kind: Kind, name: str, dog: str = "", text: str = "") -> Entry:
        """Put an entry on the timeline."""
        entry = Entry(wall, kind, name, dog, text)
        self.entries.append(entry)
        return entry

    def take(self, kind: str, data: Any, wall: float) -> None:
        """A message of the live socket."""
        if kind == "snapshot":
            self._dogs(data["dogs"], wall)
            for patrol in data["patrols"]:
                self._patrol(patrol, wall)
            for incident in data["incidents"]:
                self._incident(incident, wall)
        elif kind == "dogs":
            self._dogs(data, wall)
        elif kind == "places":
            self.dogs |= {dog["dogId"]: self.dogs[dog["dogId"]] | dog for dog in data if dog["dogId"] in self.dogs}
        elif kind == "patrol":
            self._patrol(data, wall)
        elif kind == "incident":
            self._incident(data, wall)

    def heard(self, label: str) -> bool:
        """Whether the timeline has an entry of that label."""
        return any(entry.label == label for entry in self.entries)

    def first(self, label: str, dog: str = "") -> Entry | None:
        """The first entry of that label, by ``dog`` if one is named."""
        return next((e for e in self.entries if e.label == label and (not dog or e.dog == dog)), None)

    def _patrol(self, new: dict[str, Any], wall: float) -> None:
        old = self.patrols.get(new["patrolId"], {})
        self.patrols[new["patrolId"]] = new
        before = {n: c["status"] for n, c in enumerate(old.get("checkpoints", []))}
        for n, checkpoint in enumerate(new["checkpoints"]):
            if checkpoint["status"] in REACHED and before.get(n) not in REACHED:
                self.add(wall, Kind.CHECKPOINT, checkpoint["checkpointId"], new["dogId"], checkpoint["name"]["en"])
        if new["status"] != old.get("status"):
            self.add(wall, Kind.PATROL, new["status"].lower(), new["dogId"], new["reason"] or "")

    def _incident(self, new: dict[str, Any], wall: float) -> None:
        old = self.incidents.get(new["incidentId"])
        self.incidents[new["incidentId"]] = new
        name = new["zoneId"] if new["zoneId"] and new["kind"] in BY_ZONE else new["kind"]
        if old is None:
            self.add(wall, Kind.INCIDENT, name, new["dogId"], new["kind"])
        if new["pictureUrl"] and not (old and old["pictureUrl"]):
            self.add(wall, Kind.PICTURE, name, new["dogId"])

    def _dogs(self, dogs: Iterable[dict[str, Any]], wall: float) -> None:
        for new in dogs:
            dog, old = new["dogId"], self.dogs.get(new["dogId"], {})
            self.dogs[dog] = new
            self.detector = new["detector"] or self.detector
            if old and new["live"] != old["live"]:
                self.add(wall, Kind.LIVE if new["live"] else Kind.LOST, dog, dog)
            said = {e["errorType"]: e for e in new["errors"]}
            known = {e["errorType"] for e in old.get("errors", [])}
            for name in [name for name in said if name not in known]:
                self.add(wall, Kind.ERROR, name, dog, said[name]["errorDescription"] or "")
            for name in sorted(known - set(said)):
                self.add(wall, Kind.MENDED, name, dog)
            if new["position"]:
                at, charge = new["position"], new["batteryCharge"]
                share = None if charge is None else charge / 100
                self.told.append(Told(wall, dog, at["x"], at["y"], at["theta"], share))


class Clock:
    """Simulated time against the wall's, from pairs (wall, simulated) in seconds, and beyond them at ``rate``."""

    def __init__(self, pairs: Sequence[Sequence[float]], rate: float) -> None:
        if not pairs:
            raise ValueError("the simulator told no time")
        self._wall = [pair[0] for pair in pairs]
        self._simulated = [pair[1] for pair in pairs]
        self._rate = rate

    def simulated(self, wall: float) -> float:
        """The simulated time at a wall's time."""
        return _between(wall, self._wall, self._simulated, self._rate)

    def wall(self, simulated: float) -> float:
        """The wall's time at a simulated time."""
        return _between(simulated, self._simulated, self._wall, 1 / self._rate if self._rate else 0.0)


def stamp(text: str) -> float:
    """An ISO time of the API in UTC seconds."""
    return datetime.fromisoformat(text).timestamp()


def timed(entries: Iterable[Entry], time_of: Callable[[float], float]) -> list[Entry]:
    """The entries with their ``t``, in its order."""
    made = [Entry(e.wall, e.kind, e.name, e.dog, e.text, round(time_of(e.wall), 2)) for e in entries]
    return sorted(made, key=lambda entry: entry.t)


def _between(at: float, xs: list[float], ys: list[float], slope: float) -> float:
    if at <= xs[0]:
        return ys[0] + (at - xs[0]) * slope
    if at >= xs[-1]:
        return ys[-1] + (at - xs[-1]) * slope
    after = bisect.bisect_right(xs, at)
    (x0, x1), (y0, y1) = xs[after - 1 : after + 1], ys[after - 1 : after + 1]
    return y0 + (at - x0) / (x1 - x0) * (y1 - y0)
