"""From what the simulator's sensors say to what a dog's mind takes; what sim/ros and patrol_nodes do by messages."""

from typing import Any

import numpy as np

from edge.dog.perception_core import Frame
from edge.mission.events import Battery
from edge.types import Cloud, Imu, Odometry, Pose2D, Scan, Twist2D, roll_pitch_yaw
from sim.engine.dog_bodies import CONTROL_S
from sim.engine.lidar import Scan as SimScan
from sim.engine.script import Sensor
from sim.engine.sensors import Inertial
from sim.engine.sensors import Odometry as SimOdometry
from sim.engine.simulation import Simulation
from sim.topics import BATTERY, IMAGE, IMU, ODOM, POINTS, SCAN, Topic


class Senses:
    """The sensors of one dog, each at its rate; ``turn`` staggers the dogs' lidars as the ROS face does."""

    def __init__(self, sim: Simulation, name: str, turn: int, points: bool = True, camera: bool = False) -> None:
        self._sim, self._name, self._turn, self._points, self._camera = sim, name, turn, points, camera

    def read(self) -> dict[str, Any]:
        """What is due in this step, by the names of ``Inputs``; what a fault silences is not there."""
        at = self._sim.now + self._sim.dogs[self._name].faults.clock_offset
        said: dict[str, Any] = {}
        if self._due(IMU) and (imu := self._sense(Sensor.IMU)) is not None:
            said["imu"] = lean(imu, at)
        if self._due(ODOM) and (odometry := self._sense(Sensor.ODOM)) is not None:
            said["odometry"] = walk(odometry, at)
        if self._due(SCAN, 2 * self._turn) and (scan := self._sense(Sensor.SCAN)) is not None:
            said["scan"] = turn_of(scan, at)
        due = self._points and self._due(POINTS, 1 + 2 * self._turn)
        if due and (points := self._sense(Sensor.POINTS)) is not None:
            said["cloud"] = Cloud(points.reshape(-1, 3), at)
        if self._due(BATTERY) and (battery := self._sense(Sensor.BATTERY)) is not None:
            said["battery"] = Battery(battery.charge, battery.voltage, battery.charging or battery.charge >= 1.0)
        due = self._camera and self._due(IMAGE, 3 + 4 * self._turn)
        if due and (picture := self._sense(Sensor.CAMERA)) is not None:
            said["frame"] = Frame(picture, at)
        return said

    def _sense(self, sensor: Sensor) -> Any:
        return self._sim.sense(self._name, sensor)

    def _due(self, topic: Topic, shift: int = 0) -> bool:
        assert topic.rate
        return (self._sim.steps + shift) % round(1 / CONTROL_S / topic.rate) == 0


def lean(imu: Inertial, at: float) -> Imu:
    """Roll and pitch about the fixed axes (REP 103), and turning about the body's vertical."""
    roll, pitch, _ = roll_pitch_yaw(*imu.orientation)
    return Imu(roll, pitch, imu.turning[2], at)


def walk(odometry: SimOdometry, at: float) -> Odometry:
    """Where the legs believe the dog is."""
    return Odometry(Pose2D(odometry.x, odometry.y, odometry.theta), Twist2D(*odometry.velocity), at)


def turn_of(scan: SimScan, at: float) -> Scan:
    """One turn of the lidar."""
    ranges = np.asarray(scan.ranges, np.float32)
    return Scan(scan.angle_min, scan.angle_increment, scan.range_min, scan.range_max, ranges, at)
