"""Flames and smoke in a watched zone. Experimental: no detector here was measured on real ones.

Where both are seen at one place it is one fire: smoke near to what has been told of is not told of again.
"""

from collections.abc import Mapping

from edge.perception.alert import Alert
from edge.perception.detector import Limits
from edge.perception.reason import scored
from edge.perception.things import Thing
from edge.perception.told import Told
from edge.perception.zones import Zones, chance_inside
from protocol.anomaly import AnomalyKind

LIKELY = 0.5
"""Chance of being in the zone, from which it is told: how far off smoke is, a camera hardly knows."""

WORDS = {"fire": ("火焰", "Flames"), "smoke": ("烟雾", "Smoke")}
SAME = 6.0
"""Metres: a fire and its smoke, which drifts."""


class FireSmoke:
    """Turns flames and smoke into alerts, one for each fire and patrol; smoke that turns out to burn is told again."""

    def __init__(self, limits: Mapping[str, Limits]) -> None:
        self._limits = limits
        self._fires, self._smoke = Told(SAME), Told(SAME)

    def update(self, things: list[Thing], zones: Zones, now: float) -> list[Alert]:
        """Alerts that the frame of stamp ``now`` (s) decides, given the things that it shows."""
        alerts = []
        for zone, shape, rules in zones.watched_at(now):
            if not rules.fire:
                continue
            after = {"fire": rules.fire.after_s, "smoke": rules.fire.smoke_after_s}
            for thing in sorted(things, key=lambda thing: thing.track.detection.label):  # fire before smoke
                label, place = thing.track.detection.label, thing.place
                if label not in after or now - thing.since < after[label]:
                    continue
                score, sure = thing.track.score, self._limits[label].sure
                if score < sure or chance_inside(shape, place) < LIKELY:
                    continue
                if self._fires.is_known(place) or (label == "smoke" and self._smoke.is_known(place)):
                    continue
                (self._fires if label == "fire" else self._smoke).add(place)
                kind = AnomalyKind.FIRE if label == "fire" else AnomalyKind.SMOKE
                lasted, (zh, en) = now - thing.since, WORDS[label]
                reason = scored(
                    f"{zh}已 {lasted:.0f} 秒（至少 {after[label]:g}；试验性检测）",
                    f"{en} for {lasted:.0f} s (at least {after[label]:g}; experimental)",
                    score,
                    sure,
                )
                alerts.append(Alert(zone.zone_id, thing.track, place, now, kind, reason))
        return alerts
