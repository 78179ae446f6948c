"""A site and its dogs in Gazebo Sim (Harmonic): `ros2 launch patrol_bringup gazebo.launch.py dogs:="dog1 dog2"`.

Starts Gazebo, puts the dogs at the site's docks (or where they are told to be), bridges their topics by way of our
driver there, and, by `nodes:=true`, starts each dog's nodes. Worlds, models and the table of topics are those of our
own engine: `sim/`.
"""

import sys
import tempfile
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import (
    AppendEnvironmentVariable,
    DeclareLaunchArgument,
    ExecuteProcess,
    IncludeLaunchDescription,
    OpaqueFunction,
    SetEnvironmentVariable,
    Shutdown,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from sim.gazebo.spawning import Spawning, Standing, gazebo_arguments, read_spawning, spawn_arguments

ARGUMENTS = {
    "site": ("station_yard", "a site folder, or the name of one under sim/worlds"),
    "dogs": ("dog1", "words NAME or NAME:X,Y,THETA; without a place, at the site's docks"),
    "headless": ("false", "the server alone, without a window; cameras draw by EGL"),
    "depth": ("false", "a depth camera on each dog as well: camera/depth"),
    "nodes": ("false", "start each dog's nodes as well"),
    "verbosity": ("2", "of Gazebo, 0 to 4"),
    "data_dir": ("var/gazebo", "for the dogs' nodes: a folder a dog"),
    "mqtt_host": ("127.0.0.1", "for the dogs' nodes"),
    "mqtt_port": ("1883", "for the dogs' nodes"),
    "server_url": ("http://127.0.0.1:8080", "for the dogs' nodes"),
    "upload_token_file": ("", "for the dogs' nodes: what the server wants with pictures; without it none arrives"),
    "station_key_file": ("", "for the dogs' nodes: the station's public key, where it signs"),
    "detector": ("auto", "for the dogs' nodes"),
    "profile": ("xiaotian_dog", "for the dogs' nodes: a name of config/robots"),
}
TO_NODES = ("mqtt_host", "mqtt_port", "server_url", "upload_token_file", "station_key_file", "detector", "profile")


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
    scene = read_spawning(given["site"], given["dogs"], is_true(given["depth"]))
    folder = Path(tempfile.mkdtemp(prefix="xiaotian-gazebo-"))
    files, bridge = scene.write(folder)
    profiles = str(Path(get_package_share_directory("patrol_bringup")) / "config" / "fastdds.xml")
    entities = [
        AppendEnvironmentVariable("GZ_SIM_RESOURCE_PATH", str(folder / "models")),
        SetEnvironmentVariable("FASTRTPS_DEFAULT_PROFILES_FILE", profiles),
        SetEnvironmentVariable("FASTDDS_DEFAULT_PROFILES_FILE", profiles),
        gazebo(folder, given),
    ]
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
            parameters=[{"config_file": str(bridge)}],
            output="screen",
        )
    )
    entities.append(driver(scene))
    if is_true(given["nodes"]):
        entities += [dog_nodes(dog, scene, given) for dog in scene.dogs]
    return entities


def is_true(word: str) -> bool:
    """Whether a launch argument says yes."""
    return word.lower() in ("true", "1")


def driver(scene: Spawning) -> ExecuteProcess:
    """What a robot's own driver does: the time at a bearable rate, legs that stop, charging at a dock.

    The launch ends with it, for without it the dogs would keep their last velocity.
    """
    words = [*(dog.name for dog in scene.dogs), "--site", str(scene.site.resolve())]
    command = [sys.executable, "-m", "sim.ros.gazebo", *words]
    return ExecuteProcess(cmd=command, output="screen", on_exit=[Shutdown()])


def gazebo(folder: Path, given: dict[str, str]) -> IncludeLaunchDescription:
    """Gazebo itself; the launch ends with it."""
    headless = is_true(given["headless"])
    launch_file = Path(get_package_share_directory("ros_gz_sim")) / "launch" / "gz_sim.launch.py"
    arguments = {
        "gz_args": gazebo_arguments(folder, headless, given["verbosity"]),
        "on_exit_shutdown": "true",
    }
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(launch_file)), launch_arguments=list(arguments.items())
    )


def dog_nodes(dog: Standing, scene: Spawning, given: dict[str, str]) -> IncludeLaunchDescription:
    """The nodes of ``dog``, told where it stands."""
    launch_file = Path(get_package_share_directory("patrol_bringup")) / "launch" / "dog.launch.py"
    arguments = {
        "dog": dog.name,
        "site_folder": str(scene.site.resolve()),
        "data_dir": str(Path(given["data_dir"]) / dog.name),
        "use_sim_time": "true",
        **{name: given[name] for name in TO_NODES},
        "initial_x": str(float(dog.x)),
        "initial_y": str(float(dog.y)),
        "initial_theta": str(float(dog.theta)),
    }
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(launch_file)), launch_arguments=list(arguments.items())
    )
