"""One dog: `ros2 launch patrol_bringup dog.launch.py dog:=dog1 site_folder:=/path/to/site`.

Three processes, as everywhere: the safety gate alone, what drives, and what sees.
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

PROCESSES = {
    "safety": ["safety"],
    "drive": ["localization", "navigator", "mission", "link"],
    "eyes": ["perception"],
}
PARAMETERS = {
    "site_folder": "",
    "data_dir": "",
    "use_sim_time": "false",
    "mqtt_host": "127.0.0.1",
    "mqtt_port": "1883",
    "server_url": "http://127.0.0.1:8080",
    "initial_x": ".nan",
    "initial_y": ".nan",
    "initial_theta": ".nan",
}


def generate_launch_description() -> LaunchDescription:
    """The arguments and the three processes."""
    settings = str(Path(get_package_share_directory("patrol_bringup")) / "config" / "dog.yaml")
    given = {name: LaunchConfiguration(name) for name in PARAMETERS}
    arguments = [DeclareLaunchArgument("dog", default_value="dog1")]
    arguments += [DeclareLaunchArgument(name, default_value=value) for name, value in PARAMETERS.items()]
    processes = [
        Node(
            package="patrol_nodes",
            executable="patrol_node",
            namespace=LaunchConfiguration("dog"),
            arguments=nodes,
            parameters=[settings, given],
            output="screen",
        )
        for nodes in PROCESSES.values()
    ]
    return LaunchDescription(arguments + processes)
