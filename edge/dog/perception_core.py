"""What the perception node does between its messages: pictures, poses and zones -> anomalies and photos."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import shapely
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from edge.camera_stream.live_frame import LiveFrame
from edge.perception.alert import Alert
from edge.perception.camera_geometry import Intrinsics, Mount, View
from edge.perception.checkpoint_comparison import CheckpointComparison, Compared
from edge.perception.checkpoint_references import References
from edge.perception.detector import Detection, Detector, Picture
from edge.perception.frame_rate import FrameRate
from edge.perception.head_masking import MaskedPicture, encode_jpeg
from edge.perception.lidar_ranging import Echoes, Points, Seat
from edge.perception.mapped import Mapped
from edge.perception.original import Original, original_of
from edge.perception.picture_marks import PictureMarks, marks_of, with_marks
from edge.perception.pipeline import Perception, Seen, may_keep
from edge.perception.pose_buffer import PoseBuffer
from edge.perception.reference_comparison import look_of
from edge.perception.tracking import Track
from edge.perception.zones import Zones
from edge.types import Cloud, Imu, PoseEstimate, Scan
from protocol.site import GridMap, Zone

MOUNT = Mount(x=0.33, z=0.08, pitch=0.0, body_height=0.38)
SCAN, POINTS = Seat(z=0.12), Seat(x=0.32, z=0.17)
"""The lidar on the back and that on the head."""
SLACK_S = 0.02
"""By which a frame may come early and still be the next for who watches: cameras are not so exact."""
LIVE_SHARE = 1.2
"""A frame for who watches is masked by several looks: a fifth as much time again is left for other frames."""
LONGEST_LIVE_GAP_S = 10.0
PATIENCE_S = 3.0
"""For which a photo waits for a frame of which it is known where it was taken: on a busy computer poses come late."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A camera's picture and its stamp (s)."""

    picture: Picture
    stamp: float


@dataclass(frozen=True, slots=True)
class Sighted:
    """An anomaly: an alert with the id under which it is told, in the frame of ``stamp``, with its picture's marks.

    ``original`` is None where the site keeps none, or there is no picture. It is for sealing alone.
    """

    anomaly_id: str
    alert: Alert
    stamp: float
    picture: MaskedPicture | None
    marks: PictureMarks | None = None
    original: Original | None = None

    def jpeg(self) -> bytes:
        """Its picture as a file, marks and all; empty where there is none."""
        if self.picture is None:
            return b""
        made = encode_jpeg(self.picture)
        return with_marks(made, self.marks) if self.marks is not None else made


@dataclass(frozen=True, slots=True)
class Wanted:
    """A photo that the mission asked for."""

    evidence_id: str
    action_id: str
    node_id: str
    asked: float
    """When it was asked for (s)."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that was taken; ``picture`` is None where none may be kept: in a privacy zone."""

    wanted: Wanted
    picture: MaskedPicture | None
    view: View | None
    stamp: float


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame as it was looked at, for what keeps the last seconds. The picture is NOT masked; nothing of it is to be
    kept where ``may_keep`` is not."""

    frame: Frame
    view: View | None
    people: list[Detection]
    tracks: list[Track]
    privacy: tuple[shapely.Polygon, ...]
    may_keep: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame told; ``missed`` frames never came before it. ``live`` is the frame for who watches, ``compared``
    what came of a comparison with a checkpoint's reference."""

    sighted: tuple[Sighted, ...]
    photos: tuple[Photo, ...]
    missed: int
    live: LiveFrame | None = None
    looked: Looked | None = None
    compared: Compared | None = None


