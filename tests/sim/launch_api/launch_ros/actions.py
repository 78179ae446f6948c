"""launch_ros/actions/node.py."""

from collections.abc import Iterable
from typing import Any

from launch import LaunchDescriptionEntity


class Node(LaunchDescriptionEntity):
    def __init__(
        self,
        *,
        executable: str,
        package: str | None = None,
        name: str | None = None,
        namespace: Any = None,
        parameters: Iterable[Any] | None = None,
        arguments: Iterable[Any] | None = None,
        remappings: Iterable[tuple[str, str]] | None = None,
        output: str = "log",
    ) -> None:
        self.executable, self.package, self.name, self.namespace = executable, package, name, namespace
        self.parameters, self.arguments, self.output = list(parameters or []), list(arguments or []), output
        self.remappings = list(remappings or [])
