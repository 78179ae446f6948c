"""A checkpoint's picture against its reference: what is there now that was not, or is there no more.

The reference is turned into today's view by what both poses say, then by what its own patches agree on (a homography,
RANSAC). What is left of a pose some centimetres off is parallax: each patch of one picture looks for itself in the
other within a few pixels, by normalised correlation, which knows nothing of how bright it is. What finds itself
nowhere, or has a tint that the other picture has not about there, and was not covered by people, is a change where
several such patches touch, in each of several looks. False alarms are worse than misses: where the light is another,
or too little agrees, nothing is compared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Picture
from edge.perception.head_masking import MaskedPicture

Grey = NDArray[np.float32]
Flags = NDArray[np.bool_]

HALF = 2
"""Pixels of the picture to one that is compared: noise is averaged away."""
PATCH, STRIDE = 16, 8
"""Such pixels: side of a patch, and from one to the next."""
PATCH_PIXELS = PATCH * HALF
"""Side of a patch in pixels of the picture: so exact is the place of a change."""
COARSE, FINE = 14, 7
"""Such pixels that a patch may lie off where the poses put it, and where the agreed homography does: 5 cm of parallax
at 1.3 m, 10 cm at 2.6 m."""
TEXTURE = 2.5
"""Grey levels of deviation from which a patch has something to recognise; the sensor's noise leaves 1."""
FOUND, LOST = 0.8, 0.58
"""Correlation from which a patch is found again, and up to which it is lost; between them nothing is said."""
LEAST_ALIKE = 0.65
"""Share of the patches that have something to recognise, found again, from which the pictures are of one place."""
LEAST_PATCHES = 12
"""Patches with something to recognise, fewer of which are no picture to compare."""
FARTHEST, TURNED = 0.35, 0.35
"""Metres and radians between the two poses, beyond which they are not one place: a dog turns until 0.1 is left, and
twice 0.1 have been seen between two visits; what a turn does to a picture is known exactly."""
STIRRED = math.radians(8)
"""Radians between the looks of one visit: patches are compared where they are in each."""
LIGHT = 1.5
"""By which factor the one may be brighter than the other."""
AROUND = 8
"""Pixels (of the picture) about a person's box, or what is hidden, that are not compared either."""
TINT, BRIGHT = 0.3, 12.0
"""By how much (of a natural logarithm) the tint of a patch, red and blue against green, may lie beyond those of the
patches about its place; and grey levels from which it has a tint: shadows darken, and hardly tint."""
LEAST_LOOKS = 2
"""At a patch, that nobody stood before."""
LEAST_CELLS = 4
"""Touching patches that are lost, from which it is a change."""


class Change(StrEnum):
    """What differs at a place."""

    ADDED = "added"
    MISSING = "missing"
    CHANGED = "changed"


class Hindrance(StrEnum):
    """Why two pictures are not comparable."""

    OTHER_PLACE = "otherPlace"
    OTHER_LIGHT = "otherLight"
    NOTHING_TO_SEE = "nothingToSee"
    LITTLE_AGREES = "littleAgrees"


@dataclass(frozen=True)
class Look:
    """A picture of a checkpoint: where from, the boxes of the people in it, and where masking has ``hidden`` (rows x
    columns) what is there: none of that is compared."""

    picture: Picture
    view: View
    people: tuple[Box, ...]
    hidden: Flags | None = None


def look_of(picture: MaskedPicture, masked: Sequence[Detection], view: View) -> Look:
    """What may be kept and compared of a picture in which ``masked`` people are."""
    return Look(picture.pixels, view, tuple(each.whole or each.box for each in masked), picture.hidden)


@dataclass(frozen=True)
class Difference:
    """A change, with its box in today's picture; ``patches`` of it are lost."""

    kind: Change
    box: Box
    patches: int


@dataclass(frozen=True)
class Comparison:
    """What came of comparing: ``hindrance`` where it could not be; ``alike`` is the share of patches found again."""

    differences: tuple[Difference, ...] = ()
    hindrance: Hindrance | None = None
    alike: float = 0.0


def compare(reference: Look, looks: list[Look]) -> Comparison:
    """What is different in all of ``looks``, a second or so apart from one place, from what ``reference`` shows."""
    told = [_compare(reference, look) for look in looks]
    hindered = next((each for each in told if isinstance(each, Hindrance)), None)
    if hindered is not None:
        return Comparison(hindrance=hindered)
    maps = [each for each in told if isinstance(each, _Lost)]
    alike = min(each.alike for each in maps)
    if alike < LEAST_ALIKE:
        return Comparison(hindrance=Hindrance.LITTLE_AGREES, alike=alike)
    new, gone, tinted = (_lasting(maps, [getattr(each, of) for each in maps]) for of in ("new", "gone", "tinted"))
    return Comparison(tuple(_differences(new, gone, tinted)), alike=alike)


