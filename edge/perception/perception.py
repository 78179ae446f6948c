"""A frame becomes alerts and masked pictures: the whole way from pixels to what leaves, without ROS."""

from dataclasses import dataclass

from edge.perception.camera import View
from edge.perception.closely import look_closely
from edge.perception.detector import Detection, Detector, Picture
from edge.perception.mask import MaskedPicture, mask
from edge.perception.ranging import Points
from edge.perception.rules import Alert, Intrusion
from edge.perception.tracking import Track, Tracker
from edge.perception.zones import Zones


@dataclass(frozen=True)
class Seen:
    """What one frame told. ``picture`` is None where none may leave: the dog stood in a privacy zone."""

    alerts: list[Alert]
    tracks: list[Track]
    detections: list[Detection]
    picture: MaskedPicture | None


class Perception:
    """One dog's eyes: what it remembers between frames, for the length of a patrol."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.begin()

    def begin(self) -> None:
        """A new patrol: nobody is matched across patrols, so all tracks and visits are forgotten."""
        self._tracker = Tracker(self.detector.threshold)
        self._intrusion = Intrusion(self.detector.sure)

    def update(
        self,
        picture: Picture,
        view: View | None,
        zones: Zones | None,
        wanted: bool,
        now: float,
        echoes: Points | None = None,
    ) -> Seen:
        """Look at one frame of stamp ``now``. Without a ``view`` (the dog does not know where it is) or ``zones``
        nothing is located or judged; ``echoes`` of a lidar measure how far people are. The masked picture is made
        where an alert or ``wanted`` asks for it."""
        detections = self.detector.detect(picture)
        tracks = self._tracker.update(detections, view, now, picture, echoes) if view is not None else []
        alerts = self._intrusion.update(tracks, zones, now) if zones is not None else []
        if not (wanted or alerts) or not may_keep(view, zones):
            return Seen(alerts, tracks, detections, None)
        privacy = zones.privacy if zones is not None else ()
        shown = tuple(alert.track.detection.box for alert in alerts)
        heads = detections + look_closely(self.detector, picture)
        return Seen(alerts, tracks, detections, mask(picture, heads, privacy, view, shown))


def may_keep(view: View | None, zones: Zones | None) -> bool:
    """Whether a picture may be kept: not in a privacy zone, and not where it cannot be known to be outside of one."""
    if zones is None or not zones.privacy:
        return True
    if view is None:
        return False
    x, y, _ = view.place()
    return not (zones.in_privacy(x, y) or zones.in_privacy(view.pose.x, view.pose.y))
