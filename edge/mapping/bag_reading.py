"""What a dog's drivers said on a walk, read from rosbag2's files: MCAP, or SQLite (.db3), cut off or whole."""

import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from mcap.exceptions import McapError
from mcap.records import Channel, Message, Schema
from mcap.stream_reader import StreamReader
from rosbags.typesys import Stores, get_typestore
from zstandard import ZstdError

from edge.types import Imu, Odometry, Pose2D, Scan, Twist2D, roll_pitch_yaw

SCAN, ODOM, IMU = "sensor_msgs/msg/LaserScan", "nav_msgs/msg/Odometry", "sensor_msgs/msg/Imu"
NAMES = {SCAN: "scan", ODOM: "odom", IMU: "imu"}


class UnusableRecording(ValueError):
    """A recording of which no map can be made; the text names the file, says why, and what to do."""


@dataclass
class Recording:
    """All that was said, each list in the order in which it was said. ``cut_off``: why the file ends before its end."""

    name: str
    scans: list[Scan] = field(default_factory=list)
    odometry: list[Odometry] = field(default_factory=list)
    imu: list[Imu] = field(default_factory=list)
    cut_off: str = ""


def read_recording(path: Path, dog: str = "") -> Recording:
    """The recording in ``path``: a file, or rosbag2's folder of files. ``dog`` names whose, where there are several.

    Raises UnusableRecording.
    """
    read = Recording(str(path))
    said: dict[str, list[tuple[str, Any]]] = {SCAN: [], ODOM: [], IMU: []}
    for file in _files(path):
        try:
            for topic, kind, data in (_sqlite if file.suffix == ".db3" else _mcap)(file):
                if kind in said:
                    said[kind].append((topic, data))
        except (McapError, EOFError, ZstdError, struct.error, sqlite3.DatabaseError) as error:
            read.cut_off = f"{file.name} ends before its end ({type(error).__name__})"
    if not any(said.values()):
        raise UnusableRecording(f"{path}: no scan, odom or imu in it{'; ' + read.cut_off if read.cut_off else ''}")
    for kind, name in NAMES.items():
        chosen = _chosen(path, name, said[kind], dog)
        into: list[Any] = getattr(read, {"scan": "scans", "odom": "odometry", "imu": "imu"}[name])
        convert = {SCAN: _scan, ODOM: _odometry, IMU: _imu}[kind]
        into.extend(convert(_types().deserialize_cdr(data, kind)) for topic, data in said[kind] if topic == chosen)
    return read


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for suffix in ("*.mcap", "*.db3") for file in path.glob(suffix))
        if not found:
            packed = [file.name for file in path.glob("*.zstd")]
            raise UnusableRecording(
                f"{path}: no .mcap and no .db3 file in this folder"
                + (f"; unpack {packed[0]} first (unzstd)" if packed else "")
            )
        return found
    if not path.is_file():
        raise UnusableRecording(f"{path}: there is no such file or folder")
    if path.suffix not in (".mcap", ".db3"):
        raise UnusableRecording(f"{path}: expected a .mcap or .db3 file, or rosbag2's folder of them")
    return [path]


def _mcap(file: Path) -> Iterator[tuple[str, str, bytes]]:
    """Topic, type and bytes of each message, as far as the file can be read."""
    schemas: dict[int, str] = {}
    channels: dict[int, tuple[str, int]] = {}
    with file.open("rb") as stream:
        for record in StreamReader(stream).records:
            if isinstance(record, Schema):
                schemas[record.id] = record.name
            elif isinstance(record, Channel):
                channels[record.id] = record.topic, record.schema_id
            elif isinstance(record, Message) and record.channel_id in channels:
                topic, schema = channels[record.channel_id]
                yield topic, schemas.get(schema, ""), record.data


def _sqlite(file: Path) -> Iterator[tuple[str, str, bytes]]:
    """The same of rosbag2's older format."""
    base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        rows = "SELECT name, type, data FROM messages JOIN topics ON topics.id = topic_id ORDER BY timestamp"
        yield from base.execute(rows)
    finally:
        base.close()


def _chosen(path: Path, name: str, said: list[tuple[str, Any]], dog: str) -> str:
    """The topic of this kind; raises where it is not clear which, for a scan and an odometry also where none is."""
    topics = sorted({topic for topic, _ in said})
    if dog:
        topics = [topic for topic in topics if topic.strip("/").split("/")[0] == dog]
    if len(topics) > 1:
        topics = [topic for topic in topics if topic.endswith("/" + name)] or topics
    if len(topics) > 1:
        raise UnusableRecording(f"{path}: {name} is there more than once ({', '.join(topics)}); say --dog NAME")
    if not topics and name != "imu":
        whose = f" of {dog}" if dog else ""
        raise UnusableRecording(f"{path}: no {name}{whose} in it: record /DOG/scan, /DOG/odom and /DOG/imu")
    return topics[0] if topics else ""


def _scan(message: Any) -> Scan:
    return Scan(
        float(message.angle_min),
        float(message.angle_increment),
        float(message.range_min),
        float(message.range_max),
        np.asarray(message.ranges, np.float32),
        _seconds(message),
    )


def _odometry(message: Any) -> Odometry:
    place, twist = message.pose.pose.position, message.twist.twist
    pose = Pose2D(place.x, place.y, _angles(message.pose.pose.orientation)[2])
    return Odometry(pose, Twist2D(twist.linear.x, twist.linear.y, twist.angular.z), _seconds(message))


def _imu(message: Any) -> Imu:
    roll, pitch, _ = _angles(message.orientation)
    return Imu(roll, pitch, message.angular_velocity.z, _seconds(message))


def _angles(rotation: Any) -> tuple[float, float, float]:
    return roll_pitch_yaw(rotation.x, rotation.y, rotation.z, rotation.w)


def _seconds(message: Any) -> float:
    stamp = message.header.stamp
    return float(stamp.sec) + float(stamp.nanosec) * 1e-9


@cache
def _types() -> Any:
    return get_typestore(Stores.ROS2_JAZZY)
