"""Somebody inside a restricted zone while its hours run, said once for each person and visit."""

from edge.perception.alert import Alert
from edge.perception.reason import scored
from edge.perception.tracking import Track
from edge.perception.visits import PROBABLY, Confirmed, Visits, tell
from edge.perception.zones import Zones
from protocol.site import Text

CONFIRMATIONS = 3
"""Frames in which the person was probably inside, before it is said."""


class Intrusion:
    """Turns tracks into alerts, one for each person and visit."""

    def __init__(self, sure: float, confirmations: int = CONFIRMATIONS) -> None:
        self._visits, self._sure = Visits(sure), sure
        self._confirmations = confirmations

    def update(self, tracks: list[Track], zones: Zones, now: float) -> list[Alert]:
        """Alerts that the frame of stamp ``now`` (seconds UTC) decides, given the tracks seen in it."""
        alerts = []
        for look in self._visits.update(tracks, zones.in_force(now), now):
            visit = look.visit
            if visit.said or visit.confirmations < self._confirmations:
                continue
            tell(visit, look.track)
            reason, others = self._reason(look), self._visits.others(visit)
            alerts.append(Alert(visit.zone_id, look.track, look.place, now, reason=reason, other_than=others))
        return alerts

    def _reason(self, look: Confirmed) -> Text:
        chance, frames, score = look.chance, look.visit.confirmations, min(look.track.score, look.track.detection.score)
        return scored(
            f"禁入时段内有人在禁入区：{frames} 帧（至少 {self._confirmations}），"
            f"在区内的概率 {chance:.2f}（至少 {PROBABLY:.2f}）",
            f"Somebody in a restricted zone in its hours: {frames} frames (at least {self._confirmations}), "
            f"chance of being inside {chance:.2f} (at least {PROBABLY:.2f})",
            score,
            self._sure,
        )
