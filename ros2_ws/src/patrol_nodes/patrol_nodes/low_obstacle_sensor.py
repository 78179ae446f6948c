"""What a robot sees low things by: its 3D lidar's `points`, else its depth camera, else nothing."""

from collections.abc import Callable

from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, PointCloud2

from edge.navigation.height_map import HeightMapConfig
from edge.navigation.low_obstacles import LowObstacles
from edge.navigation.point_cloud import CloudMounting
from edge.types import Cloud
from patrol_nodes import ros_conversion
from patrol_nodes.parameters import declared

NONE = ["scan"]


def low_sensor(node: Node, take: Callable[[Cloud], None]) -> LowObstacles | None:
    """Subscribe to what the parameter `sensors` names; ``take`` is called with each cloud.

    What keeps the clouds; None where the robot has nothing that makes any, and is half blind.
    """
    sensors = list(node.declare_parameter("sensors", NONE).value)
    if "points" in sensors:
        _subscribe_points(node, take)
        return _kept(node, "points")
    if "depth" in sensors:
        _subscribe_depth(node, take)
        return _kept(node, "depth")
    return None


def _kept(node: Node, sensor: str) -> LowObstacles:
    mounting = declared(node, sensor, CloudMounting())
    return LowObstacles(mounting, declared(node, "height_map", HeightMapConfig()))


def _subscribe_points(node: Node, take: Callable[[Cloud], None]) -> None:
    def on_points(message: PointCloud2) -> None:
        try:
            cloud = ros_conversion.cloud(message)
        except ValueError as error:
            node.get_logger().error(f"points were refused: {error}", throttle_duration_sec=10.0)
            return
        take(cloud)

    node.create_subscription(PointCloud2, "points", on_points, qos_profile_sensor_data)


def _subscribe_depth(node: Node, take: Callable[[Cloud], None]) -> None:
    lens: list[CameraInfo] = []

    def on_depth(message: Image) -> None:
        if not lens:
            return  # without its lens a picture tells no places; the gate says that points are stale
        try:
            cloud = ros_conversion.depth_cloud(message, lens[-1])
        except ValueError as error:
            node.get_logger().error(f"a depth picture was refused: {error}", throttle_duration_sec=10.0)
            return
        take(cloud)

    def on_lens(message: CameraInfo) -> None:
        lens[:] = [message]

    node.create_subscription(CameraInfo, "camera/depth_info", on_lens, qos_profile_sensor_data)
    node.create_subscription(Image, "camera/depth", on_depth, qos_profile_sensor_data)
