"""Perception's clips: frames, poses and scans in memory -> masked clips in a folder, from which the link sends them."""

import uuid
from pathlib import Path

from rclpy.node import Node

from edge.dog.perception_core import Look, Sighted
from edge.evidence.clip_recorder import ClipRecorder
from edge.evidence.clip_worker import ClipWorker
from edge.evidence.spool import SPOOL, Spool
from edge.perception.detector import Detector
from edge.perception.detector_selection import choose, places
from edge.types import PoseEstimate, Scan
from patrol_nodes.masking_trust import masks_people

PERIOD_S = 1.0


class ClipRecording:
    """Takes what the node has told already; what it makes of it is made in a thread of its own."""

    def __init__(self, node: Node, detector: Detector, wish: str, model_dirs: list[Path]) -> None:
        wanted = bool(node.declare_parameter("clips", True).value)
        data = node.get_parameter("data_dir").value
        self.status = "" if wanted and data else "off"
        if not self.status and not masks_people(node, detector):
            self.status = "no detector that masks real people"
            node.get_logger().warning(f"no clips: {self.status}")
        self._node, self._order = node, ""
        self._recorder = ClipRecorder()
        self._worker: ClipWorker | None = None
        if not self.status:
            self._worker = ClipWorker(
                lambda: choose(wish, places(model_dirs)).detector, Spool(Path(data) / SPOOL), lambda: str(uuid.uuid4())
            )
            node.create_timer(PERIOD_S, self._follow)

    def take_order(self, order_id: str) -> None:
        """The order under way."""
        self._order = order_id or self._order

    def take_pose(self, estimate: PoseEstimate) -> None:
        """Where the dog is."""
        if self._worker is not None:
            self._recorder.take_pose(estimate)

    def take_scan(self, scan: Scan) -> None:
        """A turn of the lidar."""
        if self._worker is not None:
            self._recorder.take_scan(scan)

    def take(self, look: Look, again: tuple[Sighted, ...]) -> None:
        """A frame, when all that it told is on its way."""
        if self._worker is None:
            return
        if look.looked is not None:
            self._recorder.take_look(look.looked)
        for sighted in (*look.sighted, *again):
            self._recorder.take_sighted(sighted)

    def end(self) -> None:
        """Make no more: what is not whole yet is lost, and its anomaly has its picture."""
        if self._worker is not None:
            self._worker.end()

    def values(self) -> dict[str, str]:
        """For the diagnostics."""
        worker = self._worker
        return {
            "clips": self.status or (worker.trouble if worker is not None else "") or "ok",
            "clips_made": str(worker.made if worker is not None else 0),
            "clips_lost": str(worker.lost.total() if worker is not None else 0),
            "clip_memory_bytes": str(self._recorder.frame_bytes),
        }

    def _follow(self) -> None:
        worker = self._worker
        if worker is None:
            return
        for cut in self._recorder.update(float(self._node.get_clock().now().nanoseconds * 1e-9)):
            worker.offer(cut, self._order)
        for note in worker.notes():
            self._node.get_logger().warning(f"an anomaly goes without its clip: {note}")
