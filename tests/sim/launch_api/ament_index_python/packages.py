"""ament_index_python/packages.py."""


def get_package_share_directory(package_name: str) -> str:
    return f"/opt/ros/jazzy/share/{package_name}"
