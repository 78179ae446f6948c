"""ament_index_python/packages.py: our own packages are where their sources are, others in a distribution's place."""

from pathlib import Path

SOURCES = Path(__file__).resolve().parents[4] / "ros2_ws/src"


def get_package_share_directory(package_name: str) -> str:
    ours = SOURCES / package_name
    return str(ours) if ours.is_dir() else f"/opt/ros/jazzy/share/{package_name}"
