"""A frame for who watches a dog's camera."""

from dataclasses import dataclass

from edge.perception.head_masking import MaskedPicture


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """``picture`` is None where none may be shown. ``stamp``: seconds of the dog's clock."""

    picture: MaskedPicture | None
    stamp: float
