"""The driver of dogs in Gazebo as a ROS node: `python -m sim.ros.gazebo dog1 dog2 --site station_yard`.

It takes messages from the middleware at a pace of its own, with no executor between: Gazebo tells the time five hundred
times a second, which would cost it half a core, and whoever else listened as much again.
"""

import argparse
import math
import signal
import time
from typing import Any

import rclpy
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.utilities import remove_ros_args
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu
from std_msgs.msg import Bool

from sim.gazebo.driver import Drive, GazeboDriver, SlowClock
from sim.gazebo.spawning import docks_of, site_folder
from sim.topics import CLOCK, COMMAND, FAST_CLOCK, IMU, ODOM, RECHARGE_START, RECHARGE_STOP

PERIOD_S = 0.02  # of /clock, simulated: as our engine tells it
LOOK_S = 0.005  # of the wall's clock, between looks for what has come
NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
COMMANDS = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)


class DogRelay:
    """One dog's topics."""

    def __init__(self, node: Node, name: str, driver: GazeboDriver) -> None:
        self._driver = driver
        self._command = node.create_subscription(Twist, COMMAND.in_ros(name), _nothing, COMMANDS)
        self._imu = node.create_subscription(Imu, IMU.in_ros(name), _nothing, NEWEST)
        self._odom = node.create_subscription(Odometry, ODOM.in_ros(name), _nothing, NEWEST)
        self._legs = node.create_publisher(Twist, COMMAND.in_bridge(name), COMMANDS)
        self._plug = {
            True: node.create_publisher(Bool, RECHARGE_START.in_bridge(name), 1),
            False: node.create_publisher(Bool, RECHARGE_STOP.in_bridge(name), 1),
        }

    def update(self, now: float) -> None:
        """Take in what has come, and send what follows from it."""
        if (command := take(self._command, Twist)) is not None:
            self._driver.command((command.linear.x, command.linear.y, command.angular.z), now)
        if (imu := take(self._imu, Imu)) is not None:
            self._driver.lean(*_lean(imu))
        if (odometry := take(self._odom, Odometry)) is not None:
            self._driver.stand(*_stands(odometry))
        self._send(self._driver.update(now))

    def _send(self, drive: Drive) -> None:
        twist = Twist()
        twist.linear.x, twist.linear.y = drive.forward, drive.left
        twist.angular.x, twist.angular.y, twist.angular.z = drive.roll, drive.pitch, drive.yaw
        self._legs.publish(twist)
        if drive.recharge is not None:
            self._plug[drive.recharge].publish(Bool(data=True))


def take(subscription: Any, kind: type) -> Any:
    """The newest message that has come since the last call, or None."""
    newest = None
    with subscription.handle:
        while (taken := subscription.handle.take_message(kind, False)) is not None:
            newest = taken[0]
    return newest


def _nothing(_: object) -> None:
    """Messages are taken, not called back for."""


def _lean(imu: Imu) -> tuple[float, float]:
    q = imu.orientation
    roll = math.atan2(2 * (q.w * q.x + q.y * q.z), 1 - 2 * (q.x * q.x + q.y * q.y))
    return roll, math.asin(max(-1.0, min(1.0, 2 * (q.w * q.y - q.z * q.x))))


def _stands(odometry: Odometry) -> tuple[tuple[float, float, float], float]:
    place, velocity = odometry.pose.pose, odometry.twist.twist.linear
    theta = 2 * math.atan2(place.orientation.z, place.orientation.w)
    return (place.position.x, place.position.y, theta), math.hypot(velocity.x, velocity.y)


def main() -> None:
    """Relay until SIGINT or SIGTERM."""
    rclpy.init(signal_handler_options=rclpy.signals.SignalHandlerOptions.NO)
    parser = argparse.ArgumentParser(prog="python -m sim.ros.gazebo", description=__doc__)
    parser.add_argument("dogs", nargs="+")
    parser.add_argument("--site", required=True, help="a site folder, or the name of one of ours: where its docks are")
    words = parser.parse_args(remove_ros_args()[1:])
    ended: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _: ended.append(got))
    node, docks = rclpy.create_node("gazebo_driver"), docks_of(site_folder(words.site))
    dogs = [DogRelay(node, name, GazeboDriver(docks)) for name in words.dogs]
    fast = node.create_subscription(Clock, FAST_CLOCK, _nothing, NEWEST)
    clock, slow = node.create_publisher(Clock, f"/{CLOCK.name}", NEWEST), SlowClock(PERIOD_S)
    while not ended:
        told = take(fast, Clock)
        if told is not None and slow.passes(now := told.clock.sec + told.clock.nanosec * 1e-9):
            clock.publish(told)
            for dog in dogs:
                dog.update(now)
        time.sleep(LOOK_S)
    node.destroy_node()
    rclpy.try_shutdown()


if __name__ == "__main__":
    main()
