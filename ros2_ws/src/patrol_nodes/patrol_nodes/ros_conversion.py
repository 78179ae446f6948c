"""Between ROS messages and edge types: the one file that knows both."""

import math

import numpy as np
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import (
    PointStamped,
    Pose,
    PoseStamped,
    PoseWithCovarianceStamped,
    Quaternion,
    TransformStamped,
    Twist,
)
from nav_msgs.msg import Odometry as OdometryMsg
from nav_msgs.msg import Path
from numpy.typing import NDArray
from patrol_interfaces.action import NavigateTo
from patrol_interfaces.msg import Obstruction as ObstructionMsg
from patrol_interfaces.msg import SafetyState
from sensor_msgs.msg import BatteryState as BatteryMsg
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, LaserScan, PointCloud2, PointField
from sensor_msgs.msg import Imu as ImuMsg

from edge import types
from edge.dog.localization_core import worth
from edge.mission.events import Battery, Go, Safety
from edge.navigation.point_cloud import cloud_from_depth
from edge.navigation.safety_gate import Verdict
from edge.perception.camera_geometry import Intrinsics
from edge.perception.detector import Picture
from edge.perception.head_masking import MaskedPicture, encode_jpeg
from edge.types import Cloud, Imu, Obstruction, Odometry, Pose2D, PoseEstimate, Scan, Twist2D


def seconds(stamp: Time) -> float:
    """A ROS time as float seconds; good to a microsecond at today's date."""
    return float(stamp.sec) + float(stamp.nanosec) * 1e-9


