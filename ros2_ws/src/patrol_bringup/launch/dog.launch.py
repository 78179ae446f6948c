"""One dog: `ros2 launch patrol_bringup dog.launch.py dog:=dog1 site_folder:=/path/to/site`.

Three processes, as everywhere: the safety gate alone, what drives, and what sees. What the robot carries is its
profile: a name of config/robots, or a file.
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from xiaotian.robot_profile import DEFAULT, read_profile

PROCESSES = {
    "safety": ["safety"],
    "drive": ["localization", "navigator", "mission", "link"],
    "perception": ["perception"],
}
# Each with its type: a launch argument that looks like a number would else be one, whatever the node expects. Floats
# are as Python writes them: "nan", and not YAML's ".nan".
PARAMETERS: dict[str, tuple[str, type]] = {
    "site_folder": ("", str),
    "data_dir": ("", str),
    "use_sim_time": ("false", bool),
    "mqtt_host": ("127.0.0.1", str),
    "mqtt_port": ("1883", int),
    "server_url": ("http://127.0.0.1:8080", str),
    "upload_token_file": ("", str),
    "station_key_file": ("", str),
    "detector": ("auto", str),
    "initial_x": ("nan", float),
    "initial_y": ("nan", float),
    "initial_theta": ("nan", float),
}


def generate_launch_description() -> LaunchDescription:
    """The arguments, and all that follows from them."""
    arguments = [
        DeclareLaunchArgument("dog", default_value="dog1"),
        DeclareLaunchArgument("profile", default_value=DEFAULT),
    ]
    arguments += [DeclareLaunchArgument(name, default_value=default) for name, (default, _) in PARAMETERS.items()]
    return LaunchDescription([*arguments, OpaqueFunction(function=start)])


def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """The middleware's settings, and the three processes."""
    config = Path(get_package_share_directory("patrol_bringup")) / "config"
    profile = read_profile(LaunchConfiguration("profile").perform(context), config / "robots")
    given = {name: ParameterValue(LaunchConfiguration(name), value_type=kind) for name, (_, kind) in PARAMETERS.items()}
    middleware = [
        SetEnvironmentVariable(name, str(config / "fastdds.xml"))
        for name in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
    ]
    processes = [
        Node(
            package="patrol_nodes",
            executable="patrol_node",
            namespace=LaunchConfiguration("dog"),
            arguments=nodes,
            parameters=[str(config / "dog.yaml"), str(profile.file), given],
            remappings=profile.remappings(),
            output="screen",
        )
        for nodes in PROCESSES.values()
    ]
    return [*middleware, *processes]
