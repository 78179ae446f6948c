"""A dog of real nodes (link, mission, perception) before pictures that the simulator draws: two people in a yard."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import rclpy
from geometry_msgs.msg import PoseWithCovarianceStamped
from patrol_nodes import ros_conversion
from patrol_nodes.link_node import LinkNode
from patrol_nodes.mission_node import MissionNode
from patrol_nodes.perception_node import PerceptionNode
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState, CameraInfo, Image, Imu

from edge.perception.detector import Box, Picture
from edge.types import Pose2D, PoseEstimate
from sim.engine.labelled_pictures import LabelledRenderer, Light, Posture, Stance
from tests.console.running_station import SITE, RunningStation
from xiaotian.ros_domain import free_domain

NAME = "dog24"
STANDS = Pose2D(14.0, 11.0, 0.0)
STANDING, WALKING = (18.0, 12.0), 19.5  # of one person the place, of the other how far east
FRAMES = 10
FOCAL = 320 / math.tan(0.75)
PERIOD_S = 0.2


@dataclass(frozen=True)
class Scene:
    """What the camera sees, one picture after the other, and where in all of them the one stands who stands."""

    pictures: tuple[Picture, ...]
    person: Box


def drawn() -> Scene:
    """One who stands, and one who walks behind; raises NoPictures."""
    pictures = []
    with LabelledRenderer(people=2) as studio:
        studio.light(Light.DAY)
        ahead = STANDS.compose(Pose2D(0.33, 0.0, 0.0))
        studio.look(ahead.x, ahead.y, 0.46, ahead.theta)
        studio.place(0, Stance(*STANDING, math.pi, Posture.STANDING, 0.0))
        for n in range(FRAMES):
            studio.place(1, Stance(WALKING, 9.0 + 0.25 * n, math.pi / 2, Posture.WALKING, 0.5 * n))
            shot = studio.shoot()
            pictures.append(np.ascontiguousarray(shot.rgb))
        one = shot.people[0]
    return Scene(tuple(pictures), Box(one.left, one.top, one.right, one.bottom))


class Driver(Node):
    """The camera and localization of a dog that stands, with a clock that is the wall's."""

    def __init__(self, scene: Scene) -> None:
        super().__init__("driver", use_global_arguments=True)
        self._pictures = cycle(scene.pictures)
        self._clock = self.create_publisher(Clock, "/clock", 1)
        self._image = self.create_publisher(Image, "camera/image_raw", qos_profile_sensor_data)
        self._info = self.create_publisher(CameraInfo, "camera/camera_info", qos_profile_sensor_data)
        self._imu = self.create_publisher(Imu, "imu", qos_profile_sensor_data)
        self._pose = self.create_publisher(PoseWithCovarianceStamped, "pose", 10)
        self._battery = self.create_publisher(BatteryState, "battery_state", qos_profile_sensor_data)
        self.charge = 0.8

    def tick(self) -> None:
        """The time, twenty times a second."""
        self._clock.publish(Clock(clock=ros_conversion.stamp(time.time())))

    def shoot(self) -> None:
        """A picture, and then where it was taken."""
        now = time.time()
        at = ros_conversion.stamp(now)
        info = CameraInfo(width=640, height=480, k=[FOCAL, 0.0, 320.0, 0.0, FOCAL, 240.0, 0.0, 0.0, 1.0])
        self._info.publish(info)
        imu = Imu()
        imu.header.stamp, imu.orientation.w = at, 1.0
        self._imu.publish(imu)
        image = Image(width=640, height=480, encoding="rgb8", step=1920, data=next(self._pictures).tobytes())
        image.header.stamp = at
        self._image.publish(image)
        self._battery.publish(BatteryState(percentage=self.charge, voltage=28.0))
        estimate = PoseEstimate(STANDS, np.diag([1e-4, 1e-4, 1e-5]), 1.0, now)
        self._pose.publish(ros_conversion.pose_estimate_message(estimate))


@contextmanager
def watched_dog(station: RunningStation, scene: Scene) -> Iterator[Driver]:
    """The dog, on the station's wire, obeying what the station signs and nothing else."""
    data = station.data_dir.parent / NAME
    data.mkdir(exist_ok=True)
    parameters = {
        "use_sim_time": "true",
        "dog": NAME,
        "data_dir": str(data),
        "site_folder": str(SITE),
        "mqtt_port": str(station.mqtt_port),
        "server_url": station.url,
        "upload_token_file": str(station.data_dir / "robot_token"),
        "station_key_file": str(station.data_dir / "station_key.pub"),
        "detector": "fallback",
    }
    arguments = ["--ros-args", "-r", f"__ns:=/{NAME}"]
    for name, value in parameters.items():
        arguments += ["-p", f"{name}:={value}"]
    rclpy.init(args=arguments, domain_id=free_domain())
    driver = Driver(scene)
    nodes = [LinkNode(), MissionNode(), PerceptionNode()]
    executor = MultiThreadedExecutor(4)
    for node in nodes:
        executor.add_node(node)
    spinning = threading.Thread(target=_spin, args=(executor,), daemon=True)
    ended = threading.Event()
    shooting = threading.Thread(target=_shoot, args=(driver, ended), daemon=True)
    spinning.start()
    shooting.start()
    try:
        yield driver
    finally:
        ended.set()
        shooting.join(10)
        executor.shutdown(5.0)
        spinning.join(10)
        for node in (*nodes, driver):
            node.destroy_node()
        rclpy.try_shutdown()


def _spin(executor: MultiThreadedExecutor) -> None:
    with suppress(ExternalShutdownException):
        executor.spin()


def _shoot(driver: Driver, ended: threading.Event) -> None:
    n = 0
    while not ended.wait(PERIOD_S / 4):
        driver.tick()
        n += 1
        if n % 4 == 0:
            driver.shoot()