def of_one_place(one: View, other: View, most: float = TURNED) -> bool:
    """Whether two views are from so nearly the same place, and turned by at most ``most`` (rad), that they compare."""
    turned = abs(math.remainder(one.pose.theta - other.pose.theta, math.tau))
    return math.hypot(one.pose.x - other.pose.x, one.pose.y - other.pose.y) <= FARTHEST and turned <= most


def shows_enough(look: Look) -> bool:
    """Whether a picture has enough to recognise to be a reference."""
    grey = _grey(look.picture)
    return int(_textured(grey, _free(look, grey.shape)).sum()) >= LEAST_PATCHES


def _lasting(maps: list["_Lost"], lost: list[Flags]) -> Flags:
    """What is lost in each look at it that nobody stood before, and there were enough of them."""
    free = np.array([each.free for each in maps])
    kept: Flags = (np.array(lost) | ~free).all(axis=0) & (free.sum(axis=0) >= min(LEAST_LOOKS, len(maps)))
    return kept


@dataclass(frozen=True)
class _Lost:
    """By patch: what is in today's picture alone, what in the reference alone, and what has another tint."""

    new: Flags
    gone: Flags
    tinted: Flags
    free: Flags
    alike: float


def _compare(reference: Look, look: Look) -> _Lost | Hindrance:
    here, there = look.view, reference.view
    if not of_one_place(here, there):
        return Hindrance.OTHER_PLACE
    now, was = _grey(look.picture), _grey(reference.picture)
    ratio = (float(now.mean()) + 1.0) / (float(was.mean()) + 1.0)
    if not 1 / LIGHT <= ratio <= LIGHT:
        return Hindrance.OTHER_LIGHT
    to_here = _by_pose(there, here)
    masks = _free(look, now.shape), _free(reference, was.shape)
    if int(_textured(now, masks[0]).sum()) < LEAST_PATCHES:
        return Hindrance.NOTHING_TO_SEE
    warped, known = _warped(was, masks[1], to_here)
    first = _search(warped, now, COARSE, known & masks[0])
    good = first.score >= FOUND
    if int(good.sum()) < LEAST_PATCHES:
        return Hindrance.LITTLE_AGREES
    agreed, _ = cv2.findHomography(first.at[good], first.found[good], cv2.RANSAC, 2.0)
    by = to_here if agreed is None else agreed @ to_here
    warped, known = _warped(was, masks[1], by)
    # Where a patch's match may lie beyond the picture's edge, or behind somebody, nothing is said.
    rim = np.ones((2 * FINE + 1, 2 * FINE + 1), np.uint8)
    both = cv2.erode((known & masks[0]).astype(np.uint8), rim, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    gone, new = _search(warped, now, FINE, both), _search(now, warped, FINE, both)
    alike = max(_found_again(gone), _found_again(new))  # a large thing brings much of its own, or takes it away
    colour, before = _tints(look.picture, both), _tints(_turned(reference.picture, by), both)
    tinted = _beyond(colour, before) | _beyond(before, colour)
    new_, gone_ = new.textured & (new.score <= LOST), gone.textured & (gone.score <= LOST)
    return _Lost(new_, gone_, tinted, _by_patch(both.astype(np.float32)) > 0.999, alike)


def _found_again(search: "_Search") -> float:
    """The share of patches with something to recognise."""
    return float((search.score >= FOUND)[search.textured].mean()) if search.textured.any() else 0.0


@dataclass(frozen=True)
class _Search:
    """By patch (rows x columns): has it something to recognise, how well it was found, and where (x, y)."""

    textured: Flags
    score: Grey
    at: Grey
    found: Grey


def _search(of: Grey, within: Grey, reach: int, free: Flags) -> _Search:
    """Look for each patch of one picture in the other."""
    padded = cv2.copyMakeBorder(within, reach, reach, reach, reach, cv2.BORDER_REFLECT)
    textured = _textured(of, free)
    score = np.zeros(textured.shape, np.float32)
    at, found = np.zeros((*textured.shape, 2), np.float32), np.zeros((*textured.shape, 2), np.float32)
    for row, column in np.argwhere(textured):
        y, x = row * STRIDE, column * STRIDE
        window = padded[y : y + PATCH + 2 * reach, x : x + PATCH + 2 * reach]
        match = np.abs(cv2.matchTemplate(window, of[y : y + PATCH, x : x + PATCH], cv2.TM_CCOEFF_NORMED))
        _, best, _, where = cv2.minMaxLoc(match)
        score[row, column] = best
        at[row, column] = x + PATCH / 2, y + PATCH / 2
        found[row, column] = x + where[0] - reach + PATCH / 2, y + where[1] - reach + PATCH / 2
    return _Search(textured, score, at, found)


def _textured(grey: Grey, free: Flags) -> Flags:
    """Which patches have something to recognise, and nobody in them."""
    mean, square = _by_patch(grey), _by_patch(grey * grey)
    seen: Flags = (square - mean * mean >= TEXTURE**2) & (_by_patch(free.astype(np.float32)) > 0.999)
    return seen


def _grey(picture: Picture) -> Grey:
    small = cv2.resize(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY),
        (picture.shape[1] // HALF, picture.shape[0] // HALF),
        interpolation=cv2.INTER_AREA,
    )
    smooth: Grey = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 0.8)
    return smooth


