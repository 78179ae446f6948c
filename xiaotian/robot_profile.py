"""What a robot carries and where: its profile, a ROS parameter file read after dog.yaml."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from edge.navigation.scan_leveling import Mounting
from sim.package_files import of_package

CONFIG = of_package("patrol_bringup", "config")
ROBOTS = of_package("patrol_bringup", "config") / "robots"
DEFAULT = "xiaotian_dog"
SENSORS = ("scan", "points", "depth")


@dataclass(frozen=True)
class RobotProfile:
    """``file`` is for --params-file; ``sensors`` are of SENSORS; ``topics``: from a dog's own name to its driver's."""

    file: Path
    sensors: tuple[str, ...]
    topics: dict[str, str]

    def remappings(self) -> list[tuple[str, str]]:
        """The topics that are called otherwise, as ROS remaps them."""
        return [(ours, theirs) for ours, theirs in self.topics.items() if ours != theirs]


def read_profile(name: str, folder: Path = ROBOTS) -> RobotProfile:
    """The profile ``name`` in ``folder``, or the one in the file ``name``; raises ValueError, which says what is."""
    file = Path(name) if name.endswith(".yaml") else folder / f"{name}.yaml"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
        raise ValueError(f"robot profile {name!r}: no file {file}; there are {known}")
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))["/**"]["ros__parameters"]
        sensors, topics = tuple(told["sensors"]), dict(told.get("topics", {}))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file}: expected '/**': ros__parameters: with sensors: [...], found otherwise") from error
    if unknown := [sensor for sensor in sensors if sensor not in SENSORS]:
        raise ValueError(f"{file}: sensors: {', '.join(unknown)} is none of {', '.join(SENSORS)}")
    if "scan" not in sensors:
        raise ValueError(f"{file}: sensors: without scan the dog cannot tell where it is")
    return RobotProfile(file, sensors, topics)


def lidar_of(name: str) -> Mounting:
    """Where the 2D lidar of the robot with this profile sits: dog.yaml, and what the profile changes of it."""
    told: dict[str, float] = {}
    for file in (CONFIG / "dog.yaml", read_profile(name).file):
        told |= yaml.safe_load(file.read_text(encoding="utf-8"))["/**"]["ros__parameters"].get("lidar", {})
    return Mounting(**told)
