"""Frames of a clip without faces. In a clip one bare frame is enough to know somebody by, so it errs to too much."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edge.evidence.clip_frame import ClipFrame
from edge.evidence.spool_worker import GivenUp
from edge.perception.detection_before_masking import detect_before_masking
from edge.perception.detector import Detection, Detector, Picture
from edge.perception.head_masking import GREY, MaskedPicture, mask
from edge.perception.live_masking import LiveMasking
from edge.perception.picture_motion import SmallGrey, small_grey


def masked_frames(
    frames: Sequence[ClipFrame], detector: Detector, ended: Callable[[], bool] = lambda: False
) -> Iterator[tuple[float, MaskedPicture]]:
    """Stamp and masked picture of each frame, in their order.

    Each is searched as closely as a picture that leaves. Who is found in one is carried through the frames about it,
    forward as for who watches (``live_masking``), and backward too: a clip is masked when all of it is known. What is
    seen of privacy zones is taken out, whoever stands before it; a frame of which nothing may be kept is grey.
    Raises GivenUp as soon as ``ended`` says so.
    """
    looked = []  # at all of them before the first is masked: decoded they would fill 90 MB, so each is decoded again
    for frame in frames:
        if ended():
            raise GivenUp
        looked.append(_looked(frame, detector))
    forward = _carried(looked, detector)
    backward = _carried([_Looked(-each.time, each.small, each.found) for each in reversed(looked)], detector)
    for frame, before, after in zip(frames, forward, reversed(backward), strict=True):
        yield frame.stamp, mask(_picture(frame), [*before, *after], frame.privacy, frame.view)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What carrying needs of a frame; backward its ``time`` (s) is negative."""

    time: float
    small: SmallGrey
    found: list[Detection]


def _looked(frame: ClipFrame, detector: Detector) -> _Looked:
    picture = _picture(frame)
    found = [*frame.people, *detect_before_masking(detector, picture)] if frame.jpeg else []
    return _Looked(frame.stamp, small_grey(picture), found)


def _carried(looked: Iterable[_Looked], detector: Detector) -> list[list[Detection]]:
    """Of each frame, who was found in it and in those before it."""
    held = LiveMasking(detector)
    return [held.carry(each.small, each.found, each.time) for each in looked]


def _picture(frame: ClipFrame) -> Picture:
    return frame.picture() if frame.jpeg else np.full((*frame.shape, 3), GREY, np.uint8)
