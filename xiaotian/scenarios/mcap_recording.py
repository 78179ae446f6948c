"""A run as an MCAP file that Foxglove opens: ROS 2 messages on the simulator's clock, schemas in the file.

| topic | what |
|---|---|
| `/map` `/zones` | the site |
| `/tf` `/NAME/pose` `/NAME/path` | where each dog truly was |
| `/NAME/told` `/NAME/battery_state` | where it said it was, and its charge |
| `/truth` | people, vehicles and things, as they truly were |
| `/incidents` `/incidents/picture` | what the operator was told, and saw |
| `/events` | the timeline, as a log |
| `/scenario` | the file and the verdict |
"""

import io
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from protocol.site_folder import read_site
from xiaotian.ros_bag import Bag, header_at, make, point, pose_at, time_at, turn, vector
from xiaotian.scenarios.event_record import Entry, Kind, stamp
from xiaotian.scenarios.judge import Verdict

FRAME = "map"
PATH_EVERY = 10  # poses, from one copy of the whole path to the next
LOG_LEVELS = {Kind.ERROR: 40, Kind.LOST: 40, Kind.INCIDENT: 30, Kind.EVENT: 30}  # rcl_interfaces/Log; else INFO
INFO = 20
COLOURS = {"people": (0.86, 0.15, 0.15), "vehicles": (0.2, 0.3, 0.6), "things": (0.5, 0.35, 0.1)}
SIZES = {"people": (0.45, 0.45, 1.75), "vehicles": (4.2, 1.8, 1.5), "things": (0.5, 0.4, 0.4)}


@dataclass(frozen=True)
class _Said:
    """A message to be written at ``t``, seconds on the simulator's clock."""

    t: float
    topic: str
    kind: str
    message: Any


def write(verdict: Verdict, file: Path) -> None:
    """Write the run of ``verdict`` to ``file``; nothing where it did not run."""
    if verdict.outcome.error:
        return
    said = sorted(_all(verdict), key=lambda each: each.t)
    with Bag(file) as bag:
        for each in said:
            bag.write(each.topic, each.kind, each.message, each.t)


def _all(verdict: Verdict) -> Iterator[_Said]:
    outcome = verdict.outcome
    yield from _site(outcome.scenario.site, outcome.zero)
    for dog, told in outcome.report["dogs"].items():
        yield from _dog(dog, told["path"])
        yield from _telling(verdict, dog)
    for row in outcome.report.get("truth", []):
        at = outcome.report["start"] + row["t"]
        yield _Said(at, "/truth", "visualization_msgs/msg/MarkerArray", _truth(row, at))
    for number, incident in enumerate(outcome.record.incidents.values()):
        yield from _incident(verdict, number, incident)
    for entry in outcome.timeline:
        yield _Said(outcome.zero + entry.t, "/events", "rcl_interfaces/msg/Log", _log(entry, outcome.zero))
    yield _Said(outcome.zero, "/scenario", "std_msgs/msg/String", _scenario(verdict))


def _site(folder: Path, at: float) -> Iterator[_Said]:
    site, grid = read_site(folder)
    cells = np.flipud(np.asarray(Image.open(io.BytesIO(grid.image)).convert("L")))
    occupancy = np.where(cells < 50, 100, np.where(cells > 250, 0, -1)).astype(np.int8)
    info = make(
        "nav_msgs/msg/MapMetaData",
        map_load_time=time_at(at),
        resolution=grid.resolution,
        width=cells.shape[1],
        height=cells.shape[0],
        origin=pose_at(grid.origin.x, grid.origin.y, 0.0, grid.origin.theta),
    )
    made = make("nav_msgs/msg/OccupancyGrid", header=_header(at), info=info, data=occupancy.ravel())
    yield _Said(at, "/map", "nav_msgs/msg/OccupancyGrid", made)
    lines = []
    for number, zone in enumerate(site.zones):
        points = [(p.x, p.y) for p in [*zone.polygon, zone.polygon[0]]]
        lines.append(_marker(at, "zones", number, points=points, text=zone.name.en))
    yield _Said(at, "/zones", "visualization_msgs/msg/MarkerArray", _markers(lines))


def _dog(dog: str, path: list[list[float]]) -> Iterator[_Said]:
    poses = []
    for number, (t, x, y, theta) in enumerate(path):
        pose = make("geometry_msgs/msg/PoseStamped", header=_header(t), pose=pose_at(x, y, 0.0, theta))
        poses.append(pose)
        yield _Said(t, f"/{dog}/pose", "geometry_msgs/msg/PoseStamped", pose)
        yield _Said(t, "/tf", "tf2_msgs/msg/TFMessage", _transform(t, f"{dog}/base_link", x, y, theta))
        if number % PATH_EVERY == 0 or number == len(path) - 1:
            walked = make("nav_msgs/msg/Path", header=_header(t), poses=list(poses))
            yield _Said(t, f"/{dog}/path", "nav_msgs/msg/Path", walked)


def _telling(verdict: Verdict, dog: str) -> Iterator[_Said]:
    outcome = verdict.outcome
    for told in (each for each in outcome.record.told if each.dog == dog):
        t = outcome.clock.simulated(told.wall)
        pose = make("geometry_msgs/msg/PoseStamped", header=_header(t), pose=pose_at(told.x, told.y, 0.0, told.theta))
        yield _Said(t, f"/{dog}/told", "geometry_msgs/msg/PoseStamped", pose)
        if told.charge is not None:
            yield _Said(t, f"/{dog}/battery_state", "sensor_msgs/msg/BatteryState", _battery(t, told.charge))