def stamp(value: float) -> Time:
    """Float seconds (not negative) as a ROS time, to the microsecond."""
    micro = round(value * 1e6)
    return Time(sec=micro // 1_000_000, nanosec=micro % 1_000_000 * 1000)


def roll_pitch_yaw(rotation: Quaternion) -> tuple[float, float, float]:
    """Angles about the fixed axes x, y, z (REP 103); NaN where the quaternion is none."""
    return types.roll_pitch_yaw(rotation.x, rotation.y, rotation.z, rotation.w)


def quaternion(theta: float) -> Quaternion:
    """A turn about the vertical."""
    return Quaternion(x=0.0, y=0.0, z=math.sin(theta / 2), w=math.cos(theta / 2))


def pose2d(pose: Pose) -> Pose2D:
    """Place and heading of a pose; what leaves the plane is dropped."""
    return Pose2D(pose.position.x, pose.position.y, roll_pitch_yaw(pose.orientation)[2])


def pose_message(pose: Pose2D) -> Pose:
    """A pose in the plane."""
    message = Pose()
    message.position.x, message.position.y = pose.x, pose.y
    message.orientation = quaternion(pose.theta)
    return message


def twist2d(twist: Twist) -> Twist2D:
    """The planar part of a velocity."""
    return Twist2D(twist.linear.x, twist.linear.y, twist.angular.z)


def twist_message(twist: Twist2D) -> Twist:
    """A planar velocity."""
    message = Twist()
    message.linear.x, message.linear.y, message.angular.z = twist.vx, twist.vy, twist.omega
    return message


def scan(message: LaserScan) -> Scan:
    """A lidar's turn, in the lidar's frame."""
    return Scan(
        angle_min=message.angle_min,
        angle_increment=message.angle_increment,
        range_min=message.range_min,
        range_max=message.range_max,
        ranges=np.asarray(message.ranges, np.float32),
        stamp=seconds(message.header.stamp),
    )


def cloud(message: PointCloud2) -> Cloud:
    """A 3D lidar's turn in its own frame; raises ValueError where it has no x, y, z of float32, or is cut short."""
    offsets = {field.name: field.offset for field in message.fields if field.datatype == PointField.FLOAT32}
    if missing := [name for name in "xyz" if name not in offsets]:
        raise ValueError(f"a cloud needs x, y and z as float32; {', '.join(missing)} is not there")
    count, step = message.width * message.height, message.point_step
    if step < 12 or len(message.data) < count * step:
        raise ValueError(f"a cloud of {count} points of {step} bytes holds {len(message.data)} bytes")
    order = ">f4" if message.is_bigendian else "<f4"
    places = [offsets[name] for name in "xyz"]
    kind = np.dtype({"names": list("xyz"), "formats": [order] * 3, "offsets": places, "itemsize": step})
    read = np.frombuffer(message.data, kind, count)
    points = np.stack([read[name] for name in "xyz"], axis=1).astype(np.float32, copy=False)
    return Cloud(points, seconds(message.header.stamp))


def depth_cloud(message: Image, lens: CameraInfo) -> Cloud:
    """A depth picture (REP 118) as a cloud; raises ValueError where its encoding is not 32FC1 or 16UC1."""
    kinds = {"32FC1": (np.dtype("f4"), 1.0), "16UC1": (np.dtype("u2"), 1e-3)}
    if message.encoding not in kinds:
        raise ValueError(f"depth encoded as {message.encoding!r}: only 32FC1 and 16UC1 are understood")
    kind, unit = kinds[message.encoding]
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    pixels = rows[:, : message.width * kind.itemsize].view(kind.newbyteorder(">" if message.is_bigendian else "<"))
    metres = pixels.astype(np.float32) * np.float32(unit)
    return cloud_from_depth(metres, lens.k[0], lens.k[4], lens.k[2], lens.k[5], seconds(message.header.stamp))


def imu(message: ImuMsg) -> Imu:
    """Lean and turning of the body."""
    roll, pitch, _ = roll_pitch_yaw(message.orientation)
    return Imu(roll, pitch, message.angular_velocity.z, seconds(message.header.stamp))


def odometry(message: OdometryMsg) -> Odometry:
    """What the legs believe."""
    return Odometry(pose2d(message.pose.pose), twist2d(message.twist.twist), seconds(message.header.stamp))


def transform(parent: str, child: str, pose: Pose2D, at: Time) -> TransformStamped:
    """A planar transform as tf carries it."""
    message = TransformStamped()
    message.header.frame_id, message.child_frame_id, message.header.stamp = parent, child, at
    message.transform.translation.x, message.transform.translation.y = pose.x, pose.y
    message.transform.rotation = quaternion(pose.theta)
    return message


def pose_estimate(message: PoseWithCovarianceStamped) -> PoseEstimate:
    """A pose with what it is worth by its covariance."""
    covariance = np.asarray(message.pose.covariance, np.float64).reshape(6, 6)[np.ix_((0, 1, 5), (0, 1, 5))]
    return PoseEstimate(pose2d(message.pose.pose), covariance, worth(covariance), seconds(message.header.stamp))


def pose_estimate_message(estimate: PoseEstimate) -> PoseWithCovarianceStamped:
    """An estimate in the frame ``map``."""
    message = PoseWithCovarianceStamped()
    message.header.frame_id, message.header.stamp = "map", stamp(estimate.stamp)
    message.pose.pose = pose_message(estimate.pose)
    covariance = np.zeros((6, 6))
    covariance[np.ix_((0, 1, 5), (0, 1, 5))] = estimate.covariance
    message.pose.covariance = covariance.ravel().tolist()
    return message


def path_message(points: NDArray[np.float64], at: Time) -> Path:
    """A way on the map, for people to look at."""
    message = Path()
    message.header.frame_id, message.header.stamp = "map", at
    for x, y in points:
        pose = PoseStamped()
        pose.header = message.header
        pose.pose.position.x, pose.pose.position.y = float(x), float(y)
        message.poses.append(pose)
    return message


def safety_state(verdict: Verdict, at: Time) -> SafetyState:
    """What the gate allows."""
    message = SafetyState(level=int(verdict.level), emergency_stop=verdict.emergency_stop)
    message.header.stamp = at
    message.reasons = [str(reason) for reason in verdict.reasons]
    message.speed_limit, message.nearest_obstacle = verdict.speed_limit, verdict.nearest_obstacle
    return message


def place_message(place: tuple[float, float], at: Time) -> PointStamped:
    """A place on the map."""
    message = PointStamped()
    message.header.frame_id, message.header.stamp = "map", at
    message.point.x, message.point.y = place
    return message


def diagnostics(name: str, level: bytes, text: str, values: dict[str, str], at: Time) -> DiagnosticArray:
    """One node's word about itself."""
    status = DiagnosticStatus(level=level, name=name, message=text)
    status.values = [KeyValue(key=key, value=value) for key, value in values.items()]
    message = DiagnosticArray(status=[status])
    message.header.stamp = at
    return message


def picture(message: Image) -> Picture:
    """A camera's picture as RGB, height x width x 3; raises ValueError where its encoding is not rgb8 or bgr8."""
    if message.encoding not in ("rgb8", "bgr8"):
        raise ValueError(f"a picture encoded as {message.encoding!r}: only rgb8 and bgr8 are understood")
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    pixels = rows[:, : message.width * 3].reshape(message.height, message.width, 3)
    return pixels if message.encoding == "rgb8" else np.ascontiguousarray(pixels[:, :, ::-1])


def intrinsics(message: CameraInfo) -> Intrinsics:
    """The pinhole of a rectified camera; its distortion is not looked at."""
    k = message.k
    return Intrinsics(fx=k[0], fy=k[4], cx=k[2], cy=k[5], width=message.width, height=message.height)


def jpeg(masked: MaskedPicture | None, at: Time) -> CompressedImage:
    """A masked picture on its way out of the dog; without data where there is none."""
    return jpeg_file(encode_jpeg(masked) if masked is not None else b"", at)


def jpeg_file(data: bytes, at: Time) -> CompressedImage:
    """The same of a file that is made already."""
    message = CompressedImage(format="jpeg", data=data)
    message.header.stamp, message.header.frame_id = at, "camera_optical_frame"
    return message


def goal(go: Go, at: Time) -> NavigateTo.Goal:
    """A walk to a place on the map; an orientation of zeros leaves the final heading to the navigator."""
    message = NavigateTo.Goal(behavior_tree=f"{go.speed:.3f}" if go.speed > 0 else "")
    message.tolerance_xy, message.tolerance_heading = go.tolerance
    message.pose.header.frame_id, message.pose.header.stamp = "map", at
    message.pose.pose.position.x, message.pose.pose.position.y = go.x, go.y
    none = Quaternion(x=0.0, y=0.0, z=0.0, w=0.0)
    message.pose.pose.orientation = none if go.theta is None else quaternion(go.theta)
    return message


def obstruction(message: ObstructionMsg) -> Obstruction | None:
    """What stands in the way; None where that is not known."""
    place, length = message.position, message.length
    if not (length > 0 and math.isfinite(place.x) and math.isfinite(place.y)):
        return None
    return Obstruction(place.x, place.y, length, message.width)


def obstruction_message(seen: Obstruction | None) -> ObstructionMsg:
    """What stands in the way, a length of 0 where that is not known."""
    message = ObstructionMsg()
    if seen is not None:
        message.position.x, message.position.y = seen.x, seen.y
        message.length, message.width = seen.length, seen.width
    return message


def initial_pose(pose: Pose2D, at: Time) -> PoseWithCovarianceStamped:
    """Where a person says that the dog stands: half a metre and fifteen degrees sure, as RViz has it."""
    return pose_estimate_message(PoseEstimate(pose, np.diag([0.25, 0.25, 0.068]), 1.0, seconds(at)))


def battery(message: BatteryMsg) -> Battery | None:
    """Charge and voltage; None where the battery does not know its charge."""
    if not 0.0 <= message.percentage <= 1.0:  # NaN compares false
        return None
    charging = message.power_supply_status in (
        BatteryMsg.POWER_SUPPLY_STATUS_CHARGING,
        BatteryMsg.POWER_SUPPLY_STATUS_FULL,
    )
    return Battery(message.percentage, message.voltage, charging)


def safety(message: SafetyState) -> Safety:
    """What the gate says."""
    return Safety(message.level == SafetyState.STOPPED, tuple(message.reasons), message.emergency_stop)
