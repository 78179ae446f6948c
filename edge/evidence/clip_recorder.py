"""Keeps the last seconds of what a dog sees and measures, and cuts out what is about each anomaly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.dog.perception_core import Looked, Sighted
from edge.dog.periodic import Periodic
from edge.evidence.clip_cutting import ClipCutting, Span
from edge.evidence.clip_frame import ClipFrame, clip_frame
from edge.evidence.rolling_buffer import RollingBuffer
from edge.types import PoseEstimate, Scan

FPS = 5.0
"""Frames a second that are kept, of however many the camera sends."""
SLACK_S = 0.02
"""By which one may come early and still be the next."""
MEASURED_EVERY_S = 0.1
MOST_FRAME_BYTES = 24 * 1024 * 1024
"""Of JPEGs in memory: 40 s of a noisy 640 x 480 camera have 12 MB, 10 s of a usual one 2."""
MOST_SCAN_BYTES, MOST_POSE_BYTES = 4 * 1024 * 1024, 1024 * 1024
POSE_BYTES = 400  # in Python
LATE_S = 1.0
"""For which the last frame of a clip may be on its way through the detector."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is about the anomalies of one span."""

    span: Span
    frames: tuple[ClipFrame, ...]
    poses: tuple[PoseEstimate, ...]
    scans: tuple[Scan, ...]
    sighted: tuple[Sighted, ...]


class ClipRecorder:
    """All in memory, within bounds; ``now`` and stamps are seconds of the dog's clock."""

    def __init__(self, fps: float = FPS) -> None:
        self._frames: RollingBuffer[ClipFrame] = RollingBuffer(MOST_FRAME_BYTES)
        self._poses: RollingBuffer[PoseEstimate] = RollingBuffer(MOST_POSE_BYTES)
        self._scans: RollingBuffer[Scan] = RollingBuffer(MOST_SCAN_BYTES)
        self._cutting = ClipCutting()
        self._sighted: dict[str, Sighted] = {}
        self._due = (
            Periodic(1.0 / fps, SLACK_S),
            Periodic(MEASURED_EVERY_S, SLACK_S),
            Periodic(MEASURED_EVERY_S, SLACK_S),
        )

    @property
    def frame_bytes(self) -> int:
        """Bytes of pictures in memory."""
        return self._frames.bytes

    @property
    def crowded_out(self) -> int:
        """Frames that went for want of room before their time."""
        return self._frames.crowded_out

    def take_look(self, looked: Looked) -> None:
        """A frame that was looked at; to be called when what it told is on its way."""
        frame = looked.frame
        if not self._due[0].is_due(frame.stamp):
            return
        kept = clip_frame(
            frame.picture, frame.stamp, looked.people, looked.tracks, looked.view, looked.privacy, looked.may_keep
        )
        self._frames.add(frame.stamp, kept, len(kept.jpeg))

    def take_pose(self, estimate: PoseEstimate) -> None:
        """Where the dog was."""
        if self._due[1].is_due(estimate.stamp):
            self._poses.add(estimate.stamp, estimate, POSE_BYTES)

    def take_scan(self, scan: Scan) -> None:
        """A turn of the lidar."""
        if self._due[2].is_due(scan.stamp):
            self._scans.add(scan.stamp, scan, scan.ranges.nbytes)

    def take_sighted(self, sighted: Sighted) -> None:
        """An anomaly: a clip is wanted about it."""
        self._sighted[sighted.anomaly_id] = replace(sighted, original=None)  # no clip has a use for it
        self._cutting.add(sighted.anomaly_id, sighted.stamp)

    def update(self, now: float) -> list[Cut]:
        """The cuts that are whole at ``now``; to be asked about once a second."""
        cuts = [self._cut(span) for span in self._cutting.update(now - LATE_S)]
        oldest = self._cutting.needed_from(now)
        for buffer in (self._frames, self._poses, self._scans):
            buffer.forget_before(oldest)
        return cuts

    def _cut(self, span: Span) -> Cut:
        between: Sequence[Sighted] = [self._sighted.pop(each) for each in span.anomaly_ids]
        return Cut(
            span,
            tuple(self._frames.between(span.begin, span.end)),
            tuple(self._poses.between(span.begin, span.end)),
            tuple(self._scans.between(span.begin, span.end)),
            tuple(between),
        )
