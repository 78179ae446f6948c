"""A vehicle that stands where none may: in a watched zone, for longer than the zone allows."""

from collections.abc import Mapping

from edge.perception.alert import Alert
from edge.perception.detector import Limits
from edge.perception.reason import scored
from edge.perception.things import Thing
from edge.perception.told import Told
from edge.perception.zones import Zones, chance_inside
from protocol.anomaly import AnomalyKind

PROBABLY = 0.7
"""Chance that its middle stands in the zone, from which it is told: half a car in a bay is in the bay."""

MEASURED = 0.35
"""Metres of deviation up to which a lidar has met two sides of a vehicle's size there: then a weaker score, of a look
that counts, is enough. Dark cars score between both limits for as long as they are seen."""

SAME = 2.5
"""Metres between two looks at one vehicle; two of them stand farther apart but side by side."""


class ParkedVehicle:
    """Turns vehicles into alerts, one for each and patrol."""

    def __init__(self, limits: Mapping[str, Limits]) -> None:
        self._limits = limits
        self._told = Told(SAME)

    def update(self, things: list[Thing], zones: Zones, now: float) -> list[Alert]:
        """Alerts that the frame of stamp ``now`` (s) decides, given the things that it shows."""
        alerts = []
        vehicles = [thing for thing in things if thing.track.detection.label == "vehicle"]
        for zone, shape, rules in zones.watched_at(now):
            limit = rules.vehicle_parked
            if not limit:
                continue
            for thing in vehicles:
                stood, score, limits = now - thing.since, thing.track.score, self._limits["vehicle"]
                least = limits.threshold if thing.place.deviation <= MEASURED else limits.sure
                if score < least or stood < limit.after_s:
                    continue
                chance = chance_inside(shape, thing.place)
                if chance < PROBABLY or self._told.is_known(thing.place):
                    continue
                self._told.add(thing.place)
                reason = scored(
                    f"车辆停放 {stood:.0f} 秒（至少 {limit.after_s:g}），"
                    f"在区内的概率 {chance:.2f}（至少 {PROBABLY:.2f}）",
                    f"A vehicle has stood for {stood:.0f} s (at least {limit.after_s:g}), "
                    f"chance of being in the zone {chance:.2f} (at least {PROBABLY:.2f})",
                    score,
                    least,
                )
                alerts.append(Alert(zone.zone_id, thing.track, thing.place, now, AnomalyKind.VEHICLE_PARKED, reason))
        return alerts
