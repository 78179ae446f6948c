"""When the station is out of reach: what the order wants then, and since when it is so."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from protocol.on_link_loss import MOST_MINUTES
from protocol.on_link_loss import LinkLossPolicy as Policy
from protocol.order import Action

GRACE_S = 10.0  # a link that blinks sends nobody home
SILENT_S = 20.0  # the link speaks every 5 s; after this it is as good as lost


class Verdict(StrEnum):
    """What the policy asks for now."""

    GO_ON = "GO_ON"
    STAND = "STAND"
    HOME = "HOME"


class LinkLoss(msgspec.Struct, frozen=True):
    """A policy; ``minutes`` counts for CARRY_ON_THEN_HOME alone."""

    policy: Policy = Policy.CARRY_ON
    minutes: float = 0.0

    def verdict(self, lost_s: float) -> Verdict:
        """What to do after ``lost_s`` seconds without the station."""
        if lost_s < GRACE_S or self.policy is Policy.CARRY_ON:
            return Verdict.GO_ON
        if self.policy is Policy.STAND:
            return Verdict.STAND
        late = self.policy is Policy.HOME or lost_s >= 60.0 * self.minutes
        return Verdict.HOME if late else Verdict.GO_ON

    def __str__(self) -> str:
        minutes = f" after {self.minutes:g} min" if self.policy is Policy.CARRY_ON_THEN_HOME else ""
        return f"{self.policy}{minutes}"


def wrong(action: Action) -> str | None:
    """Why ``action`` (onLinkLoss, its parameters of the right types) names no policy; None when it does."""
    policy, minutes = action.parameter("policy"), action.parameter("minutes")
    if policy not in list(Policy):
        return f"policy is {policy!r}, expected one of {', '.join(Policy)}"
    if policy == Policy.CARRY_ON_THEN_HOME and minutes is None:
        return "minutes is not given"
    if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
        return f"minutes is {minutes!r}, expected 0 to {MOST_MINUTES:.0f}"
    return None


def read(action: Action) -> LinkLoss:
    """The policy that a sound onLinkLoss names."""
    minutes: Any = action.parameter("minutes")
    return LinkLoss(Policy(action.parameter("policy")), float(minutes or 0.0))


@dataclass(slots=True)
class LinkWatch:
    """Since when the station is out of reach, by what the link says and by its silence."""

    connected: bool | None = None  # None: the link has not spoken yet
    heard_at: float | None = None

    def hear(self, connected: bool, now: float) -> None:
        """The link's word."""
        self.connected, self.heard_at = connected, now

    def lost_at(self, before: float, now: float) -> float:
        """Since when it is lost, 0.0 when it is not; ``before`` is the answer of the last time."""
        if self.heard_at is None:
            self.heard_at = now
        silent = now - self.heard_at > SILENT_S
        if self.connected and not silent:
            return 0.0
        if self.connected is False or silent:
            return min(before or self.heard_at, now)
        return before  # a dog that has just started waits for the link's first word
