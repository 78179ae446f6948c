"""What a picture was before masking. It stays in the memory of the process that saw it, and leaves sealed or not at all
(edge.evidence.original_sealing)."""

from dataclasses import dataclass, field

import cv2
import shapely

from edge.perception.camera_geometry import View
from edge.perception.detector import Picture
from edge.perception.head_masking import blank_privacy

QUALITY = 90
MARGIN_M, DEVIATIONS = 0.3, 3.0
"""A privacy zone is taken out larger than it is: by this, and by so many standard deviations of where it may lie in the
picture. Heads show here, and what is blanked too much costs nobody anything."""


@dataclass(frozen=True, slots=True)
class Original:
    """Pixels with heads as they were. What is seen of privacy zones was taken out before anything else, whoever stands
    before them: of those no original exists. Made by ``original_of`` and by nothing else."""

    pixels: Picture = field(repr=False)


def original_of(picture: Picture, privacy: tuple[shapely.Polygon, ...], view: View | None) -> Original:
    """The original of a picture that may be kept (``pipeline.may_keep``); raises ValueError where it is not known what
    of it shows a privacy zone."""
    pixels = picture.copy()
    if privacy:
        if view is None:
            raise ValueError("nobody knows what of this picture shows a privacy zone")
        blank_privacy(pixels, tuple(shape.buffer(_margin(shape, view)) for shape in privacy), view)
    return Original(pixels)


def _margin(shape: shapely.Polygon, view: View) -> float:
    """Metres by which a zone is widened: the farther it lies, the more a mistaken heading moves it."""
    x, y, _ = view.place()
    far = float(shape.hausdorff_distance(shapely.Point(x, y)))
    return MARGIN_M + DEVIATIONS * (view.position_deviation + far * view.heading_deviation)


def original_jpeg(original: Original) -> bytes:
    """The original as a JPEG file: to be sealed, and never to be written or sent as it is."""
    done, data = cv2.imencode(".jpg", original.pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"a picture of shape {original.pixels.shape} cannot be encoded")
    return bytes(data.tobytes())
