"""The driver of a dog in Gazebo: a walk ends with its commands, the body is level, a dog at a dock charges."""

import json
import math
import os
import signal
import subprocess
import sys

import pytest

from sim.gazebo.driver import AGAIN_S, COMMAND_S, MOST_LEVELLING, GazeboDriver, SlowClock
from tests.shared import ROOT

DOCK = (3.0, -2.0, 1.5)


def test_a_dog_walks_as_commanded_and_stands_half_a_second_after_the_last_command() -> None:
    driver = GazeboDriver([])
    assert (driver.update(0.0).forward, driver.update(0.0).yaw) == (0.0, 0.0)
    driver.command((0.6, 0.1, -0.4), 10.0)
    walking = driver.update(10.0 + COMMAND_S)
    assert (walking.forward, walking.left, walking.yaw) == (0.6, 0.1, -0.4)
    standing = driver.update(10.0 + COMMAND_S + 0.02)
    assert (standing.forward, standing.left, standing.yaw) == (0.0, 0.0, 0.0)


def test_a_command_that_is_no_number_is_passed_over_and_an_old_one_does_not_hold_in_a_world_started_anew() -> None:
    driver = GazeboDriver([])
    driver.command((math.nan, 0.0, 0.0), 10.0)
    assert driver.update(10.0).forward == 0.0
    driver.command((0.5, 0.0, 0.0), 10.0)
    assert driver.update(0.1).forward == 0.0


@pytest.mark.parametrize("lean", [-0.9, -0.075, 0.0, 0.075, 0.9, math.nan])
def test_the_body_is_turned_back_to_level_gently(lean: float) -> None:
    driver = GazeboDriver([])
    driver.lean(lean, -lean)
    drive = driver.update(0.0)
    assert drive.roll == -drive.pitch
    assert abs(drive.roll) <= MOST_LEVELLING
    assert drive.roll * (lean if math.isfinite(lean) else 0.0) <= 0.0
    for _ in range(500):  # of 0.02 s
        lean += 0.02 * drive.roll
        driver.lean(lean, -lean)
        drive = driver.update(0.0)
    assert math.isnan(lean) or abs(lean) < 0.01


def test_a_dog_that_stands_at_a_dock_is_plugged_in_and_one_that_leaves_is_unplugged() -> None:
    driver = GazeboDriver([(0.0, 0.0, 0.0), DOCK])
    assert driver.update(0.0).recharge is None, "where it is is not known yet"
    driver.stand((9.0, 9.0, 0.0), 0.0)
    assert driver.update(0.1).recharge is False
    driver.stand((3.1, -1.9, 1.2), 0.0)
    assert driver.update(0.2).recharge is True
    assert driver.update(0.3).recharge is None
    assert driver.update(0.2 + AGAIN_S).recharge is True
    driver.stand((3.1, -1.2, 1.2), 0.0)
    assert driver.update(5.4).recharge is False


@pytest.mark.parametrize(
    ("place", "speed"), [((3.1, -1.9, -1.6), 0.0), ((3.0, -2.0, 1.5), 0.5), ((3.4, -2.0, 1.5), 0.0)]
)
def test_a_dog_that_passes_a_dock_or_stands_askew_is_not_plugged_in(
    place: tuple[float, float, float], speed: float
) -> None:
    driver = GazeboDriver([DOCK])
    driver.stand(place, speed)
    assert driver.update(1.0).recharge is False


def test_the_clock_is_passed_on_at_a_bearable_rate_and_after_a_start_anew_at_once() -> None:
    clock = SlowClock(0.02)
    passed = [n for n in range(501) if clock.passes(n * 0.002)]
    assert 48 <= len(passed) <= 51
    assert clock.passes(0.0)
    assert not clock.passes(0.01)


ROUND = """
import json, rclpy, sys, time
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Bool
rclpy.init()
node = rclpy.create_node("gazebo")
best = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
told, ticks, plugged = [], [], []
node.create_subscription(Clock, "/clock", lambda m: ticks.append(m.clock.sec + m.clock.nanosec * 1e-9), best)
node.create_subscription(Twist, "/rex/gazebo/cmd_vel", lambda m: told.append([now, m.linear.x]), 10)
node.create_subscription(Bool, "/rex/gazebo/recharge/start", lambda m: plugged.append(now), 10)
fast, legs = node.create_publisher(Clock, "/gazebo/clock", 10), node.create_publisher(Twist, "/rex/cmd_vel", 1)
odom = node.create_publisher(Odometry, "/rex/odom", 10)
place = Odometry()
x, y, z, w = map(float, sys.argv[1:5])
place.pose.pose.position.x, place.pose.pose.position.y = x, y
place.pose.pose.orientation.z, place.pose.pose.orientation.w = z, w
now, twist, until, walked = 0.0, Twist(), time.monotonic() + 60, None
twist.linear.x = 0.5
while time.monotonic() < until:
    now += 0.002
    at = Clock()
    at.clock.sec, at.clock.nanosec = int(now), int(now % 1 * 1e9)
    fast.publish(at)
    if walked is None:
        legs.publish(twist)
        if told and told[-1][1] == 0.5:
            walked = now
    elif now > walked + 1.5 and plugged:
        break
    odom.publish(place)
    rclpy.spin_once(node, timeout_sec=0.002)
print(json.dumps({"told": told, "ticks": ticks, "plugged": len(plugged), "walked": walked, "now": now}))
"""


def test_the_node_relays_between_gazebos_bridge_and_the_dogs_own_topics() -> None:
    pytest.importorskip("rclpy")
    environment = {**os.environ, "ROS_DOMAIN_ID": "22", "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    driver = subprocess.Popen(
        [sys.executable, "-m", "sim.ros.gazebo", "rex", "--site", "station_yard"], env=environment, cwd=ROOT
    )
    try:
        from sim.gazebo.spawning import docks_of, site_folder

        x, y, theta = docks_of(site_folder("station_yard"))[0]
        at_dock = [str(v) for v in (x, y, math.sin(theta / 2), math.cos(theta / 2))]
        done = subprocess.run(
            [sys.executable, "-c", ROUND, *at_dock],
            env=environment, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    finally:
        driver.send_signal(signal.SIGTERM)
        assert driver.wait(20) == 0
    told = json.loads(done.stdout)
    assert told["walked"], "no command came through"
    assert told["told"][-1][1] == 0.0, "it walks on though nobody commands it"
    assert told["plugged"] >= 1
    gaps = [b - a for a, b in zip(told["ticks"], told["ticks"][1:], strict=False)]
    assert min(gaps) > 0.0199
