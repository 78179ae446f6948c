"""Run nodes of a dog in one process: `python -m patrol_nodes.run NODE [NODE...] [--ros-args ...]`.

Each node is spun by an executor of its own in a thread of its own. The process ends with 0 when asked to (SIGTERM,
SIGINT), and with 1 as soon as one node fails: a dog that is half alive is worse than one that is started again.
"""

import argparse
import importlib
import signal
import sys
import threading
import traceback

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import remove_ros_args

from patrol_nodes.executor import NodeExecutor

NODES = {
    "localization": ("patrol_nodes.localization_node", "LocalizationNode", "where the dog is: lidar, odometry, map"),
    "navigator": ("patrol_nodes.navigator_node", "NavigatorNode", "serves navigate_to: plans, follows, waits"),
    "safety": ("patrol_nodes.safety_node", "SafetyNode", "alone writes cmd_vel, and stops what must not be"),
    "mission": ("patrol_nodes.mission_node", "MissionNode", "carries out VDA 5050 orders"),
    "link": ("patrol_nodes.link_node", "LinkNode", "speaks MQTT; keeps what the server does not have yet"),
    "perception": ("patrol_nodes.perception_node", "PerceptionNode", "finds people, places them, judges by zones"),
}

EXAMPLE = """

a dog of two processes, as on a robot (parameters: ros2_ws/src/patrol_bringup/config/dog.yaml):
  python -m patrol_nodes.run safety --ros-args -r __ns:=/dog1 --params-file dog.yaml
  python -m patrol_nodes.run localization navigator mission link --ros-args -r __ns:=/dog1 \\
      --params-file dog.yaml -p data_dir:=/var/lib/xiaotian/dog1 -p mqtt_host:=station.local
"""


def main() -> None:
    """The entry point `patrol_node` of the ROS package."""
    names = _arguments().nodes
    ended = threading.Event()
    failed: list[str] = []
    rclpy.init(args=sys.argv, signal_handler_options=SignalHandlerOptions.NO)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    nodes = [_make(name) for name in names]
    threads = [threading.Thread(target=_spin, args=(node, ended, failed), daemon=True) for node in nodes]
    for thread in threads:
        thread.start()
    ended.wait()
    rclpy.try_shutdown()
    for thread in threads:
        thread.join(5.0)
    for node in nodes:
        node.destroy_node()
    sys.exit(1 if failed else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m patrol_nodes.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="nodes:\n" + "\n".join(f"  {name:14}{what}" for name, (_, _, what) in NODES.items()) + EXAMPLE,
    )
    parser.add_argument("nodes", nargs="+", choices=NODES, metavar="NODE")
    return parser.parse_args(remove_ros_args(sys.argv)[1:])


def _make(name: str) -> Node:
    module, kind, _ = NODES[name]
    node: Node = getattr(importlib.import_module(module), kind)()
    return node


def _spin(node: Node, ended: threading.Event, failed: list[str]) -> None:
    """Spin until the process ends; what a node raises ends the process, with its trace in the log."""
    executor = NodeExecutor()
    executor.add_node(node)
    try:
        executor.spin()
    except (ExternalShutdownException, KeyboardInterrupt):
        pass
    except BaseException:
        if ended.is_set():  # asked to end, it was still saying something, and nobody is there to say it to
            return
        failed.append(node.get_name())
        node.get_logger().fatal(f"{node.get_name()} failed:\n{traceback.format_exc()}")
        raise
    finally:
        ended.set()
        executor.shutdown()  # else it is destroyed with the interpreter, when what it needs for that is gone


if __name__ == "__main__":
    main()
