"""What a launch file uses of ROS 2's `launch`, with the signatures of its Jazzy release, to tell what it would start.

`python -m launch FILE name:=value...` prints that as JSON. It starts nothing.
"""

from collections.abc import Sequence
from typing import Any


class LaunchContext:
    """The values that the launch arguments have."""

    def __init__(self) -> None:
        self.launch_configurations: dict[str, str] = {}


class LaunchDescriptionEntity:
    """Something to start."""

    def tell(self) -> dict[str, Any]:
        return {"kind": type(self).__name__, **vars(self)}


class LaunchDescription(LaunchDescriptionEntity):
    """launch/launch_description.py."""

    def __init__(self, initial_entities: Sequence[LaunchDescriptionEntity] | None = None) -> None:
        self.entities = list(initial_entities or [])
