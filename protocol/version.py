"""The version of VDA 5050, in this one place: what we say, what we understand, and what others have to be told.

For 3.0 these lines change, the structs that differ, and the table below.
"""

from collections.abc import Callable
from typing import Any

VERSION = "2.1.0"
MAJOR = VERSION.partition(".")[0]
TOPIC_LEVEL = f"v{MAJOR}"
"""The level of each topic that names the major version (6.3)."""

Spoken = dict[str, Any]
"""A message as builtin types, under the wire's names."""


def understood(version: str) -> bool:
    """Whether a message of ``version`` is read: of one major version all that is added is optional."""
    return version.partition(".")[0] == MAJOR


def translated(version: str, topic: str, spoken: Spoken) -> Spoken:
    """``spoken``, a message of ours, for a vehicle that says ``version`` of itself; ours where that is not known."""
    rewrite = _OLDER.get(version)
    return spoken if rewrite is None else rewrite(topic, spoken | {"version": version})


def needs_translation(version: str) -> bool:
    """Whether a vehicle of ``version`` is told anything otherwise."""
    return version in _OLDER


def _for_2_0(topic: str, spoken: Spoken) -> Spoken:
    """Text and schema of 2.0.0 name the actions of ``instantActions`` differently, and its vehicles hear one of both.

    What 2.1 has added to an order (corridors) is sent to nobody; maps stand in both.
    """
    return spoken | {"instantActions": spoken["actions"]} if topic == "instantActions" else spoken


_OLDER: dict[str, Callable[[str, Spoken], Spoken]] = {"2.0.0": _for_2_0}
