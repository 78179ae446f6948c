"""A dog's parameter files as its ROS nodes read them, for a dog that is one object."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import yaml

from edge.dog.dog import DogConfig
from edge.mission.mission import MissionConfig
from xiaotian.robot_processes import BRINGUP
from xiaotian.robot_profile import DEFAULT, read_profile

Config = TypeVar("Config")


def configured(profile: str = DEFAULT) -> tuple[DogConfig, MissionConfig]:
    """What dog.yaml and the robot's profile, read after it, make of a dog and of its mission."""
    told: dict[str, Any] = {}
    robot = read_profile(profile)
    for file in (BRINGUP / "dog.yaml", robot.file):
        _merge(told, yaml.safe_load(file.read_text(encoding="utf-8"))["/**"]["ros__parameters"])
    plain = DogConfig()
    parts = {item.name: filled(getattr(plain, item.name), told.get(item.name, {})) for item in fields(plain)}
    parts["safety"] = replace(parts["safety"], has_points="points" in robot.sensors)
    return replace(plain, **parts), filled(MissionConfig(), told.get("mission", {}))


def filled(defaults: Config, told: dict[str, Any]) -> Config:
    """``defaults`` with what is ``told`` in their place, nested as they are."""
    values = {}
    for item in fields(defaults):  # type: ignore[arg-type]
        default = getattr(defaults, item.name)
        if is_dataclass(default):
            values[item.name] = filled(default, told.get(item.name, {}))
        elif item.name in told:
            values[item.name] = told[item.name]
    return replace(defaults, **values)  # type: ignore[type-var]


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
