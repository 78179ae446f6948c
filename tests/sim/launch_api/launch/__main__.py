"""Tell what a launch file would start."""

import importlib.util
import json
import sys

from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchContext
from launch.actions import DeclareLaunchArgument, OpaqueFunction

path, *words = sys.argv[1:]
spec = importlib.util.spec_from_file_location("launch_file", path)
assert spec
assert spec.loader
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
entities = module.generate_launch_description().entities
context = LaunchContext()
given = dict(word.split(":=", 1) for word in words if ":=" in word)
for entity in entities:
    if isinstance(entity, DeclareLaunchArgument):
        context.launch_configurations[entity.name] = given.pop(entity.name, entity.default_value)
assert not given, f"no such argument: {given}"
told = [entity for entity in entities if "--all" in words]
for entity in entities:
    if isinstance(entity, OpaqueFunction):
        told += entity.function(context, *entity.args)
for entity in told:
    for given in getattr(entity, "parameters", []):
        if isinstance(given, dict):
            given.update({n: v.evaluate(context) if isinstance(v, ParameterValue) else v for n, v in given.items()})
print(json.dumps([entity.tell() for entity in told], default=str))  # noqa: T201
