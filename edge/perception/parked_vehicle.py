"""A vehicle that stands where none may: in a watched zone, for longer than the zone allows."""

from collections.abc import Mapping

from edge.perception.detector import Limits
from edge.perception.intrusion import Alert
from edge.perception.things import Thing
from edge.perception.told import Told
from edge.perception.zones import Zones, chance_inside
from protocol.anomaly import AnomalyKind

PROBABLY = 0.7
"""Chance that its middle stands in the zone, from which it is told: half a car in a bay is in the bay."""

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
                if thing.track.score < self._limits["vehicle"].sure or now - thing.since < limit.after_s:
                    continue
                if chance_inside(shape, thing.place) < PROBABLY or self._told.is_known(thing.place):
                    continue
                self._told.add(thing.place)
                alerts.append(Alert(zone.zone_id, thing.track, thing.place, now, AnomalyKind.VEHICLE_PARKED))
        return alerts
