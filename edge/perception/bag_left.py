"""A bag with nobody near: in a watched zone, for longer than the zone allows."""

import math
from collections.abc import Mapping

from edge.perception.alert import Alert
from edge.perception.detector import Limits
from edge.perception.person_location import Located
from edge.perception.reason import scored
from edge.perception.things import Thing
from edge.perception.told import Told
from edge.perception.tracking import Track
from edge.perception.zones import Zones, chance_inside
from protocol.anomaly import AnomalyKind

PROBABLY = 0.7
"""Chance that it stands in the zone, from which it is told."""
LOOKED_AWAY = 1.0
"""Seconds without a look at a bag, from which whoever was with it may have been so all the while: the dog turned."""
SAME = 1.5
"""Metres between two looks at one bag, or its pile."""


class BagLeft:
    """Turns bags into alerts, one for each and patrol."""

    def __init__(self, limits: Mapping[str, Limits], person: float) -> None:
        """``limits`` of the detector by label; ``person`` is the score from which somebody counts as being there."""
        self._limits, self._person = limits, person
        self._told = Told(SAME)
        self._owned: dict[tuple[str, int], tuple[float, float]] = {}  # by zone and bag: somebody near; last look

    def update(self, things: list[Thing], people: list[Track], zones: Zones, now: float) -> list[Alert]:
        """Alerts that the frame of stamp ``now`` (s) decides, given the things and people that it shows."""
        alerts = []
        bags = [thing for thing in things if thing.track.detection.label == "bag"]
        people = [person for person in people if person.score >= self._person]
        for zone, shape, rules in zones.watched_at(now):
            limit = rules.bag_left
            if not limit:
                continue
            for bag in bags:
                near = any(_is_near(person, bag.place, limit.alone_m) for person in people)
                alone_since = max(bag.since, self._owned_at(zone.zone_id, bag.track.track_id, near, now))
                alone, score, sure = now - alone_since, bag.track.score, self._limits["bag"].sure
                if score < sure or alone < limit.after_s:
                    continue
                if chance_inside(shape, bag.place) < PROBABLY or self._told.is_known(bag.place):
                    continue
                self._told.add(bag.place)
                reason = scored(
                    f"包裹旁 {limit.alone_m:g} 米内已 {alone:.0f} 秒（至少 {limit.after_s:g}）无人",
                    f"A bag with nobody within {limit.alone_m:g} m for {alone:.0f} s (at least {limit.after_s:g})",
                    score,
                    sure,
                )
                alerts.append(Alert(zone.zone_id, bag.track, bag.place, now, AnomalyKind.BAG_LEFT, reason))
        return alerts

    def _owned_at(self, zone_id: str, number: int, near: bool, now: float) -> float:
        """When somebody was last near the bag, later by as long as nobody looked at it since; long ago if never."""
        known = self._owned.get((zone_id, number))
        if not near and known is None:
            return -math.inf
        owned, looked = (now, now) if near or known is None else known
        owned += now - looked if now - looked > LOOKED_AWAY else 0.0
        self._owned[zone_id, number] = owned, now
        return owned


def _is_near(person: Track, bag: Located, metres: float) -> bool:
    """Whether the person may be with the bag: who cannot be placed may be anywhere."""
    place = person.place
    return place is None or math.hypot(place.x - bag.x, place.y - bag.y) <= metres + place.deviation
