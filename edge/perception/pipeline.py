"""A frame becomes alerts and masked pictures: the whole way from pixels to what leaves, without ROS."""

from dataclasses import dataclass, replace

import shapely

from edge.perception.alert import Alert
from edge.perception.bag_left import BagLeft
from edge.perception.camera_condition import CameraCondition
from edge.perception.camera_geometry import View
from edge.perception.crowd import Crowd
from edge.perception.detection_before_masking import detect_before_masking
from edge.perception.detector import PERSON, Detection, Detector, Picture
from edge.perception.fire_smoke import FireSmoke
from edge.perception.head_masking import MaskedPicture, mask
from edge.perception.intrusion import Intrusion
from edge.perception.lidar_ranging import Points
from edge.perception.live_masking import LiveMasking
from edge.perception.loitering import Loitering
from edge.perception.lying_person import Lying
from edge.perception.mapped import Mapped
from edge.perception.parked_vehicle import ParkedVehicle
from edge.perception.person_location import locate
from edge.perception.reason import signed
from edge.perception.rotated_detection import RotatedDetection
from edge.perception.things import Things
from edge.perception.tracking import Track, Tracker
from edge.perception.zones import Zones

SURER = 0.15
"""So much more than its ``sure`` is asked of a detector that knows who lies: person_sim takes other things for people
who lie. In 720 pictures six such boxes scored 0.6 or more and two 0.65, of 106 people who lie 95 and 89. In a turned
picture people score low as it is."""


@dataclass(frozen=True)
class Seen:
    """What one frame told. ``picture`` is None where none may leave: the dog stood in a privacy zone.

    ``live`` is the frame for who watches; None likewise, and where nobody does. ``masked`` are those of whom the head
    is pixelated in ``picture``.
    """

    alerts: list[Alert]
    tracks: list[Track]
    detections: list[Detection]
    picture: MaskedPicture | None
    live: MaskedPicture | None = None
    shown: tuple[Detection, ...] = ()
    """What is drawn over ``live``."""
    masked: tuple[Detection, ...] = ()


