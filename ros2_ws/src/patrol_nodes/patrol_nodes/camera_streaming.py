"""camera_stream/order -> a WebSocket to the station -> camera_stream/told: perception's part of a live camera."""

import json
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import msgspec
from patrol_interfaces.msg import WireMessage
from rclpy.node import Node
from rclpy.timer import Timer

from edge.camera_stream.live_frame import LiveFrame
from edge.camera_stream.station_door import StationDoor
from edge.camera_stream.stream_order import StreamOrder
from edge.dog.perception_core import PerceptionCore
from edge.mission.events import CameraStreamTold
from edge.perception.detector import Detector
from patrol_nodes.masking_trust import masks_people
from protocol.camera_stream import START_STREAM, StreamEnd

if TYPE_CHECKING:
    from edge.camera_stream.live_camera import LiveCamera

PERIOD_S = 0.2


class CameraStreaming:
    """Subscribes for ``node`` and tells ``core`` how often a frame is wanted; what nobody watches costs nothing."""

    def __init__(self, node: Node, core: PerceptionCore, detector: Detector) -> None:
        token, authority = (node.declare_parameter(name, "").value for name in ("upload_token_file", "tls_ca"))
        url = node.declare_parameter("server_url", "http://127.0.0.1:8080").value
        self._door = StationDoor(url, Path(token) if token else None, Path(authority) if authority else None)
        self._refusal = None if masks_people(node, detector) else StreamEnd.NO_MASKING
        self._node, self._core = node, core
        self._camera: LiveCamera | None = None
        self._timer: Timer | None = None
        self._told = node.create_publisher(WireMessage, "camera_stream/told", 10)
        node.create_subscription(WireMessage, "camera_stream/order", self._on_order, 10)

    def take(self, frame: LiveFrame) -> None:
        """A frame for who watches."""
        if self._camera is not None:
            self._camera.take(frame, self._seconds(), monotonic())

    def end(self) -> None:
        """Show nothing any more."""
        if self._camera is not None:
            self._camera.end(StreamEnd.STOPPED)

    def _on_order(self, message: WireMessage) -> None:
        """Somebody wants to watch, still does, or does not any more."""
        camera = self._opened()
        if message.topic == START_STREAM:
            order = msgspec.json.decode(message.payload, type=StreamOrder)
            self._tell(camera.take_order(order, monotonic()))
        else:
            said = json.loads(message.payload)
            self._tell(camera.end(StreamEnd(said["why"]), said["streamId"]))
        if camera.active and self._timer is None:
            self._timer = self._node.create_timer(PERIOD_S, self._follow)
        self._follow()

    def _opened(self) -> "LiveCamera":
        if self._camera is None:
            from edge.camera_stream.live_camera import LiveCamera  # 28 MB, for a dog that is watched alone

            self._camera = LiveCamera(self._door, self._refusal)
        return self._camera

    def _follow(self) -> None:
        camera = self._opened()
        self._tell(camera.update(self._seconds(), monotonic()))
        self._core.live_every = camera.every_s
        if not camera.active and self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None

    def _tell(self, told: Sequence[CameraStreamTold]) -> None:
        for each in told:
            self._node.get_logger().info(f"camera stream {each.stream_id}: {each.ended or 'pictures flow'}")
            payload = json.dumps({"streamId": each.stream_id, "ended": each.ended})
            at = self._node.get_clock().now().to_msg()
            self._told.publish(WireMessage(stamp=at, topic="cameraStream", payload=payload))

    def _seconds(self) -> float:
        return float(self._node.get_clock().now().nanoseconds * 1e-9)
