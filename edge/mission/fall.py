"""A fall, as the gate tells it: what is said of it, and a person's word that the dog may go on."""

from dataclasses import dataclass
from enum import StrEnum

from edge.mission.errors import Fault, fatal, warning
from edge.mission.events import Safety
from protocol.state import Error

CLEAR_FALL = "clearFall"
GATE_ANSWERS_S = 3.0


class FallStage(StrEnum):
    """How far the dog is on its way back to its feet; the names are the wire's."""

    LYING = "lying"
    CHECKING = "checking"
    WAITING = "waiting"


STAGES = {
    "FALLEN": FallStage.LYING,
    "CHECKING_AFTER_FALL": FallStage.CHECKING,
    "WAITING_AFTER_FALL": FallStage.WAITING,
}  # by edge.navigation.safety_gate.Reason


def fall_stage(safety: Safety | None) -> FallStage | None:
    """The stage that the gate tells; None where the dog has not fallen, or is up again."""
    return next((STAGES[reason] for reason in safety.reasons if reason in STAGES), None) if safety else None


def fall_error(safety: Safety | None) -> Error | None:
    """What is told while the dog is not back on its way: FATAL wherever it needs a person."""
    match fall_stage(safety):
        case FallStage.LYING:
            hint = "it gets up by itself where it can; if it still lies after a minute, set it on its feet"
            return fatal(Fault.FALLEN, "it lies on the ground", hint=hint, stage=FallStage.LYING)
        case FallStage.CHECKING:
            lacking = ", ".join(r for r in (safety.reasons if safety else ()) if r not in STAGES)
            text = "it stands again and checks itself" + (f"; it waits for: {lacking}" if lacking else "")
            hint = "nothing is to be done: it goes on by itself, or asks for a person"
            return warning(Fault.FALLEN, text, hint=hint, stage=FallStage.CHECKING, lacking=lacking)
        case FallStage.WAITING:
            hint = f"look at the dog and the way before it, then let it go on: instant action {CLEAR_FALL}"
            return fatal(Fault.FALLEN, "it stands, and waits for a person", hint=hint, stage=FallStage.WAITING)
    return None


@dataclass(frozen=True, slots=True)
class Clearing:
    """A person's word that was handed to the gate at ``since``."""

    action_id: str
    since: float

    def late(self, now: float) -> bool:
        """Whether the gate should have let go by now."""
        return now - self.since > GATE_ANSWERS_S
