"""A frame for who watches a dog's camera."""

from dataclasses import dataclass

from edge.perception.camera_geometry import View
from edge.perception.detector import Detection
from edge.perception.head_masking import MaskedPicture


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """``picture`` is None where none may be shown. ``stamp``: seconds of the dog's clock. ``seen`` is what is drawn
    over it, and ``view`` where it was taken, if the dog knows that."""

    picture: MaskedPicture | None
    stamp: float
    seen: tuple[Detection, ...] = ()
    view: View | None = None
