"""What an order wants when its way is blocked or the battery runs low: read from the actions at its nodes."""

from typing import Any

import msgspec

from protocol.on_blocked import MOST_TRIES, ON_BLOCKED, BlockedPolicy
from protocol.on_low_battery import ON_LOW_BATTERY, LowBatteryPolicy
from protocol.order import Action, Node


class Blocked(msgspec.Struct, frozen=True):
    """A policy; ``tries`` 0 leaves their number to the dog."""

    policy: BlockedPolicy = BlockedPolicy.HOME
    tries: int = 0

    def __str__(self) -> str:
        return f"{self.policy} after {self.tries} tries" if self.tries else str(self.policy)


def wrong_blocked(action: Action) -> str | None:
    """Why ``action`` (onBlocked, its parameters of the right types) names no policy; None when it does."""
    policy, tries = action.parameter("policy"), action.parameter("tries")
    if policy not in list(BlockedPolicy):
        return f"policy is {policy!r}, expected one of {', '.join(BlockedPolicy)}"
    if tries is not None and not (1 <= tries <= MOST_TRIES and tries == int(tries)):
        return f"tries is {tries!r}, expected 1 to {MOST_TRIES}"
    return None


def wrong_low_battery(action: Action) -> str | None:
    """The same of an onLowBattery."""
    policy = action.parameter("policy")
    known = policy in list(LowBatteryPolicy)
    return None if known else f"policy is {policy!r}, expected one of {', '.join(LowBatteryPolicy)}"


def blocked_at(node: Node) -> Blocked | None:
    """What a node says of a blocked way; None where it says nothing."""
    action = _action(node, ON_BLOCKED)
    if action is None:
        return None
    tries: Any = action.parameter("tries")
    return Blocked(BlockedPolicy(action.parameter("policy")), int(tries or 0))


def low_battery_at(node: Node) -> LowBatteryPolicy:
    """What the first node of an order says of a battery that runs low."""
    action = _action(node, ON_LOW_BATTERY)
    return LowBatteryPolicy.END if action is None else LowBatteryPolicy(action.parameter("policy"))


def _action(node: Node, kind: str) -> Action | None:
    return next((action for action in node.actions if action.action_type == kind), None)