def _incident(verdict: Verdict, number: int, incident: dict[str, Any]) -> Iterator[_Said]:
    outcome = verdict.outcome
    told = outcome.record.first(f"incident:{incident['zoneId'] or incident['kind']}", incident["dogId"])
    t = stamp(incident["frameStamp"]) if told is None else outcome.clock.simulated(told.wall)
    at = incident["position"]
    ball = _marker(
        t, "incidents", number, at=(at["x"], at["y"], 0.9), size=(0.7, 0.7, 0.7), text=str(incident["zoneId"])
    )
    yield _Said(t, "/incidents", "visualization_msgs/msg/MarkerArray", _markers([ball]))
    picture = outcome.pictures.get(incident["incidentId"])
    if picture is not None:
        data = np.frombuffer(picture.read_bytes(), np.uint8)
        made = make("sensor_msgs/msg/CompressedImage", header=_header(t), format="jpeg", data=data)
        yield _Said(t, "/incidents/picture", "sensor_msgs/msg/CompressedImage", made)


def _truth(row: dict[str, Any], t: float) -> Any:
    made = [make("visualization_msgs/msg/Marker", **_blank(t, "truth", 0) | {"action": 3})]  # DELETEALL
    for kind, colour in COLOURS.items():
        for number, (name, (x, y, theta, *_)) in enumerate(row.get(kind, {}).items(), 1):
            size = SIZES[kind]
            place = (x, y, size[2] / 2)
            made.append(_marker(t, kind, number, at=place, size=size, colour=colour, theta=theta, text=name))
    return _markers(made)


def _log(entry: Entry, zero: float) -> Any:
    return make(
        "rcl_interfaces/msg/Log",
        stamp=time_at(zero + entry.t),
        level=LOG_LEVELS.get(entry.kind, INFO),
        name=entry.dog or "scenario",
        msg=f"{entry.label} {entry.text}".strip(),
        file="",
        function="",
        line=0,
    )


def _scenario(verdict: Verdict) -> Any:
    outcome = verdict.outcome
    findings = [[f.about, f.expected, f.found, f.passed] for f in verdict.findings]
    said = {"passed": verdict.passed, "seed": outcome.seed, "findings": findings}
    text = outcome.scenario.file.read_text(encoding="utf-8")
    return make("std_msgs/msg/String", data=json.dumps(said | {"file": text}, ensure_ascii=False))


def _battery(t: float, charge: float) -> Any:
    nan = math.nan
    return make(
        "sensor_msgs/msg/BatteryState",
        header=_header(t),
        voltage=nan,
        temperature=nan,
        current=nan,
        charge=nan,
        capacity=nan,
        design_capacity=nan,
        percentage=charge,
        power_supply_status=0,
        power_supply_health=0,
        power_supply_technology=0,
        present=True,
        cell_voltage=np.array([], np.float32),
        cell_temperature=np.array([], np.float32),
        location="",
        serial_number="",
    )


def _transform(t: float, child: str, x: float, y: float, theta: float) -> Any:
    made = make(
        "geometry_msgs/msg/TransformStamped",
        header=_header(t),
        child_frame_id=child,
        transform=make("geometry_msgs/msg/Transform", translation=vector(x, y, 0.0), rotation=turn(theta)),
    )
    return make("tf2_msgs/msg/TFMessage", transforms=[made])


def _marker(
    t: float,
    space: str,
    number: int,
    at: tuple[float, float, float] = (0.0, 0.0, 0.0),
    size: tuple[float, float, float] = (0.15, 0.0, 0.0),
    colour: tuple[float, float, float] = (0.86, 0.15, 0.15),
    points: Iterable[tuple[float, float]] = (),
    text: str = "",
    theta: float = 0.0,
) -> Any:
    """A box at a place, a ball for an incident, or a line where there are ``points``."""
    line = [point(x, y, 0.02) for x, y in points]
    shape = 4 if line else (2 if space == "incidents" else (3 if space == "people" else 1))
    said = {
        "type": shape,
        "pose": pose_at(*at, theta),
        "scale": vector(*size),
        "color": make("std_msgs/msg/ColorRGBA", r=colour[0], g=colour[1], b=colour[2], a=0.85),
        "points": line,
        "text": text,
    }
    return make("visualization_msgs/msg/Marker", **_blank(t, space, number) | said)


def _blank(t: float, space: str, number: int) -> dict[str, Any]:
    """The fields of a marker that say nothing."""
    image = {"header": _header(t), "format": "", "data": np.array([], np.uint8)}
    return {
        "header": _header(t),
        "ns": space,
        "id": number,
        "type": 1,
        "action": 0,
        "pose": pose_at(0.0, 0.0, 0.0, 0.0),
        "scale": vector(1.0, 1.0, 1.0),
        "color": make("std_msgs/msg/ColorRGBA", r=0.0, g=0.0, b=0.0, a=0.0),
        "lifetime": make("builtin_interfaces/msg/Duration", sec=0, nanosec=0),
        "frame_locked": False,
        "points": [],
        "colors": [],
        "texture_resource": "",
        "texture": make("sensor_msgs/msg/CompressedImage", **image),
        "uv_coordinates": [],
        "text": "",
        "mesh_resource": "",
        "mesh_file": make("visualization_msgs/msg/MeshFile", filename="", data=np.array([], np.uint8)),
        "mesh_use_embedded_materials": False,
    }


def _markers(markers: list[Any]) -> Any:
    return make("visualization_msgs/msg/MarkerArray", markers=markers)


def _header(t: float) -> Any:
    return header_at(t, FRAME)
