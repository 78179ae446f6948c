"""A map is taken as Nav2's map_server reads it, and what is sent to harm is refused before it can."""

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from protocol.map_file import (
    FREE,
    MOST_CELLS,
    MOST_YAML,
    OCCUPIED,
    UNKNOWN,
    MalformedMap,
    MapFile,
    MapPart,
    grid_map,
    read_map_yaml,
)
from protocol.site import Pose

YAML = (
    "image: map.pgm\nresolution: 0.05\norigin: [-1.5, 2.0, 0.0]\nnegate: 0\noccupied_thresh: 0.65\nfree_thresh: 0.196\n"
)


def picture(kind: str = "PPM", mode: str = "L", **options: object) -> bytes:
    """Three cells: a wall, ground, and what nobody knows."""
    grey = Image.new("L", (3, 1))
    grey.putdata([0, 254, 205])
    into = io.BytesIO()
    grey.convert(mode).save(into, kind, **options)
    return into.getvalue()


def cells(described: str, sent: bytes) -> list[int]:
    grid = grid_map(read_map_yaml(described), sent, "yard")
    assert (grid.map_id, grid.resolution, grid.origin) == ("yard", 0.05, Pose(x=-1.5, y=2.0, theta=0.0))
    return list(Image.open(io.BytesIO(grid.image)).tobytes())


@pytest.mark.parametrize(
    "sent", [picture(), picture("PNG"), picture("PNG", "RGBA"), picture("PNG", "P"), picture("PPM", "RGB")]
)
def test_a_map_is_read_from_each_picture_that_map_server_is_given(sent: bytes) -> None:
    assert cells(YAML, sent) == [OCCUPIED, FREE, UNKNOWN]
    assert cells(YAML.replace("negate: 0", "negate: 1"), sent) == [FREE, OCCUPIED, OCCUPIED]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (YAML.replace("0.05", "0"), "resolution"),
        (YAML.replace("0.05", ".nan"), "resolution"),
        (YAML.replace("0.05", ".inf"), "resolution"),
        (YAML.replace("0.05", "-0.05"), "resolution"),
        (YAML.replace("0.05", "1.0e-9"), "resolution: 1e-09"),
        (YAML.replace("0.05", "500.0"), "resolution: 500.0"),
        (YAML.replace("-1.5", ".nan"), "origin"),
        (YAML.replace("-1.5", "1e300"), "origin"),
        (YAML.replace("0.0]", "0.7]"), "turned by 0.7 rad"),
        (YAML.replace("2.0, ", ""), "origin"),
        (YAML.replace("0.196", "0.7"), "free_thresh 0.7"),
        (YAML.replace("0.196", ".nan"), "free_thresh nan"),
        (YAML + "mode: raw\n", "'raw' is not read"),
        (YAML.replace("image: map.pgm\n", ""), "image"),
        (YAML + "x: [1,\n", "line"),
        ("- 1\n", "array"),
        ("", "null"),
        (YAML + "x: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        (YAML + f"x: {'9' * 5000}\n", "digits"),
        (YAML + "x: " + "[" * 2000 + "]" * 2000 + "\n", "deep nesting"),
        (YAML + "#" * MOST_YAML, "characters"),
        (YAML + "x: \ud800\n", "."),
    ],
)
def test_a_map_yaml_that_cannot_be_is_refused_with_the_key(said: str, why: str) -> None:
    with pytest.raises(MalformedMap, match=why) as refused:
        read_map_yaml(said)
    assert refused.value.part is MapPart.YAML


def test_a_few_lines_that_mean_a_thousand_million_are_refused_unread() -> None:
    lines = ["a0: &a0 {k: v}"] + [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    tracemalloc.start()
    with pytest.raises(MalformedMap, match="aliases"):
        read_map_yaml(YAML + "\n".join(lines))
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, packed: bytes, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


ZEROS = zlib.compress(bytes(20_000_000), 9)
TEXT = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 60_000_000, 9))


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "neither"),
        (b"not a picture", "neither"),
        (picture("TIFF"), "neither"),
        (picture("BMP"), "neither"),
        (picture("GIF"), "neither"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "neither"),
        (picture("PNG", "I;16"), "I;16"),
        (b"P5 3 1 65535\n" + bytes(6), "pixels are I"),
        (b"P5 0 0 255\n", "."),
        (b"P5 -3 -1 255\n" + bytes(3), "."),
        (b"P5 200000 200000 255\n", "(?i)size"),
        (b"P5 100000 100000 255\n" + bytes(9), "(?i)size"),
        (f"P5 {MOST_CELLS} 2 255\n".encode(), f"{MOST_CELLS} x 2"),
        (b"P5 99999999999999999999 1 255\n", "."),
        (b"P5 400 300 255\n" + bytes(9), "."),
        (b"P2 3 1 255\n0 254 x\n", "."),
        (picture("PNG")[:-26], "."),
        (png(100_000, 100_000, ZEROS), "(?i)size"),
        (png(2**31 - 1, 2**31 - 1, ZEROS), "."),
        (png(0, 0, ZEROS), "."),
        (png(3, 1, b"none"), "."),
        (png(3, 1, zlib.compress(bytes([0, 254, 254, 254])), TEXT), "(?i)text|decompress"),
        (b"P5 3 1 255\n" + bytes([0, 0, 205]), "no cell of it is free"),
    ],
)
def test_a_picture_that_is_none_or_a_bomb_is_refused_and_costs_little(sent: bytes, why: str) -> None:
    tracemalloc.start()
    with pytest.raises(MalformedMap, match=why) as refused:
        grid_map(MapFile(image="map.png", resolution=0.05, origin=[0.0, 0.0, 0.0], free_thresh=0.196), sent, "yard")
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert refused.value.part is MapPart.IMAGE


def test_noise_that_no_dogs_message_holds_is_refused() -> None:
    noise = np.random.default_rng(1).choice(np.array([0, 205, 254], np.uint8), (2400, 2400))
    into = io.BytesIO()
    Image.fromarray(noise).save(into, "PPM")
    with pytest.raises(MalformedMap, match="no map but noise"):
        grid_map(MapFile(image="map.pgm", resolution=0.05, origin=[0.0, 0.0, 0.0]), into.getvalue(), "yard")
