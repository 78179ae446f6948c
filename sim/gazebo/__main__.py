"""`python -m sim.gazebo`: write the bridge's configuration of one dog, for those who start Gazebo themselves."""

from sim.engine.sdf import SIM
from sim.gazebo.bridge import bridge_yaml

FILE = SIM.parent / "ros2_ws/src/patrol_bringup/config/gazebo_bridge.yaml"
HEAD = """# For ros_gz_bridge's parameter_bridge: one dog, dog1. Written by `python -m sim.gazebo` from sim/topics.py;
# gazebo.launch.py writes its own, for any number of dogs. Run beside it what stands between it and the dog's nodes:
# python -m sim.ros.gazebo dog1 --site station_yard
"""


def text() -> str:
    """The file's text."""
    return HEAD + bridge_yaml(["dog1"])


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
