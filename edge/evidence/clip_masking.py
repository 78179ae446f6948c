"""Frames of a clip without faces. In a clip one bare frame is enough to know somebody by, so it errs to too much."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from edge.evidence.clip_frame import ClipFrame
from edge.perception.detection_before_masking import detect_before_masking
from edge.perception.detector import Detection, Detector, Picture
from edge.perception.head_masking import MaskedPicture, mask
from edge.perception.live_masking import LiveMasking

GREY = 127


class GivenUp(Exception):
    """The dog is closing down."""


def masked_frames(
    frames: Sequence[ClipFrame], detector: Detector, ended: Callable[[], bool] = lambda: False
) -> Iterator[tuple[float, MaskedPicture]]:
    """Stamp and masked picture of each frame, in their order.

    Each is searched as closely as a picture that leaves. Who is found in one is carried through the frames about it,
    forward as for who watches (``live_masking``), and backward too: a clip is masked when all of it is known. What is
    seen of privacy zones is taken out, whoever stands before it; a frame of which nothing may be kept is grey.
    Raises GivenUp as soon as ``ended`` says so.
    """
    found = []
    for frame in frames:
        if ended():
            raise GivenUp
        found.append(_found(frame, detector))
    forward = _carried(zip(frames, found, strict=True), detector, 1.0)
    backward = _carried(zip(reversed(frames), reversed(found), strict=True), detector, -1.0)
    for frame, before, after in zip(frames, forward, reversed(backward), strict=True):
        yield frame.stamp, mask(_picture(frame), [*before, *after], frame.privacy, frame.view)


def _found(frame: ClipFrame, detector: Detector) -> list[Detection]:
    return [*frame.people, *detect_before_masking(detector, frame.picture())] if frame.jpeg else []


def _carried(
    frames: Iterable[tuple[ClipFrame, list[Detection]]], detector: Detector, direction: float
) -> list[list[Detection]]:
    """Of each frame, who was found in it and in those before it; of a ``direction`` of -1 time runs back."""
    held = LiveMasking(detector)
    return [held.update(_picture(frame), found, direction * frame.stamp, closely=True) for frame, found in frames]


def _picture(frame: ClipFrame) -> Picture:
    return frame.picture() if frame.jpeg else np.full((*frame.shape, 3), GREY, np.uint8)
