"""What a dog measured around an anomaly, as an MCAP file that Foxglove opens: no picture is in it.

| topic | schema | what |
|---|---|---|
| `/pose` | foxglove.PoseInFrame | where the dog was, in `map` |
| `/tf` | foxglove.FrameTransform | the same, for the lidar's frame |
| `/scan` | foxglove.LaserScan | turns of the lidar, in `base_link`; 0 m: no echo |
| `/detections` | xiaotian.Detections | people in each frame: boxes in its pixels, tracks on the map |
| `/people` | foxglove.SceneUpdate | the tracks, to be looked at |
| `/log` | foxglove.Log | each anomaly, and why it was raised |
"""

import io
import math
from typing import Any

import msgspec
from mcap.writer import CompressionType, Writer

from edge.evidence.clip_recorder import Cut

MAP, BODY = "map", "base_link"
LOG_WARNING = 3
PERSON_HEIGHT, PERSON_WIDTH = 1.7, 0.5  # m, of what stands for a track
_TIME = {"type": "object", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}
_NUMBER, _TEXT = {"type": "number"}, {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


_VECTOR = _object(x=_NUMBER, y=_NUMBER, z=_NUMBER)
_TURN = _object(x=_NUMBER, y=_NUMBER, z=_NUMBER, w=_NUMBER)
_POSE = _object(position=_VECTOR, orientation=_TURN)
_COLOUR = _object(r=_NUMBER, g=_NUMBER, b=_NUMBER, a=_NUMBER)
_CUBE = _object(pose=_POSE, size=_VECTOR, color=_COLOUR)
_ENTITY = _object(timestamp=_TIME, frame_id=_TEXT, id=_TEXT, lifetime=_TIME, cubes=_list(_CUBE))
_BOX = _object(label=_TEXT, posture=_TEXT, score=_NUMBER, left=_NUMBER, top=_NUMBER, right=_NUMBER, bottom=_NUMBER)
_TRACK = _object(track_id={"type": "integer"}, score=_NUMBER, x=_NUMBER, y=_NUMBER, deviation=_NUMBER)
SCHEMAS: dict[str, dict[str, Any]] = {
    "foxglove.PoseInFrame": _object(timestamp=_TIME, frame_id=_TEXT, pose=_POSE),
    "foxglove.FrameTransform": _object(
        timestamp=_TIME, parent_frame_id=_TEXT, child_frame_id=_TEXT, translation=_VECTOR, rotation=_TURN
    ),
    "foxglove.LaserScan": _object(
        timestamp=_TIME,
        frame_id=_TEXT,
        pose=_POSE,
        start_angle=_NUMBER,
        end_angle=_NUMBER,
        ranges=_list(_NUMBER),
        intensities=_list(_NUMBER),
    ),
    "foxglove.SceneUpdate": _object(deletions=_list(_object()), entities=_list(_ENTITY)),
    "foxglove.Log": _object(timestamp=_TIME, level={"type": "integer"}, message=_TEXT, name=_TEXT, file=_TEXT),
    "xiaotian.Detections": _object(
        timestamp=_TIME,
        width={"type": "integer"},
        height={"type": "integer"},
        boxes=_list(_BOX),
        tracks=_list(_TRACK),
    ),
}


def record(cut: Cut) -> bytes:
    """The file; messages stand in it by their stamps."""
    said = sorted([*_poses(cut), *_scans(cut), *_detections(cut), *_log(cut)], key=lambda each: each[0])
    file = io.BytesIO()
    writer = Writer(file, compression=CompressionType.ZSTD)
    writer.start(profile="", library="xiaotian")
    channels: dict[str, int] = {}
    for number, (stamp, topic, schema, message) in enumerate(said):
        if topic not in channels:
            schema_id = writer.register_schema(schema, "jsonschema", msgspec.json.encode(_titled(schema)))
            channels[topic] = writer.register_channel(topic, "json", schema_id)
        at = round(stamp * 1e9)
        writer.add_message(channels[topic], at, msgspec.json.encode(message), at, number)
    writer.finish()
    return file.getvalue()


def _titled(schema: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": schema} | SCHEMAS[schema]


_Said = tuple[float, str, str, dict[str, Any]]


def _poses(cut: Cut) -> list[_Said]:
    said: list[_Said] = []
    for each in cut.poses:
        at, place, turn = _time(each.stamp), _vector(each.pose.x, each.pose.y), _turn(each.pose.theta)
        pose = {"timestamp": at, "frame_id": MAP, "pose": {"position": place, "orientation": turn}}
        moved = {"timestamp": at, "parent_frame_id": MAP, "child_frame_id": BODY}
        said.append((each.stamp, "/pose", "foxglove.PoseInFrame", pose))
        moved |= {"translation": place, "rotation": turn}
        said.append((each.stamp, "/tf", "foxglove.FrameTransform", moved))
    return said


def _scans(cut: Cut) -> list[_Said]:
    here = {"position": _vector(0.0, 0.0), "orientation": _turn(0.0)}
    return [
        (
            scan.stamp,
            "/scan",
            "foxglove.LaserScan",
            {
                "timestamp": _time(scan.stamp),
                "frame_id": BODY,
                "pose": here,
                "start_angle": scan.angle_min,
                "end_angle": scan.angle_min + scan.angle_increment * max(len(scan.ranges) - 1, 0),
                "ranges": [round(r, 3) if math.isfinite(r) else 0.0 for r in scan.ranges.tolist()],
                "intensities": [],
            },
        )
        for scan in cut.scans
    ]


def _detections(cut: Cut) -> list[_Said]:
    said: list[_Said] = []
    for frame in cut.frames:
        height, width = frame.shape
        boxes = [
            {
                "label": each.label,
                "posture": each.posture.value if each.posture is not None else "",
                "score": round(each.score, 3),
                "left": round(each.box.left, 1),
                "top": round(each.box.top, 1),
                "right": round(each.box.right, 1),
                "bottom": round(each.box.bottom, 1),
            }
            for each in frame.people
        ]
        placed = [(each, each.place) for each in frame.tracks if each.place is not None]
        tracks = [
            {
                "track_id": track.track_id,
                "score": round(track.score, 3),
                "x": round(place.x, 3),
                "y": round(place.y, 3),
                "deviation": round(place.deviation, 3),
            }
            for track, place in placed
        ]
        told = {"timestamp": _time(frame.stamp), "width": width, "height": height, "boxes": boxes, "tracks": tracks}
        said.append((frame.stamp, "/detections", "xiaotian.Detections", told))
        entities = [_entity(frame.stamp, str(track.track_id), place.x, place.y) for track, place in placed]
        said.append((frame.stamp, "/people", "foxglove.SceneUpdate", {"deletions": [], "entities": entities}))
    return said


def _entity(stamp: float, name: str, x: float, y: float) -> dict[str, Any]:
    pose = {"position": _vector(x, y, PERSON_HEIGHT / 2), "orientation": _turn(0.0)}
    cube = {
        "pose": pose,
        "size": _vector(PERSON_WIDTH, PERSON_WIDTH, PERSON_HEIGHT),
        "color": {"r": 0.86, "g": 0.15, "b": 0.15, "a": 0.7},
    }
    return {"timestamp": _time(stamp), "frame_id": MAP, "id": name, "lifetime": _time(0.5), "cubes": [cube]}


def _log(cut: Cut) -> list[_Said]:
    return [
        (
            each.stamp,
            "/log",
            "foxglove.Log",
            {
                "timestamp": _time(each.stamp),
                "level": LOG_WARNING,
                "message": f"{each.alert.kind}: {each.alert.reason.en}",
                "name": each.anomaly_id,
                "file": "",
            },
        )
        for each in cut.sighted
    ]


def _time(stamp: float) -> dict[str, int]:
    seconds, rest = divmod(round(stamp * 1e9), 10**9)
    return {"sec": seconds, "nsec": rest}


def _vector(x: float, y: float, z: float = 0.0) -> dict[str, float]:
    return {"x": x, "y": y, "z": z}


def _turn(theta: float) -> dict[str, float]:
    return {"x": 0.0, "y": 0.0, "z": math.sin(theta / 2), "w": math.cos(theta / 2)}
