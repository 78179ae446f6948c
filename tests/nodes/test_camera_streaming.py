"""The camera's part of perception on real ROS 2: what it refuses, and that nobody who does not watch pays for it."""

import json
import subprocess
import sys
import time

import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from patrol_interfaces.msg import WireMessage  # noqa: E402
from patrol_nodes.executor import NodeExecutor  # noqa: E402
from patrol_nodes.perception_node import PerceptionNode  # noqa: E402
from rclpy.node import Node  # noqa: E402

from protocol.camera_stream import START_STREAM  # noqa: E402
from xiaotian.ros_domain import free_domain  # noqa: E402


def test_a_real_dog_with_a_detector_of_simulated_people_shows_nothing_and_says_why() -> None:
    rclpy.init(args=["--ros-args", "-r", "__ns:=/dog25", "-p", "detector:=fallback"], domain_id=free_domain())
    perception, mission = PerceptionNode(), Node("mission")
    told: list[WireMessage] = []
    order = mission.create_publisher(WireMessage, "camera_stream/order", 10)
    mission.create_subscription(WireMessage, "camera_stream/told", told.append, 10)
    executor = NodeExecutor()
    for node in (perception, mission):
        executor.add_node(node)
    try:
        deadline = time.monotonic() + 60
        wish = json.dumps({"stream_id": "s1", "token": "open", "until": 1e12})
        while not told and time.monotonic() < deadline:
            if order.get_subscription_count():
                order.publish(WireMessage(topic=START_STREAM, payload=wish))
            executor.spin_once(timeout_sec=0.1)
        assert json.loads(told[0].payload) == {"streamId": "s1", "ended": "NO_MASKING"}
    finally:
        executor.shutdown()
        perception.destroy_node()
        mission.destroy_node()
        rclpy.try_shutdown()


def test_a_dog_that_nobody_watches_loads_neither_encoder_nor_sockets() -> None:
    code = (
        "import sys; import patrol_nodes.perception_node, patrol_nodes.mission_node;"
        "sys.exit(', '.join(sorted({'av', 'websockets'} & set(sys.modules))) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
