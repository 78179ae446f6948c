"""Seeded visits: a dog walks a few metres past a place where something is wrong, or nothing that should be told."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from msgspec import UNSET
from numpy.typing import NDArray

from bench._random_trips import RAISED, SITES, usual_ground
from edge.navigation.planning import Plan, plan
from protocol.anomaly import AnomalyKind
from protocol.rules import BagLeft, FireSeen, Loitering, VehicleParked, ZoneRules
from protocol.site import Point as MapPoint
from protocol.site import Text, Zone, ZoneKind
from sim.engine.lighting import Light
from sim.engine.sdf import read_world
from sim.engine.walkers import follower
from xiaotian.direct.trial_site import site

KINDS = ("intrusion", "loitering", "lying", "parked", "bag", "fire")
TOLD_AS = {
    "intrusion": {AnomalyKind.PERSON_IN_RESTRICTED_ZONE},
    "loitering": {AnomalyKind.LOITERING},
    "lying": {AnomalyKind.PERSON_LYING},
    "parked": {AnomalyKind.VEHICLE_PARKED},
    "bag": {AnomalyKind.BAG_LEFT},
    "fire": {AnomalyKind.FIRE, AnomalyKind.SMOKE},
}
RULES = {
    "loitering": ZoneRules(loitering=Loitering(after_s=10.0)),
    "parked": ZoneRules(vehicle_parked=VehicleParked(after_s=3.0)),
    "bag": ZoneRules(bag_left=BagLeft(after_s=5.0, alone_m=4.0)),
    "fire": ZoneRules(fire=FireSeen(after_s=2.0, smoke_after_s=4.0)),
}
WAIT_S = {"intrusion": 0.0, "loitering": 10.0, "lying": 0.0, "parked": 3.0, "bag": 5.0, "fire": 2.0}
"""What the rules above wait for; 0 where a rule tells as soon as it is sure."""
ROOM = {"intrusion": 0.5, "loitering": 1.3, "lying": 1.2, "parked": 2.6, "bag": 0.6, "fire": 1.0}
"""Metres about its middle that a thing wants free."""
FAR = {"intrusion": 9.0, "loitering": 9.0, "lying": 8.0, "parked": 9.0, "bag": 5.5, "fire": 9.0}
NEAR = {"intrusion": 2.5, "loitering": 3.0, "lying": 2.0, "parked": 4.5, "bag": 2.0, "fire": 3.0}
"""Metres from the dog's last place to the thing, at most and at least."""
HOUR = {Light.DAY: 13, Light.DUSK: 19, Light.NIGHT: 23}
MIDNIGHT = 1_772_294_400.0  # s since the epoch: in all three sites, which are in Asia/Shanghai
DOG = 0.7  # m/s
STAND_S = 7.0  # beyond what the rule waits for
CARS = ("car_grey", "car_red", "car_dark", "police_car", "police_van")
Random = np.random.Generator


@dataclass(frozen=True)
class Visit:
    """What is to be tried. ``wrong`` names what should be told, empty where nothing is; ``path`` is the dog's way."""

    number: int
    seed: int
    kind: str
    site: str
    light: Light
    start: float
    wrong: str
    zones: tuple[Zone, ...]
    script: tuple[dict[str, Any], ...]
    path: NDArray[np.float64]
    theta: float
    seconds: float


class Unmade(Exception):
    """There was no room for it here; try elsewhere."""


