"""ROS 2 messages and the MCAP files that hold them, as `ros2 bag record` writes them, without a ROS installation."""

import math
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mcap.writer import CompressionType, Writer
from rosbags.typesys import Stores, get_typestore

CHUNK = 256 * 1024  # bytes: of a recording that is cut off, so much is lost at most


class Bag:
    """Written as it comes, in chunks: what was cut off can be read as far as it goes. The schemas are in the file."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._stream = file.open("wb")
        self._writer = Writer(self._stream, CHUNK, CompressionType.ZSTD)
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._writer.start(profile="ros2", library="xiaotian")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.finish()
        self._stream.close()

    def write(self, topic: str, kind: str, message: Any, at: float) -> None:
        """Add a message of type ``kind`` on ``topic`` at ``at`` (s)."""
        nanoseconds = round(at * 1e9)
        self._counts[topic] = self._counts.get(topic, 0) + 1
        self._writer.add_message(
            channel_id=self._channel(topic, kind),
            log_time=nanoseconds,
            publish_time=nanoseconds,
            sequence=self._counts[topic],
            data=bytes(_types().serialize_cdr(message, kind)),
        )

    def _channel(self, topic: str, kind: str) -> int:
        if topic not in self._channels:
            self._channels[topic] = self._writer.register_channel(topic, "cdr", self._schema(kind))
        return self._channels[topic]

    def _schema(self, kind: str) -> int:
        if kind not in self._schemas:
            text, _ = _types().generate_msgdef(kind)
            self._schemas[kind] = self._writer.register_schema(kind, "ros2msg", text.encode())
        return self._schemas[kind]


def make(kind: str, **fields: Any) -> Any:
    """A message of type ``kind``; all of its fields have to be given."""
    return _types().types[kind](**fields)


def header_at(at: float, frame: str) -> Any:
    """std_msgs/Header of ``at`` (s)."""
    return make("std_msgs/msg/Header", stamp=time_at(at), frame_id=frame)


def time_at(at: float) -> Any:
    """builtin_interfaces/Time of ``at`` (s)."""
    seconds, rest = divmod(round(at * 1e9), 10**9)
    return make("builtin_interfaces/msg/Time", sec=seconds, nanosec=rest)


def vector(x: float, y: float, z: float) -> Any:
    """geometry_msgs/Vector3."""
    return make("geometry_msgs/msg/Vector3", x=x, y=y, z=z)


def point(x: float, y: float, z: float) -> Any:
    """geometry_msgs/Point."""
    return make("geometry_msgs/msg/Point", x=x, y=y, z=z)


def turn(theta: float) -> Any:
    """geometry_msgs/Quaternion: a turn by ``theta`` (rad) about the vertical."""
    return make("geometry_msgs/msg/Quaternion", x=0.0, y=0.0, z=math.sin(theta / 2), w=math.cos(theta / 2))


def pose_at(x: float, y: float, z: float, theta: float) -> Any:
    """geometry_msgs/Pose, upright."""
    return make("geometry_msgs/msg/Pose", position=point(x, y, z), orientation=turn(theta))


@cache
def _types() -> Any:
    return get_typestore(Stores.ROS2_JAZZY)
