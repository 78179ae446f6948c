"""launch/actions/*.py."""

from collections.abc import Callable, Iterable
from typing import Any

from launch import LaunchDescriptionEntity


class DeclareLaunchArgument(LaunchDescriptionEntity):
    def __init__(self, name: str, *, default_value: str | None = None, description: str | None = None) -> None:
        self.name, self.default_value, self.description = name, default_value, description


class OpaqueFunction(LaunchDescriptionEntity):
    def __init__(self, *, function: Callable[..., Any], args: Iterable[Any] = ()) -> None:
        self.function, self.args = function, list(args)


class AppendEnvironmentVariable(LaunchDescriptionEntity):
    def __init__(self, name: str, value: str, prepend: bool = False, separator: str = ":") -> None:
        self.name, self.value, self.prepend, self.separator = name, value, prepend, separator


class IncludeLaunchDescription(LaunchDescriptionEntity):
    def __init__(self, launch_description_source: Any, *, launch_arguments: Iterable[tuple[str, str]] = ()) -> None:
        self.source = launch_description_source.location
        self.launch_arguments = [(str(name), value) for name, value in launch_arguments]
        assert all(isinstance(value, str) for _, value in self.launch_arguments)


class SetEnvironmentVariable(LaunchDescriptionEntity):
    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value


class Shutdown(LaunchDescriptionEntity):
    def __init__(self, *, reason: str = "reason not given") -> None:
        self.reason = reason


class ExecuteProcess(LaunchDescriptionEntity):
    def __init__(self, *, cmd: Iterable[str], output: str = "log", on_exit: Any = None) -> None:
        self.cmd, self.output = list(cmd), output
        self.on_exit = [type(action).__name__ for action in on_exit or []]