class Perception:
    """One dog's eyes: what it remembers between frames, for the length of a patrol."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._mapped: Mapped | None = None
        self._live = LiveMasking(detector)
        self.begin()

    def take_map(self, mapped: Mapped) -> None:
        """What stands on the site anyway."""
        self._mapped = mapped
        self._things.take_map(mapped)

    def begin(self) -> None:
        """A new patrol: nobody is matched across patrols, so all tracks and visits are forgotten."""
        self._tracker = Tracker(self.detector.threshold)
        self._intrusion = Intrusion(self.detector.sure)
        self._camera = CameraCondition()
        self._loitering, self._crowd = Loitering(self.detector.sure), Crowd(self.detector.sure)
        self._lying = Lying(self.detector.sure + (SURER if self.detector.finds_lying else 0.0))
        self._turned = RotatedDetection(self.detector)
        limits = self.detector.things
        self._things = Things({label: each.threshold for label, each in limits.items()}, self._mapped)
        self._parked, self._bags, self._fires = (
            ParkedVehicle(limits),
            BagLeft(limits, self.detector.threshold),
            FireSmoke(limits),
        )

    def update(
        self,
        picture: Picture,
        view: View | None,
        zones: Zones | None,
        wanted: bool,
        now: float,
        echoes: Points | None = None,
        live: bool = False,
    ) -> Seen:
        """Look at one frame of stamp ``now``. Without a ``view`` (the dog does not know where it is) or ``zones``
        nothing is located or judged; ``echoes`` of a lidar measure how far people are. The masked picture is made
        where an alert or ``wanted`` asks for it, and one for who watches where ``live`` does."""
        found = self.detector.find(picture)
        detections = [each for each in found if each.label == PERSON]
        tracks = self._tracker.update(detections, view, now, picture, echoes) if view is not None else []
        alerts = self._intrusion.update(tracks, zones, now) if zones is not None else []
        if view is not None:
            alerts += self._camera.update(picture, view, now)
        if view is not None and self.detector.finds_lying:
            alerts += self._lying.update(detections, view, now, echoes)
        if view is not None and zones is not None and zones.watched:
            alerts += self._watch([each for each in found if each.label != PERSON], tracks, view, zones, now, echoes)
        if not (wanted or alerts or live) or not may_keep(view, zones):
            return Seen(self._signed(alerts), tracks, detections, None)
        closely = wanted or bool(alerts)
        people = detections + (detect_before_masking(self.detector, picture) if closely else [])
        shown = _masked(picture, people, alerts, view, zones) if closely else None
        watched = _masked(picture, self._live.update(picture, people, now, closely), [], view, zones) if live else None
        over = self._to_draw(found, view, zones) if live else ()
        return Seen(self._signed(alerts), tracks, detections, shown, watched, over, tuple(people))

    def look_again(
        self,
        picture: Picture,
        seen: Seen,
        view: View | None,
        zones: Zones | None,
        standing: bool,
        now: float,
        echoes: Points | None = None,
    ) -> Seen | None:
        """Look for people who lie, where the detector does not find them as the picture is; to be called when what the
        frame told (``seen``) is on its way, for it takes an inference now and then, more often where the dog is
        ``standing``. None where it tells nothing."""
        if view is None or self.detector.finds_lying:
            return None
        lain = self._turned.update(picture, seen.detections, standing, now)
        alerts = self._lying.update(lain, view, now, echoes)
        if not alerts:
            return None
        detections = seen.detections + lain
        shown = None
        if may_keep(view, zones):
            people = detections + detect_before_masking(self.detector, picture)
            shown = _masked(picture, people, alerts, view, zones)
        return Seen(self._signed(alerts), [], detections, shown)

    def _to_draw(self, found: list[Detection], view: View | None, zones: Zones | None) -> tuple[Detection, ...]:
        """What counts of what was ``found``; nothing of what may stand in a privacy zone, which is not shown either."""
        limits = {label: each.threshold for label, each in self.detector.things.items()}
        limits[PERSON] = self.detector.threshold
        counts = [each for each in found if each.score >= limits.get(each.label, 1.0)]
        if zones is None or not zones.privacy:
            return tuple(counts)
        return tuple(each for each in counts if view is not None and _outside_privacy(each, view, zones))

    def _signed(self, alerts: list[Alert]) -> list[Alert]:
        return [replace(alert, reason=signed(alert.reason, self.detector)) for alert in alerts]

    def _watch(
        self,
        found: list[Detection],
        people: list[Track],
        view: View,
        zones: Zones,
        now: float,
        echoes: Points | None,
    ) -> list[Alert]:
        """What the rules of watched zones tell of people, and of the things that were ``found``."""
        alerts = self._crowd.update(people, zones, now)
        staying = self._loitering.update(people, zones, now)
        alerts += [each for each in staying if not self._crowd.holds(each.place)]
        things = self._things.update(found, view, now, echoes)
        alerts += self._parked.update(things, zones, now)
        alerts += self._bags.update(things, people, zones, now)
        return alerts + self._fires.update(things, zones, now)


def _masked(
    picture: Picture, people: list[Detection], alerts: list[Alert], view: View | None, zones: Zones | None
) -> MaskedPicture:
    """The picture as it may leave."""
    privacy = zones.privacy if zones is not None else ()
    outside = tuple(alert.track.detection.box for alert in alerts if alert.zone_id)
    return mask(picture, people, privacy, view, outside)


def _outside_privacy(found: Detection, view: View, zones: Zones) -> bool:
    place = locate(found.whole or found.box, view, found.posture)
    if place is None:
        return False
    at = shapely.Point(place.x, place.y)
    return all(shape.distance(at) > place.deviation for shape in zones.privacy)


def may_keep(view: View | None, zones: Zones | None) -> bool:
    """Whether a picture may be kept: not in a privacy zone, and not where it cannot be known to be outside of one."""
    if zones is None or not zones.privacy:
        return True
    if view is None:
        return False
    x, y, _ = view.place()
    return not (zones.in_privacy(x, y) or zones.in_privacy(view.pose.x, view.pose.y))
