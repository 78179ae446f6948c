"""Somebody who stays in a watched zone for longer than the zone allows; walking through it is nobody's business."""

from edge.perception.alert import Alert
from edge.perception.reason import scored
from edge.perception.tracking import Track
from edge.perception.visits import Visits, tell
from edge.perception.zones import Zones
from protocol.anomaly import AnomalyKind

CONFIRMATIONS = 10
"""Frames in which the person was probably inside, before it is said: two looks a minute apart prove no stay."""


class Loitering:
    """Turns tracks into alerts, one for each person and visit."""

    def __init__(self, sure: float) -> None:
        self._visits, self._sure = Visits(sure), sure

    def update(self, tracks: list[Track], zones: Zones, now: float) -> list[Alert]:
        """Alerts that the frame of stamp ``now`` (seconds UTC) decides, given the tracks seen in it."""
        limits = {z.zone_id: (z, shape, r.loitering) for z, shape, r in zones.watched_at(now) if r.loitering}
        alerts = []
        for look in self._visits.update(tracks, [(zone, shape) for zone, shape, _ in limits.values()], now):
            visit, limit = look.visit, limits[look.visit.zone_id][2]
            if not limit or visit.said or visit.confirmations < CONFIRMATIONS or now - visit.began_at < limit.after_s:
                continue
            tell(visit, look.track)
            stayed, score = now - visit.began_at, look.track.score
            reason = scored(
                f"有人在区内停留 {stayed:.0f} 秒（至少 {limit.after_s:g}），"
                f"看到 {visit.confirmations} 帧（至少 {CONFIRMATIONS}）",
                f"Somebody has stayed for {stayed:.0f} s (at least {limit.after_s:g}), "
                f"seen in {visit.confirmations} frames (at least {CONFIRMATIONS})",
                score,
                self._sure,
            )
            others = self._visits.others(visit)
            alerts.append(Alert(visit.zone_id, look.track, look.place, now, AnomalyKind.LOITERING, reason, others))
        return alerts