class PerceptionCore:
    """Works on one frame at a time, with the pose at its stamp: it waits for that pose until the next frame comes."""

    def __init__(
        self,
        detector: Detector,
        new_id: Callable[[], str],
        mount: Mount = MOUNT,
        timer: Callable[[], float] = lambda: 0.0,
        scan: Seat = SCAN,
        points: Seat = POINTS,
        references: References | None = None,
    ) -> None:
        """``timer`` (s) measures how long a frame takes; ``references`` are what the dog remembers of checkpoints."""
        self.detector, self.meter = detector, FrameRate()
        self._perception, self._poses = Perception(detector), PoseBuffer()
        self._echoes = Echoes(scan, points, mount.body_height)
        self._again: tuple[Frame, Seen, View | None, Points | None] | None = None  # to be looked at once more
        self._new_id, self._mount, self._timer = new_id, mount, timer
        self._zones: Zones | None = None
        self._site_version = -1
        self.evidence_key: X25519PublicKey | None = None
        """To which originals are sealed; None: none are kept."""
        self._intrinsics: Intrinsics | None = None
        self._waiting: Frame | None = None  # for the pose at its stamp
        self._wanted: list[Wanted] = []
        self._comparison = CheckpointComparison(references or References())
        self._order = ""
        self.live_every: float | None = None
        """Seconds between frames for who watches; None: nobody does."""
        self._live_due = 0.0  # the stamp from which the next one is

    def take_site(
        self,
        zones: Sequence[Zone],
        timezone: str,
        version: int,
        grid: GridMap | None = None,
        evidence_key: X25519PublicKey | None = None,
    ) -> None:
        """The site's zones, map and evidence key; an older version is passed over. Raises ValueError (UnusableMap among
        them) or KeyError: no such time zone."""
        read, mapped = Zones.of(list(zones), timezone), Mapped(grid) if grid is not None else None
        if version < self._site_version:
            return
        self._zones, self._site_version, self.evidence_key = read, version, evidence_key
        if mapped is not None:
            self._perception.take_map(mapped)

    def take_order(self, order_id: str) -> None:
        """The order under way: a new one is a new patrol, and of a comparison for the last one nothing comes."""
        if order_id and order_id != self._order:
            self._order = order_id
            self._perception.begin()
            self._comparison.give_up()

    def take_intrinsics(self, intrinsics: Intrinsics) -> None:
        """The camera's pinhole."""
        self._intrinsics = intrinsics

    def take_imu(self, imu: Imu) -> None:
        """How the body leans."""
        self._poses.add_lean(imu)

    def take_scan(self, scan: Scan) -> None:
        """A turn of the lidar: it measures how far people are."""
        self._echoes.add_scan(scan)

    def take_cloud(self, cloud: Cloud) -> None:
        """A turn of the 3-D lidar: likewise."""
        self._echoes.add_cloud(cloud)

    def take_pose(self, estimate: PoseEstimate) -> Look | None:
        """Where the dog is; the frame that waited for it is looked at."""
        self._poses.add_pose(estimate)
        return self._look_if_placed()

    def take_frame(self, frame: Frame) -> list[Look]:
        """The next frame; the one before it waits no longer."""
        looks = [self._look(self._waiting)] if self._waiting is not None else []
        self._waiting = frame
        look = self._look_if_placed()
        return looks if look is None else [*looks, look]

    def look_again(self) -> tuple[Sighted, ...]:
        """Look for people who lie in the last frame, where the detector needs another look for that; to be called when
        what the frame told is on its way."""
        if self._again is None:
            return ()
        (frame, seen, view, echoes), self._again = self._again, None
        still = self._poses.still(frame.stamp)
        again = self._perception.look_again(frame.picture, seen, view, self._zones, still, frame.stamp, echoes)
        alerts = again.alerts if again is not None else []
        picture = again.picture if again is not None else None
        return tuple(self._sighted(alert, frame, view, picture) for alert in alerts)

    def _sighted(self, alert: Alert, frame: Frame, view: View | None, picture: MaskedPicture | None) -> Sighted:
        height, width = frame.picture.shape[:2]
        marks = marks_of(alert, view, self._zones, (width, height))
        original = self._original(frame, view) if picture is not None else None
        return Sighted(self._new_id(), alert, frame.stamp, picture, marks, original)

    def _original(self, frame: Frame, view: View | None) -> Original | None:
        if self.evidence_key is None or not may_keep(view, self._zones):
            return None
        return original_of(frame.picture, self._zones.privacy if self._zones is not None else (), view)

    def ask_photo(self, action_id: str, node_id: str, now: float) -> Wanted | str:
        """Promise the next frame as a photo; or why there will be none. The frame itself is judged by where it was
        taken; here the newest pose does, if it is not older than PATIENCE_S."""
        if self.meter.fps(now) == 0:
            return "the camera sends no pictures"
        if not may_keep(self._view(max(now - PATIENCE_S, min(now, self._poses.newest))), self._zones):
            return "in a privacy zone, or unsure of not being in one: no picture is kept"
        wanted = Wanted(self._new_id(), action_id, node_id, now)
        self._wanted.append(wanted)
        return wanted

    def ask_comparison(self, action_id: str, node_id: str, now: float) -> str:
        """Compare what is to be seen from now on with the checkpoint's reference; why that cannot be, or nothing."""
        if self.meter.fps(now) == 0:
            return "the camera sends no pictures"
        return self._comparison.ask(action_id, node_id, now)

    def _look_if_placed(self) -> Look | None:
        if self._waiting is None or not self._poses.covers(self._waiting.stamp):
            return None
        frame, self._waiting = self._waiting, None
        return self._look(frame)

    def _look(self, frame: Frame) -> Look:
        began, view = self._timer(), self._view(frame.stamp)
        wanted = self._due(view, frame.stamp)
        echoes = self._echoes.at(frame.stamp, self._poses)
        live, compares = self._is_live(frame.stamp), self._comparison.wants(frame.stamp)
        kept = bool(wanted) or compares
        seen = self._perception.update(frame.picture, view, self._zones, kept, frame.stamp, echoes, live)
        self._again = frame, seen, view, echoes
        compared = self._compare(seen, view, frame.stamp) if compares else None
        alerts = [*seen.alerts, *([compared.alert] if compared is not None and compared.alert is not None else [])]
        sighted = tuple(self._sighted(alert, frame, view, seen.picture) for alert in alerts)
        photos = tuple(Photo(each, seen.picture, view, frame.stamp) for each in wanted)
        took = self._timer() - began
        if live and self.live_every is not None:
            self._live_due = frame.stamp + max(self.live_every - SLACK_S, LIVE_SHARE * took)
        shown = LiveFrame(seen.live, frame.stamp, seen.shown, view) if live else None
        privacy = self._zones.privacy if self._zones is not None else ()
        looked = Looked(frame, view, seen.detections, seen.tracks, privacy, may_keep(view, self._zones))
        return Look(sighted, photos, self.meter.add(frame.stamp, took), shown, looked, compared)

    def _due(self, view: View | None, stamp: float) -> list[Wanted]:
        """The photos that this frame is for: all, unless it is not known where it was taken and a later one may do."""
        due = [each for each in self._wanted if view is not None or abs(stamp - each.asked) >= PATIENCE_S]
        self._wanted = [each for each in self._wanted if each not in due]
        return due

    def _compare(self, seen: Seen, view: View | None, stamp: float) -> Compared | None:
        """Look at a frame for a comparison: at no more of it than may leave the dog."""
        if seen.picture is None or view is None:
            return self._comparison.update(None, stamp)
        return self._comparison.update(look_of(seen.picture, seen.masked, view), stamp)

    def _is_live(self, stamp: float) -> bool:
        """Whether this frame is one for who watches; a clock that was set back begins anew."""
        if self.live_every is None:
            return False
        return stamp >= self._live_due or self._live_due - stamp > self.live_every + LONGEST_LIVE_GAP_S

    def _view(self, at: float) -> View | None:
        stance = self._poses.at(at)
        if stance is None or self._intrinsics is None:
            return None
        return View(
            self._intrinsics,
            self._mount,
            stance.pose,
            stance.roll,
            stance.pitch,
            stance.position_deviation,
            stance.heading_deviation,
        )
