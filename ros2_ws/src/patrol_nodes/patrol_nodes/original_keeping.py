"""Perception's originals: a picture from before masking -> sealed to the site's evidence key -> the link's folder."""

import uuid
from pathlib import Path

from rclpy.node import Node

from edge.dog.perception_core import Look, PerceptionCore, Sighted
from edge.evidence.original_sealing import MOST_BYTES, OriginalSealing
from edge.evidence.spool import ORIGINALS, Spool


class OriginalKeeping:
    """Takes what the node has told already. Without a key of the site, which the link believes only when the station
    has signed it, there is nothing to take."""

    def __init__(self, node: Node, core: PerceptionCore) -> None:
        name = node.declare_parameter("dog", "").value or node.get_namespace().strip("/") or "dog"
        maker = node.declare_parameter("manufacturer", "xiaotian").value
        data = node.get_parameter("data_dir").value
        self._folder = Path(data) / ORIGINALS if data else None
        self._name, self._maker, self._core, self._order = name, maker, core, ""
        self._log = node.get_logger()
        self._sealing: OriginalSealing | None = None

    def take_order(self, order_id: str) -> None:
        """The order under way."""
        self._order = order_id or self._order

    def take(self, look: Look, again: tuple[Sighted, ...]) -> None:
        """A frame, when all that it told is on its way."""
        key = self._core.evidence_key
        if key is None or self._folder is None:
            return
        for sighted in (*look.sighted, *again):
            self._begun(self._folder).offer(sighted, key, self._order)
        for note in self._sealing.notes() if self._sealing is not None else ():
            self._log.warning(f"an anomaly goes without its original: {note}")

    def end(self) -> None:
        """Seal what waits."""
        if self._sealing is not None:
            self._sealing.end()

    def values(self) -> dict[str, str]:
        """For the diagnostics."""
        sealing = self._sealing
        kept = self._core.evidence_key is not None and self._folder is not None
        return {
            "originals": ((sealing.trouble if sealing is not None else "") or "ok") if kept else "off",
            "originals_made": str(sealing.made if sealing is not None else 0),
            "originals_lost": str(sealing.lost.total() if sealing is not None else 0),
        }

    def _begun(self, folder: Path) -> OriginalSealing:
        """Its thread begins with the first original: most sites keep none."""
        if self._sealing is None:
            spool = Spool(folder, MOST_BYTES)
            self._sealing = OriginalSealing(self._maker, self._name, spool, lambda: str(uuid.uuid4()))
        return self._sealing
