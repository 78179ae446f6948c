"""What stands against walking on: battery, pose and safety, judged from the situation alone."""

import math
from dataclasses import dataclass, field

from edge.mission.battery_reserve import Consumption, ReserveConfig, need
from edge.mission.errors import Fault, fatal, warning
from edge.mission.events import Situation
from edge.mission.fall import fall_error
from protocol.state import Error

MORE = 0.05  # of a full battery above what is needed, before a charge that was too low is enough again


@dataclass(frozen=True, slots=True)
class HealthConfig:
    """When a charge is too low, 0..1, and how long a hold by the gate may last before it is told, in seconds."""

    reserve: ReserveConfig = field(default_factory=ReserveConfig)
    critical: float = 0.08
    held_after: float = 8.0


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong now. ``stand``: do not walk; ``go_home``: do not begin or go on with an order."""

    errors: tuple[Error, ...] = ()
    stand: bool = False
    go_home: bool = False


class HealthMonitor:
    """Remembers since when the gate holds the dog, what walking costs, and whether the charge was too low."""

    def __init__(self, config: HealthConfig) -> None:
        self._config = config
        self._held_since: float | None = None
        self._low = False
        self.consumption = Consumption(config.reserve.full_reach)

    def update(self, situation: Situation, wants_to_walk: bool, now: float) -> Findings:
        """What is wrong at ``now``; the gate's hold counts only while the dog wants to walk."""
        findings = (self._pose(situation), self._battery(situation, now), self._gate(situation, wants_to_walk, now))
        return Findings(
            errors=tuple(error for each in findings for error in each.errors),
            stand=any(each.stand for each in findings),
            go_home=any(each.go_home for each in findings),
        )

    def _pose(self, situation: Situation) -> Findings:
        if situation.pose is not None and situation.pose.quality > 0:
            return Findings()
        why = "no pose yet" if situation.pose is None else "the dog does not know where it is"
        return Findings((fatal(Fault.LOCALIZATION_LOST, why),), stand=True)

    def _battery(self, situation: Situation, now: float) -> Findings:
        battery, pose = situation.battery, situation.pose
        if battery is None:
            return Findings((warning(Fault.BATTERY_UNKNOWN, "the battery does not report"),), stand=True)
        if pose is not None and pose.quality > 0:
            self.consumption.update(pose.pose, battery.charge, battery.charging, now)
        told = {"charge": f"{battery.charge:.3f}"}
        text = f"{battery.charge:.0%} left"
        if battery.charge < self._config.critical and not battery.charging:
            return Findings((fatal(Fault.BATTERY_CRITICAL, text, **told),), stand=True)
        way = self._way_home(situation)
        wanted = need(self._config.reserve, self.consumption.per_metre, way)
        self._low = battery.charge < wanted + (MORE if self._low else 0.0)
        if not self._low:
            return Findings()
        if math.isfinite(way):
            text, told["way"] = f"{text}, {way:.0f} m from its dock", f"{way:.0f}"
        return Findings((warning(Fault.BATTERY_LOW, text, **told),), go_home=True)

    def _way_home(self, situation: Situation) -> float:
        pose, measure = situation.pose, situation.way_home
        return measure(pose.pose.x, pose.pose.y) if pose is not None and measure is not None else math.inf

    def _gate(self, situation: Situation, wants_to_walk: bool, now: float) -> Findings:
        safety = situation.safety
        fallen = fall_error(safety)
        if fallen is not None:
            self._held_since = None
            return Findings((fallen,), stand=True)
        held = safety is None or safety.stopped
        if not (held and wants_to_walk):
            self._held_since = None
            return Findings()
        self._held_since = now if self._held_since is None else min(self._held_since, now)
        if now - self._held_since < self._config.held_after:
            return Findings()
        why = "the safety gate is silent" if safety is None else ", ".join(safety.reasons)
        return Findings((warning(Fault.HELD_BY_SAFETY, why),))
