"""A site and its dogs in Gazebo Sim (Harmonic): `ros2 launch patrol_bringup gazebo.launch.py dogs:="dog1 dog2"`.

Starts Gazebo, puts the dogs at the site's docks (or where they are told to be), bridges their topics, and, by
`nodes:=true`, starts each dog's nodes. Worlds, models, and the table of topics are those of our own engine: `sim/`.
"""

import tempfile
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import AppendEnvironmentVariable, DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from sim.gazebo.scene import Scene, Standing, read_scene, resource_path, spawn_arguments

ARGUMENTS = {
    "site": ("station_yard", "a site folder, or the name of one under sim/worlds"),
    "dogs": ("dog1", "words NAME or NAME:X,Y,THETA; without a place, at the site's docks"),
    "headless": ("false", "the server alone, without a window; cameras draw by EGL"),
    "nodes": ("false", "start each dog's nodes as well"),
    "verbosity": ("2", "of Gazebo, 0 to 4"),
    "data_dir": ("var/gazebo", "for the dogs' nodes: a folder a dog"),
    "mqtt_host": ("127.0.0.1", "for the dogs' nodes"),
    "mqtt_port": ("1883", "for the dogs' nodes"),
    "server_url": ("http://127.0.0.1:8080", "for the dogs' nodes"),
}


def generate_launch_description() -> LaunchDescription:
    """The arguments, and all that follows from them."""
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=meaning)
        for name, (default, meaning) in ARGUMENTS.items()
    ]
    return LaunchDescription([*arguments, OpaqueFunction(function=start)])


def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """What to start for the arguments in ``context``."""
    given = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    scene = read_scene(given["site"], given["dogs"])
    files, bridge = scene.write(Path(tempfile.mkdtemp(prefix="xiaotian-gazebo-")))
    entities = [AppendEnvironmentVariable("GZ_SIM_RESOURCE_PATH", resource_path()), gazebo(scene, given)]
    entities += [
        Node(
            package="ros_gz_sim", executable="create", arguments=spawn_arguments(dog, files[dog.name]), output="screen"
        )
        for dog in scene.dogs
    ]
    entities.append(
        Node(
            package="ros_gz_bridge",
            executable="parameter_bridge",
            name="gazebo_bridge",
            parameters=[{"config_file": str(bridge), "use_sim_time": True}],
            output="screen",
        )
    )
    if given["nodes"].lower() in ("true", "1"):
        entities += [dog_nodes(dog, scene, given) for dog in scene.dogs]
    return entities


def gazebo(scene: Scene, given: dict[str, str]) -> IncludeLaunchDescription:
    """Gazebo itself; the launch ends with it."""
    headless = given["headless"].lower() in ("true", "1")
    launch_file = Path(get_package_share_directory("ros_gz_sim")) / "launch" / "gz_sim.launch.py"
    arguments = {
        "gz_args": scene.gazebo_arguments(headless, given["verbosity"]),
        "on_exit_shutdown": "true",
    }
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(launch_file)), launch_arguments=list(arguments.items())
    )


def dog_nodes(dog: Standing, scene: Scene, given: dict[str, str]) -> IncludeLaunchDescription:
    """The nodes of ``dog``, told where it stands."""
    launch_file = Path(get_package_share_directory("patrol_bringup")) / "launch" / "dog.launch.py"
    arguments = {
        "dog": dog.name,
        "site_folder": str(scene.site.resolve()),
        "data_dir": str(Path(given["data_dir"]) / dog.name),
        "use_sim_time": "true",
        "mqtt_host": given["mqtt_host"],
        "mqtt_port": given["mqtt_port"],
        "server_url": given["server_url"],
        "initial_x": str(float(dog.x)),
        "initial_y": str(float(dog.y)),
        "initial_theta": str(float(dog.theta)),
    }
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(launch_file)), launch_arguments=list(arguments.items())
    )
