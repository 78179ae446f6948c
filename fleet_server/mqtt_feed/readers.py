"""Who may hear the feed at a closed fleet's broker: a role of its dynamic security plugin, and who has it."""

from collections.abc import Iterable
from typing import Any

ROLE = "feed-reader"


def reader_commands(names: Iterable[str], prefixes: Iterable[str]) -> list[dict[str, Any]]:
    """The plugin's commands after which ``names`` (of certificates) hear all below ``prefixes``, and say nothing.

    The role is made anew: who is not named any more is left with no right, for the plugin grants none by default.
    """
    rights = [
        {"acltype": kind, "topic": f"{prefix}/#", "priority": 0, "allow": True}
        for prefix in prefixes
        for kind in ("publishClientReceive", "subscribePattern")
    ]
    commands: list[dict[str, Any]] = [
        {"command": "deleteRole", "rolename": ROLE},
        {"command": "createRole", "rolename": ROLE, "acls": rights},
    ]
    for name in names:
        commands.append({"command": "createClient", "username": name})
        commands.append({"command": "addClientRole", "username": name, "rolename": ROLE})
    return commands
