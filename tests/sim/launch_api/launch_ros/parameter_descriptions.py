"""launch_ros/parameter_descriptions.py."""

from typing import Any

from launch.substitutions import LaunchConfiguration


class ParameterValue:
    def __init__(self, value: LaunchConfiguration, *, value_type: Any = None) -> None:
        self.value, self.value_type = value, value_type

    def __str__(self) -> str:
        return f"{self.value.variable_name}: {self.value_type.__name__}"
