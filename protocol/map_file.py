"""A map as Nav2's map_server has it, ``map.yaml`` and its picture, whoever sends it. Checked here."""

import io
import math
import struct
from enum import StrEnum
from typing import Annotated

import msgspec
import yaml
from msgspec import UNSET, Meta, UnsetType
from PIL import Image, UnidentifiedImageError

from protocol.site import GridMap, Pose

FREE, OCCUPIED, UNKNOWN = 254, 0, 205

MOST_YAML = 10_000  # characters; what map_server and `xiaotian map` write has 200
MOST_DEPTH = 8  # of what stands within another
MOST_CELLS = 9_000_000  # 300 m x 300 m at 0.1 m: checked in some 9 s and 0.4 GB
MOST_KEPT = 1024 * 1024  # bytes of the PNG: in base64, with its zones, a dog's message of 2 MiB
WORTH_PACKING = 256 * 1024  # bytes: to pack noise as well as can be takes minutes, and gains nothing
LEAST_CELL_M, MOST_CELL_M = 0.01, 1.0
MOST_ORIGIN_M = 1e7  # a map in UTM's own numbers has some 4e6
FORMATS = ("PNG", "PPM")  # Pillow's name for PGM, too
MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})  # of 8 bits at most
# What Pillow raises at a broken picture, beside OSError.
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, struct.error)


class MapPart(StrEnum):
    """Of which two parts a map is."""

    YAML = "yaml"
    IMAGE = "image"


class MalformedMap(ValueError):
    """A map that cannot be used: which part of it, and why."""

    def __init__(self, part: MapPart, why: str) -> None:
        super().__init__(why)
        self.part = part


class MapFile(msgspec.Struct, frozen=True, kw_only=True):
    """``map.yaml`` as Nav2's map_server reads it."""

    image: str
    resolution: Annotated[float, Meta(gt=0)]
    origin: Annotated[list[float], Meta(min_length=3, max_length=3)]
    negate: int = 0
    occupied_thresh: float = 0.65
    free_thresh: float = 0.25
    mode: str | UnsetType = UNSET


def read_map_yaml(text: str) -> MapFile:
    """What a ``map.yaml`` says; raises MalformedMap."""
    try:
        if len(text) > MOST_YAML:
            raise ValueError(f"it has more than {MOST_YAML} characters")
        _refuse_intricate(text)
        described = msgspec.convert(yaml.safe_load(text), MapFile)
        _refuse_impossible(described)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise MalformedMap(MapPart.YAML, str(error)) from error
    return described


def grid_map(described: MapFile, picture: bytes, map_id: str) -> GridMap:
    """The map as the wire carries it, in Nav2's trinary reading; raises MalformedMap."""
    try:
        grey = _grey(picture)
        cells = grey.point([_cell(value, described) for value in range(256)])
        if not cells.histogram()[FREE]:
            raise ValueError("no cell of it is free ground")
        image = _png(cells, compress_level=1)
        if len(image) > MOST_KEPT:
            raise ValueError(f"as a PNG it has {len(image)} bytes, and a dog takes {MOST_KEPT}: it is no map but noise")
        image = _png(cells, optimize=True) if len(image) <= WORTH_PACKING else image
    except (*BROKEN, Image.DecompressionBombError) as error:
        raise MalformedMap(MapPart.IMAGE, str(error) or type(error).__name__) from error
    x, y, theta = described.origin
    return GridMap(map_id=map_id, resolution=described.resolution, origin=Pose(x=x, y=y, theta=theta), image=image)


def _refuse_intricate(text: str) -> None:
    """By the parser's events, of which none is kept: a few lines of aliases can mean more than a memory holds."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MOST_DEPTH:
            raise ValueError("aliases and deep nesting have no place in a map.yaml")


def _refuse_impossible(said: MapFile) -> None:
    if not LEAST_CELL_M <= said.resolution <= MOST_CELL_M:
        raise ValueError(f"resolution: {said.resolution} is not from {LEAST_CELL_M} to {MOST_CELL_M} m a cell")
    if not all(math.isfinite(value) and abs(value) <= MOST_ORIGIN_M for value in said.origin):
        raise ValueError(f"origin: {said.origin} is no place")
    if said.origin[2] != 0.0:
        raise ValueError(f"origin: the map is turned by {said.origin[2]} rad; only 0 is read")
    if not 0 <= said.free_thresh < said.occupied_thresh <= 1:
        raise ValueError(f"free_thresh {said.free_thresh} has to be below occupied_thresh {said.occupied_thresh}")
    if said.mode == "raw":
        raise ValueError("mode: 'raw' is not read; 'trinary' and 'scale' are")


def _grey(picture: bytes) -> Image.Image:
    """Its size is looked at before any of it is unpacked."""
    try:
        image = Image.open(io.BytesIO(picture), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise ValueError("it is neither a PNG nor a PGM") from error
    width, height = image.size
    if not 0 < width * height <= MOST_CELLS:
        raise ValueError(f"{width} x {height} cells are more than {MOST_CELLS}, or none")
    if image.mode not in MODES:
        raise ValueError(f"its pixels are {image.mode}; 8 bits of grey are read")
    return image.convert("L")


def _cell(value: int, described: MapFile) -> int:
    """Nav2's trinary reading of one grey value."""
    occupancy = value / 255 if described.negate else (255 - value) / 255
    if occupancy > described.occupied_thresh:
        return OCCUPIED
    return FREE if occupancy < described.free_thresh else UNKNOWN


def _png(grey: Image.Image, **packed: int) -> bytes:
    buffer = io.BytesIO()
    grey.save(buffer, "PNG", **packed)
    return buffer.getvalue()