def visit(number: int, seed: int, only: str = "") -> Visit:
    """The visit with this number of this seed; half of them have nothing wrong."""
    random = np.random.default_rng([seed, number])
    kind = only or KINDS[number % len(KINDS)]
    turn = number if only else number // len(KINDS)
    while True:
        try:
            return _Making(SITES[turn // 2 % len(SITES)], kind, random).make(number, seed, turn % 2 == 0)
        except Unmade:
            continue


class _Making:
    """One visit in the making."""

    def __init__(self, name: str, kind: str, random: Random) -> None:
        self.name, self.kind, self.random = name, kind, random
        self.grid, self.terrain = site(name).ground.grid, site(name).ground.terrain
        self.light = Light(str(random.choice([light.value for light in Light], p=[0.4, 0.25, 0.35])))

    def make(self, number: int, seed: int, is_wrong: bool) -> Visit:
        ours = [zone for zone in site(self.name).file.zones if self._runs(zone)]
        zone = ours[self.random.integers(len(ours))] if is_wrong and ours and self.random.random() < 0.5 else None
        shape = _shape(zone) if zone is not None else None
        place = self._place(shape)
        path, theta = self._way(place)
        walk = len(path) * 0.1 / DOG
        wait = WAIT_S[self.kind]
        script = WRONG[self.kind](self, place) if is_wrong else RIGHT[self.kind](self, place)
        if self.kind == "lying":
            zones = []
        elif zone is not None:
            zones = [zone]
        else:
            zones = [self._own_zone(place, is_wrong)]
        zones += [each for each in site(self.name).file.zones if each.kind is ZoneKind.PRIVACY]
        gone = [{"at": 0.0, "do": "remove", "name": each} for each in _walkers(self.name)]
        start = MIDNIGHT + HOUR[self.light] * 3600.0 + 1800.0
        return Visit(
            number, seed, self.kind, self.name, self.light, start, script[0]["name"] if is_wrong else "",
            tuple(zones), (*gone, *script), path, theta, walk + 2.0 + wait + STAND_S,
        )  # fmt: skip

    def _runs(self, zone: Zone) -> bool:
        """Whether the site itself has the rule there, at this time of day, and does not wait for long."""
        if zone.hours is not UNSET and self.light is not Light.NIGHT:
            return False
        if self.kind == "intrusion":
            return zone.kind is ZoneKind.RESTRICTED
        if zone.rules is UNSET:
            return False
        has = {"parked": zone.rules.vehicle_parked, "bag": zone.rules.bag_left, "fire": zone.rules.fire}
        return bool(has.get(self.kind, UNSET) is not UNSET)

    def _place(self, shape: shapely.Polygon | None) -> NDArray[np.float64]:
        frame = self.grid.frame
        x0, y0 = frame.x, frame.y
        x1, y1 = x0 + frame.width * frame.resolution, y0 + frame.height * frame.resolution
        if shape is not None:
            x0, y0, x1, y1 = shape.bounds
            shape = shape.buffer(-1.0)
        privacy = [_shape(z) for z in site(self.name).file.zones if z.kind is ZoneKind.PRIVACY]
        for _ in range(500):
            place = np.array([self.random.uniform(x0, x1), self.random.uniform(y0, y1)])
            if shape is not None and not shapely.intersects_xy(shape, *place):
                continue
            if any(shapely.intersects_xy(p.buffer(1.0), *place) for p in privacy):
                continue
            if self.is_free(place, ROOM[self.kind]) and not self._is_raised(place):
                return place
        raise Unmade("no place")

    def is_free(self, place: NDArray[np.float64], room: float) -> bool:
        """Whether nothing stands within ``room`` metres, as far as the map knows."""
        points = place + room * np.array([(0, 0), *((math.cos(a), math.sin(a)) for a in np.linspace(0, 6, 9))])
        rows, columns, inside = self.grid.frame.cells(points)
        known = bool(inside.all()) and not self.grid.unknown[rows, columns].any()
        return known and float(self.grid.distance_at(place[None, :])[0]) >= room

    def _is_raised(self, place: NDArray[np.float64]) -> bool:
        return any(x0 <= place[0] <= x1 and y0 <= place[1] <= y1 for x0, y0, x1, y1 in RAISED.get(self.name, ()))

    def _way(self, place: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """A walk of some metres to where the place is in plain view, and the heading in which the dog then stands."""
        for _ in range(60):
            end = self._about(place, self.random.uniform(NEAR[self.kind], FAR[self.kind]))
            if self.terrain.clearance_at(*end) < 0.6 or self._is_raised(end) or not self._sees(end, place):
                continue
            start = self._about(end, self.random.uniform(2.5, 6.0))
            if self.terrain.clearance_at(*start) < 0.6 or self._is_raised(start):
                continue
            way = plan(usual_ground(self.name), (start[0], start[1]), (end[0], end[1]))
            if not isinstance(way, Plan) or way.length > 8.0:
                continue
            path = np.array(way.path)
            if np.hypot(*(path - place).T).min() < NEAR[self.kind] - 0.7:
                continue
            theta = math.atan2(*(place - end)[::-1]) + self.random.uniform(-0.45, 0.45)
            return path, theta
        raise Unmade("no way")

    def _about(self, place: NDArray[np.float64], far: float) -> NDArray[np.float64]:
        angle = self.random.uniform(-math.pi, math.pi)
        return place + far * np.array([math.cos(angle), math.sin(angle)])

    def _sees(self, eye: NDArray[np.float64], place: NDArray[np.float64]) -> bool:
        line = eye + np.linspace(0.0, 1.0, 40)[:, None] * (place - eye)
        return bool((self.grid.distance_at(line) > 0.15).all())

    def _own_zone(self, place: NDArray[np.float64], is_wrong: bool) -> Zone:
        """A zone round the place; or, for some that do nothing wrong, beside it."""
        half = self.random.uniform(3.0, 4.0)
        middle = place + self.random.uniform(-1.5, 1.5, 2)
        if not is_wrong and self.kind in OUTSIDE:
            angle = self.random.uniform(-math.pi, math.pi)
            far = (half + OUTSIDE[self.kind]) / max(abs(math.cos(angle)), abs(math.sin(angle)))
            middle = place + far * np.array([math.cos(angle), math.sin(angle)])
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        return Zone(
            zone_id="bench",
            kind=ZoneKind.RESTRICTED if self.kind == "intrusion" else ZoneKind.WATCHED,
            name=Text(zh="试验区", en="Trial zone"),
            polygon=[MapPoint(x=float(middle[0] + half * i), y=float(middle[1] + half * j)) for i, j in corners],
            rules=RULES.get(self.kind, UNSET),
        )

    # What is there

    def person(self, name: str, *way: dict[str, Any], then: str = "stay", at: float = 0.0) -> dict[str, Any]:
        """Somebody in clothes of his own."""
        dress = {role: [round(float(v), 2) for v in self.random.uniform(0.05, 0.8, 3)] for role in ("top", "trousers")}
        dress["scale"] = round(float(self.random.normal(0.98, 0.05)), 3)
        return {"at": at, "do": "person", "name": name, "way": list(way), "then": then, "dress": dress}

    def to_and_fro(self, place: NDArray[np.float64], far: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Two free points, ``far`` metres apart or so, with ``place`` between them, where there is room."""
        for _ in range(30):
            angle = self.random.uniform(-math.pi, math.pi)
            step = np.array([math.cos(angle), math.sin(angle)]) * far / 2
            line = place + np.linspace(-1.0, 1.0, 15)[:, None] * step
            if float(self.grid.distance_at(line).min()) > 0.5:
                return line[0], line[-1]
        raise Unmade("no room to walk")


def _point(place: NDArray[np.float64], **more: Any) -> dict[str, Any]:
    return {"x": round(float(place[0]), 2), "y": round(float(place[1]), 2), **more}


def _shape(zone: Zone) -> shapely.Polygon:
    return shapely.Polygon([(p.x, p.y) for p in zone.polygon])


def _walkers(name: str) -> list[str]:
    return [model.name for model in read_world(site(name).world).models if follower(model) is not None]


Script = list[dict[str, Any]]


def _intruder(m: _Making, place: NDArray[np.float64]) -> Script:
    if m.random.random() < 0.5:
        return [m.person("intruder", _point(place, act="stand", seconds=300.0))]
    one, other = m.to_and_fro(place, 2.0)
    return [m.person("intruder", _point(one), _point(other), then="repeat")]


def _loiterer(m: _Making, place: NDArray[np.float64]) -> Script:
    act = str(m.random.choice(["loiter", "stand"]))
    return [m.person("loiterer", _point(place, act=act, seconds=300.0))]


def _theta(m: _Making) -> float:
    return round(float(m.random.uniform(-math.pi, math.pi)), 2)


def _lier(m: _Making, place: NDArray[np.float64]) -> Script:
    return [m.person("lying", _point(place, act="lie", seconds=300.0, theta=_theta(m)))]


def _sitter(m: _Making, place: NDArray[np.float64]) -> Script:
    act = str(m.random.choice(["sit", "stand"]))
    return [m.person("resting", _point(place, act=act, seconds=300.0, theta=_theta(m)))]


def _car(m: _Making, place: NDArray[np.float64]) -> Script:
    model = str(m.random.choice(CARS))
    return [{"at": 0.0, "do": "vehicle", "name": "car", "model": model, "way": [_point(place)], "theta": _theta(m)}]


def _passing_car(m: _Making, place: NDArray[np.float64]) -> Script:
    if m.random.random() < 0.5:
        return _car(m, place)
    one, other = m.to_and_fro(place, 16.0)
    entry = _car(m, place)[0] | {"at": 3.0, "way": [_point(one), _point(other, speed=3.0)], "then": "leave"}
    del entry["theta"]
    return [entry]


def _bag(m: _Making, place: NDArray[np.float64]) -> Script:
    return [{"at": 0.0, "do": "thing", "name": "bag", "model": "bag", "theta": _theta(m), **_point(place)}]


def _bag_and_owner(m: _Making, place: NDArray[np.float64]) -> Script:
    for _ in range(30):
        beside = m._about(place, m.random.uniform(0.7, 2.0))
        if m.is_free(beside, 0.5):
            return [*_bag(m, place), m.person("owner", _point(beside, act="stand", seconds=300.0))]
    raise Unmade("no room for an owner")


def _fire(m: _Making, place: NDArray[np.float64]) -> Script:
    size = round(float(m.random.uniform(0.5, 1.2)), 2)
    return [{"at": 0.0, "do": "fire", "name": "fire", "size": size, **_point(place)}]


def _walks_through(m: _Making, place: NDArray[np.float64]) -> Script:
    """Somebody who walks by at an even pace and is gone before the limit."""
    one, other = m.to_and_fro(place, 8.0)
    speed = round(float(m.random.uniform(1.1, 1.5)), 2)
    return [m.person("passer", _point(one), _point(other, speed=speed), then="leave", at=3.0)]


def _bright_one(m: _Making, place: NDArray[np.float64]) -> Script:
    """Somebody in the colours of a fire."""
    one = m.person("bright", _point(place, act=str(m.random.choice(["stand", "sit"])), seconds=300.0))
    one["dress"]["top"] = [0.95, 0.45, 0.1]
    return [one]


OUTSIDE = {"intrusion": 1.0, "parked": 2.6, "loitering": -1.5}
"""Metres from a zone's border to somebody who stands beside it and to the middle of a car; who passes crosses it."""
WRONG: dict[str, Callable[[_Making, NDArray[np.float64]], Script]] = {
    "intrusion": _intruder, "loitering": _loiterer, "lying": _lier, "parked": _car, "bag": _bag, "fire": _fire,
}  # fmt: skip
RIGHT: dict[str, Callable[[_Making, NDArray[np.float64]], Script]] = {
    "intrusion": _intruder, "loitering": _walks_through, "lying": _sitter, "parked": _passing_car,
    "bag": _bag_and_owner, "fire": _bright_one,
}  # fmt: skip
