"""What a dog remembers of its checkpoints: a few pictures of each, as they might leave it, in a folder of its own."""

import errno
import hashlib
import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np

from edge.atomic_file import replace_file
from edge.perception.camera_geometry import Intrinsics, Mount, View
from edge.perception.detector import Box
from edge.perception.reference_comparison import Look
from edge.types import Pose2D

MOST = 6
"""Of each checkpoint, in its several lights and states; the oldest makes way."""
QUALITY = 92


class References:
    """By node id; in ``folder``, or in memory alone. A file that cannot be read is none, and is written over."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[str, list[Look]] = {}  # where there is no folder: thirty checkpoints have 165 MB of pixels

    def of(self, node_id: str) -> list[Look]:
        """The references of a checkpoint, oldest first."""
        if self._folder is None:
            return self._known.get(node_id, [])
        return [look for path in self._files(node_id) if (look := _read(path)) is not None]

    def keep(self, node_id: str, look: Look) -> None:
        """Remember one more; ``look`` has the picture as it may leave. Raises OSError: then it is not remembered."""
        if self._folder is None:
            self._known[node_id] = [*self.of(node_id), look][-MOST:]
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        files = self._files(node_id)
        number = int(files[-1].stem.rpartition("-")[2]) + 1 if files else 0
        replace_file(self._folder / f"{_stem(node_id)}-{number:06d}.npz", _packed(look))
        for old in self._files(node_id)[:-MOST]:
            old.unlink()

    def _files(self, node_id: str) -> list[Path]:
        return sorted(self._folder.glob(f"{_stem(node_id)}-*.npz")) if self._folder is not None else []


def _stem(node_id: str) -> str:
    """A name for files: node ids may hold anything."""
    return hashlib.sha256(node_id.encode()).hexdigest()[:20]


def _packed(look: Look) -> bytes:
    k, m, p = look.view.intrinsics, look.view.mount, look.view.pose
    meant = {
        "intrinsics": [k.fx, k.fy, k.cx, k.cy, k.width, k.height],
        "mount": [m.x, m.z, m.pitch, m.body_height],
        "pose": [p.x, p.y, p.theta, look.view.roll, look.view.pitch],
        "people": [[b.left, b.top, b.right, b.bottom] for b in look.people],
    }
    done, jpeg = cv2.imencode(".jpg", look.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise OSError(errno.EINVAL, f"a picture of shape {look.picture.shape} cannot be encoded")
    hidden = look.hidden if look.hidden is not None else np.zeros(look.picture.shape[:2], bool)
    _, png = cv2.imencode(".png", hidden.astype(np.uint8))
    file = io.BytesIO()
    np.savez(file, picture=jpeg, hidden=png, view=np.frombuffer(json.dumps(meant).encode(), np.uint8))
    return file.getvalue()


def _read(path: Path) -> Look | None:
    try:
        with np.load(path) as file:
            meant = json.loads(file["view"].tobytes())
            picture = cv2.imdecode(file["picture"], cv2.IMREAD_COLOR)
            hidden = cv2.imdecode(file["hidden"], cv2.IMREAD_GRAYSCALE)
        if picture is None or hidden is None or hidden.shape != picture.shape[:2]:
            return None
        fx, fy, cx, cy, width, height = meant["intrinsics"]
        x, y, theta, roll, pitch = meant["pose"]
        view = View(
            Intrinsics(fx, fy, cx, cy, int(width), int(height)),
            Mount(*meant["mount"]),
            Pose2D(x, y, theta),
            roll,
            pitch,
        )
        people = tuple(Box(*each) for each in meant["people"])
        return Look(np.ascontiguousarray(picture[..., ::-1]), view, people, hidden > 0)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