def _free(look: Look, shape: tuple[int, ...]) -> Flags:
    """Where nobody is and nothing was hidden."""
    free = np.ones(shape, bool)
    if look.hidden is not None:
        about = np.ones((2 * AROUND + 1, 2 * AROUND + 1), np.uint8)
        wide = cv2.dilate(look.hidden.astype(np.uint8), about)[: shape[0] * HALF, : shape[1] * HALF]
        free = wide.reshape(shape[0], HALF, shape[1], HALF).max(axis=(1, 3)) == 0
    for box in look.people:
        top, bottom = (round((v + s * AROUND) / HALF) for v, s in ((box.top, -1), (box.bottom, 1)))
        left, right = (round((v + s * AROUND) / HALF) for v, s in ((box.left, -1), (box.right, 1)))
        free[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = False
    return free


def _by_pose(there: View, here: View) -> NDArray[np.float64]:
    """The homography of pixels (halved) that the turn from one view to the other makes of what is far away."""
    k = here.intrinsics
    camera = np.array([[k.fx / HALF, 0, k.cx / HALF], [0, k.fy / HALF, k.cy / HALF], [0, 0, 1]])
    axes = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])  # from x forward to x right, z forward
    rotation = axes @ here.rotation().T @ there.rotation() @ axes.T
    made: NDArray[np.float64] = camera @ rotation @ np.linalg.inv(camera)
    return made


def _warped(grey: Grey, free: Flags, by: NDArray[np.float64]) -> tuple[Grey, Flags]:
    size = grey.shape[1], grey.shape[0]
    turned: Grey = cv2.warpPerspective(grey, by, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    known = cv2.warpPerspective(free.astype(np.uint8), by, size, flags=cv2.INTER_NEAREST)
    return turned, known.astype(bool)


def _turned(picture: Picture, by: NDArray[np.float64]) -> Picture:
    """A picture seen through a homography of halved pixels."""
    scale = np.diag([HALF, HALF, 1.0])
    size = picture.shape[1], picture.shape[0]
    full = scale @ by @ np.linalg.inv(scale)
    turned: Picture = cv2.warpPerspective(picture, full, size, borderMode=cv2.BORDER_REPLICATE)
    return turned


def _tints(picture: Picture, free: Flags) -> Grey:
    """Red and blue against green (logarithms) by patch, the picture's own cast taken out; NaN where there is none."""
    tall, wide = free.shape
    small = cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA).astype(np.float32)
    mean = _by_patch(small)
    tints = np.log((mean[..., [0, 2]] + 2.0) / (mean[..., [1]] + 2.0))
    tints[(mean.max(axis=2) < BRIGHT) | (_by_patch(free.astype(np.float32)) <= 0.999)] = np.nan
    usual = np.nanmedian(tints, axis=(0, 1)) if np.isfinite(tints).any() else 0.0
    return (tints - usual).astype(np.float32)


def _by_patch(picture: Grey) -> Grey:
    """Means over all patches."""
    means: Grey = cv2.boxFilter(picture, -1, (PATCH, PATCH), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    tall, wide = picture.shape[:2]
    return means[: tall - PATCH + 1 : STRIDE, : wide - PATCH + 1 : STRIDE]


def _beyond(tints: Grey, others: Grey) -> Flags:
    """Where a tint is none of those that the other picture has about there."""
    kernel = np.ones((3, 3), np.uint8)
    most = cv2.dilate(np.where(np.isfinite(others), others, -np.inf).astype(np.float32), kernel)
    least = cv2.erode(np.where(np.isfinite(others), others, np.inf).astype(np.float32), kernel)
    with np.errstate(invalid="ignore"):
        out = (tints > most + TINT) | (tints < least - TINT)
    some: Flags = (out & np.isfinite(tints) & np.isfinite(most) & np.isfinite(least)).any(axis=2)
    return some


def _differences(new: Flags, gone: Flags, tinted: Flags) -> list[Difference]:
    """What touches is one; whichever picture has more of it, tells what it is."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((new | gone | tinted).astype(np.uint8), connectivity=8)
    found = []
    for n in range(1, count):
        here = labels == n
        if stats[n, cv2.CC_STAT_AREA] < LEAST_CELLS:
            continue
        added, missing = int((new & here).sum()), int((gone & here).sum())
        kind = Change.CHANGED
        if added > 2 * missing:
            kind = Change.ADDED
        elif missing > 2 * added:
            kind = Change.MISSING
        left, top, wide, tall = (int(v) for v in stats[n, :4])
        box = Box(
            float(left * STRIDE * HALF),
            float(top * STRIDE * HALF),
            float(((left + wide - 1) * STRIDE + PATCH) * HALF),
            float(((top + tall - 1) * STRIDE + PATCH) * HALF),
        )
        found.append(Difference(kind, box, int(stats[n, cv2.CC_STAT_AREA])))
    return sorted(found, key=lambda each: -each.patches)
