"""An emergency stop that was asked for: it counts from the request on, and is done when the gate says so."""

from dataclasses import dataclass

from edge.mission.events import Safety

GATE_ANSWERS_S = 3.0


@dataclass(frozen=True, slots=True)
class EmergencyStopRequest:
    """A request to the safety gate: stop (``on``) or release, since when, and whether it was given up on."""

    action_id: str
    on: bool
    since: float
    failed: bool = False

    def done(self, safety: Safety | None) -> bool:
        """Whether the gate has done it."""
        return safety is not None and safety.emergency_stop is self.on

    def late(self, now: float) -> bool:
        """Whether the gate should have answered by now."""
        return not self.failed and now - self.since > GATE_ANSWERS_S
