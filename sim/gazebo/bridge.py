"""The configuration of ros_gz_bridge's parameter_bridge: every topic of every dog, and the clock.

Keys and the words for directions: ros_gz ros_gz_bridge/README.md, 'Configuring the Bridge via YAML'.
"""

from collections.abc import Sequence

import yaml

from sim.topics import CLOCK, DEPTH, DEPTH_INFO, DOG_TOPICS, FAST_CLOCK, RECHARGE_START, RECHARGE_STOP, Topic


def bridge(dogs: Sequence[str], depth: bool = False) -> list[dict[str, str]]:
    """The bridges for these dogs, as parameter_bridge reads them; with ``depth``, of their depth cameras too."""
    topics = (*DOG_TOPICS, RECHARGE_START, RECHARGE_STOP, *((DEPTH, DEPTH_INFO) if depth else ()))
    clock = _entry(CLOCK, FAST_CLOCK, f"/{CLOCK.name}")
    return [clock, *(_entry(topic, topic.in_bridge(dog), topic.in_gazebo(dog)) for dog in dogs for topic in topics)]


def bridge_yaml(dogs: Sequence[str], depth: bool = False) -> str:
    """The same as the text of its file."""
    return yaml.safe_dump(bridge(dogs, depth), sort_keys=False)


def _entry(topic: Topic, in_ros: str, in_gazebo: str) -> dict[str, str]:
    return {
        "ros_topic_name": in_ros,
        "gz_topic_name": in_gazebo,
        "ros_type_name": topic.ros_type,
        "gz_type_name": topic.gz_type,
        "direction": topic.direction.value,
    }
