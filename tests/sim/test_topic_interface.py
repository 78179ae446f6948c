"""The simulator's process, from outside: a second process's view of its topics."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sim.engine import opengl_backend
from xiaotian.ros_domain import free_domain

DOMAIN = str(free_domain())
ROOT = Path(__file__).resolve().parents[2]
FASTDDS = ROOT / "ros2_ws/src/patrol_bringup/config/fastdds.xml"
LISTEN_S = 8.0
Told = dict[str, dict[str, Any]]


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "ROS_DOMAIN_ID": DOMAIN,
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "FASTRTPS_DEFAULT_PROFILES_FILE": str(FASTDDS),
        "FASTDDS_DEFAULT_PROFILES_FILE": str(FASTDDS),
    }


LISTENER = """
import json, sys, time, rclpy
import numpy as np
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState, CameraInfo, Image, Imu, LaserScan, PointCloud2
from xiaotian.ros_domain import free_domain

KINDS = {"scan": LaserScan, "points": PointCloud2, "imu": Imu, "odom": Odometry, "battery_state": BatteryState,
         "camera/image_raw": Image, "camera/camera_info": CameraInfo}
rclpy.init()
node = rclpy.create_node("listener")
qos = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
stamps, frames, last = {topic: [] for topic in KINDS}, {}, {}

def hear(topic, message):
    at = message.header.stamp
    stamps[topic].append(at.sec + at.nanosec * 1e-9)
    frames[topic] = message.header.frame_id
    last[topic] = message

subscriptions = [node.create_subscription(kind, f"/dog1/{topic}", lambda m, t=topic: hear(t, m), qos)
                 for topic, kind in KINDS.items()]
ticks = []
subscriptions.append(node.create_subscription(Clock, "/clock", lambda m: ticks.append(m.clock.sec), qos))
legs = node.create_publisher(Twist, "/dog1/cmd_vel", 1)
twist = Twist()
twist.linear.x = 0.4
began = None
while began is None or time.monotonic() - began < float(sys.argv[1]):
    rclpy.spin_once(node, timeout_sec=0.02)
    if began is None and all(stamps.values()):
        began = time.monotonic()
        stamps = {topic: [] for topic in KINDS}
    legs.publish(twist)
image = last["camera/image_raw"]
print(json.dumps({"stamps": stamps, "frames": frames, "ticks": len(ticks), "bytes": len(image.data),
                  "size": [image.width, image.height, image.step], "encoding": image.encoding,
                  "k": list(last["camera/camera_info"].k), "vx": last["odom"].twist.twist.linear.x,
                  "fields": [[f.name, f.offset, f.datatype] for f in last["points"].fields],
                  "cloud": [last["points"].height, last["points"].width, last["points"].point_step,
                            last["points"].row_step, len(last["points"].data)],
                  "lowest": np.frombuffer(last["points"].data, "f4").reshape(16, 360, 3)[0, 180].tolist(),
                  "charge": last["battery_state"].percentage, "beams": len(last["scan"].ranges)}))
"""


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What a listener heard while it made the dog walk, and the report that the simulator wrote at its end."""
    if opengl_backend.BACKEND == "disabled":
        pytest.skip(str(opengl_backend.explain()))
    report = tmp_path_factory.mktemp("face") / "report.json"
    command = [sys.executable, "-m", "xiaotian.cli", "sim", "serve", "--dog", "dog1:5,8.5,-1.57", "--seed", "1"]
    simulator = subprocess.Popen([*command, "--report", str(report)], env=environment(), cwd=ROOT)
    try:
        listener = [sys.executable, "-c", LISTENER, str(LISTEN_S)]
        told = subprocess.run(listener, env=environment(), capture_output=True, text=True, timeout=90, check=False)
        assert told.returncode == 0, told.stderr
    finally:
        simulator.send_signal(signal.SIGTERM)
        code = simulator.wait(20)
    assert code == 0
    return {"heard": json.loads(told.stdout), "report": json.loads(report.read_text())}


def test_another_process_receives_nearly_every_picture(heard: Told) -> None:
    stamps = sorted(heard["heard"]["stamps"]["camera/image_raw"])
    sent = round((stamps[-1] - stamps[0]) / 0.2) + 1
    assert sent > 25
    assert len(stamps) > 0.95 * sent


@pytest.mark.parametrize(
    ("topic", "hertz"),
    [("scan", 10), ("points", 10), ("imu", 50), ("odom", 25), ("battery_state", 1), ("camera/camera_info", 5)],
)
def test_each_sensor_comes_at_its_rate_in_simulated_time(heard: Told, topic: str, hertz: float) -> None:
    stamps = heard["heard"]["stamps"][topic]
    assert len(stamps) / (stamps[-1] - stamps[0]) == pytest.approx(hertz, rel=0.25)
    assert abs(stamps[-1] - time.time()) < 600, "simulated time starts at the wall clock's"


def test_the_picture_and_its_geometry_are_as_announced(heard: Told) -> None:
    told = heard["heard"]
    assert told["size"] == [640, 480, 1920]
    assert told["bytes"] == 640 * 480 * 3
    assert told["encoding"] == "rgb8"
    assert told["k"][0] == pytest.approx(343.5, abs=0.5)
    assert told["frames"]["camera/image_raw"] == "camera_optical_frame"
    assert told["frames"]["scan"] == "lidar_link"
    assert told["beams"] == 360


def test_another_process_receives_nearly_every_cloud_as_rows_of_rings(heard: Told) -> None:
    told = heard["heard"]
    stamps = sorted(told["stamps"]["points"])
    assert len(stamps) > 0.95 * (round((stamps[-1] - stamps[0]) / 0.1) + 1)
    assert told["frames"]["points"] == "lidar_3d_link"
    assert told["fields"] == [["x", 0, 7], ["y", 4, 7], ["z", 8, 7]]
    assert told["cloud"] == [16, 360, 12, 360 * 12, 16 * 360 * 12]
    assert told["lowest"] == pytest.approx([0.55, 0.0, -0.55], abs=0.1), "the lowest ring first, its middle ahead"


def test_the_dog_walks_as_cmd_vel_says_and_the_report_has_its_way(heard: Told) -> None:
    assert heard["heard"]["vx"] == pytest.approx(0.4, abs=0.15)
    dog = heard["report"]["dogs"]["dog1"]
    assert dog["distance_m"] > 1.5
    assert dog["collisions"] == dog["falls"] == 0
    assert heard["report"]["camera_backend"] in ("egl", "osmesa")
    assert heard["report"]["real_time_factor"] > 0.3
    walls = [wall for wall, _ in heard["report"]["clock"]]
    assert walls == sorted(walls)
