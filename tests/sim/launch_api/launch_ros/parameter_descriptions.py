"""launch_ros/parameter_descriptions.py, and launch/utilities/type_utils.py's coerce_to_type for scalars."""

from typing import Any

import yaml
from launch import LaunchContext
from launch.substitutions import LaunchConfiguration


class ParameterValue:
    def __init__(self, value: LaunchConfiguration, *, value_type: Any = None) -> None:
        self.value, self.value_type = value, value_type

    def evaluate(self, context: LaunchContext) -> Any:
        text = self.value.perform(context)
        if self.value_type is not bool:
            return self.value_type(text)
        read = yaml.safe_load(text)
        if not isinstance(read, bool):
            raise ValueError(f"Cannot convert value {text!r} to bool")
        return read
