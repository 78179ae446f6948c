"""Which dog takes a call: one that can look before one that cannot, a free one before one on a round; the soonest."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fleet_server.telemetry.vehicle_capabilities import Features

SPEED_M_S = 0.65  # a dog's on average
LETTING_GO_S = 5.0  # until a dog on a round stands and has its new order
WITH_THE_WAY_BACK = 2.0  # of the way there, for the battery


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dog and how far it has to go; ``unfit``: why it cannot, whatever the way.

    ``on_round`` is the patrol off which it would be taken; ``keeps_round``: it is to have one back after another call.
    ``looks``: it can do the work there, and does not only walk.
    """

    dog_id: str
    metres: float
    unfit: str | None = None
    on_round: str | None = None
    keeps_round: bool = False
    looks: bool = True

    @property
    def refusal(self) -> str | None:
        """Why it cannot take the call; None where it can."""
        if self.unfit is None and math.isinf(self.metres):
            return f"no way leads {self.dog_id} there"
        return self.unfit

    @property
    def seconds(self) -> float:
        """Until it is there; an estimate."""
        return self.metres / SPEED_M_S + (LETTING_GO_S if self.on_round else 0.0)


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The best first; those that cannot go last."""

    def rank(each: Candidate) -> tuple[bool, bool, bool, float, str]:
        taken = each.on_round is not None or each.keeps_round
        return each.refusal is not None, not each.looks, taken, each.seconds, each.dog_id

    return sorted(candidates, key=rank)


def can_work(features: Features, work: Iterable[str]) -> bool:
    """Whether the vehicle is known to do that work; one that has said nothing of itself is asked to walk alone."""
    return features.known and not features.unable(work)
