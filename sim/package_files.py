"""Where the files lie that a ROS workspace has of ours: in a checkout there, beside what a wheel installed else."""

import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1] / "ros2_ws/src"
INSTALLED = Path(sysconfig.get_path("data")) / "share/xiaotian"


def of_package(package: str, folder: str) -> Path:
    """The ``folder`` of one of our ROS packages."""
    here = CHECKOUT / package / folder
    return here if here.is_dir() else INSTALLED / package / folder
