"""A frozen dataclass of settings as a node's parameters."""

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from rclpy.node import Node

from edge.mission.factsheet import Make

Config = TypeVar("Config")


def declared(node: Node, prefix: str, defaults: Config) -> Config:
    """``defaults`` with what the node was given in their place: ``prefix.field``, nested by further dots."""
    values = {}
    for item in fields(defaults):  # type: ignore[arg-type]
        default, name = getattr(defaults, item.name), f"{prefix}.{item.name}"
        nested = is_dataclass(default)
        values[item.name] = declared(node, name, default) if nested else node.declare_parameter(name, default).value
    return replace(defaults, **values)  # type: ignore[type-var]


def declared_make(node: Node) -> Make:
    """What the robot's profile says of its speed and its sensors."""
    usual = Make()
    speed = node.declare_parameter("navigator.following.speed", usual.speed).value
    return Make(speed, tuple(node.declare_parameter("sensors", list(usual.sensors)).value))
