"""What is drawn over a frame for who watches: what the detector found in it, and from where it was taken."""

from msgspec import UNSET

from edge.camera_stream.live_frame import LiveFrame
from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection
from protocol.camera_stream import MOST_SEEN, CameraPlace, FrameNote, SeenThing

DIGITS = 4
"""A pixel is a six-hundredth of the width; a ten-thousandth of a turn moves the ground by less."""


def frame_note(number: int, frame: LiveFrame) -> FrameNote:
    """For the frame of that number, which has a picture."""
    assert frame.picture is not None
    height, width = frame.picture.pixels.shape[:2]
    best = sorted(frame.seen, key=lambda each: -each.score)[:MOST_SEEN]
    seen = [_seen(each, width, height) for each in best]
    return FrameNote(number=number, seen=seen, camera=_place(frame.view) if frame.view is not None else UNSET)


def _seen(found: Detection, width: int, height: int) -> SeenThing:
    box = _parts(found.box, width, height)
    return SeenThing(label=found.label, score=round(min(max(float(found.score), 0.0), 1.0), 2), box=box)


def _parts(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    sides = (box.left / width, box.top / height, box.right / width, box.bottom / height)
    left, top, right, bottom = (round(min(max(float(side), 0.0), 1.0), DIGITS) for side in sides)
    return left, top, right, bottom


def _place(view: View) -> CameraPlace:
    x, y, z = (round(float(each), 3) for each in view.place())
    k = view.intrinsics
    fx, cx = (round(float(each / k.width), DIGITS) for each in (k.fx, k.cx))
    fy, cy = (round(float(each / k.height), DIGITS) for each in (k.fy, k.cy))
    rotation = [round(float(each), DIGITS) for each in view.rotation().ravel()]
    return CameraPlace(x=x, y=y, z=z, rotation=rotation, fx=fx, fy=fy, cx=cx, cy=cy)
