"""Originals: made where the site's key asks for it, blind to privacy zones, and on the disk sealed or not at all."""

import hashlib
import time
from dataclasses import replace as with_
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec.structs import replace

from edge.dog.perception_core import PerceptionCore, Sighted
from edge.evidence.clip_recorder import ClipRecorder
from edge.evidence.original_sealing import OriginalSealing, Trouble
from edge.evidence.spool import Spool
from edge.evidence.spool_worker import MOST_WAITING
from edge.perception.head_masking import GREY, encode_jpeg
from edge.perception.original import Original, original_jpeg, original_of
from protocol.evidence import ORIGINAL
from protocol.sealed_original import open_original
from protocol.site import Point, Zone, ZoneKind
from tests.edge.dog.test_perception_core import Same, core, frames, told, upright
from tests.edge.perception.scene import view
from tests.edge.perception.test_zones import zone

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
ANOMALY = "00000000-0000-4000-8000-00000000000"


def keeping(*zones: Zone) -> PerceptionCore:
    """A dog before a restricted yard, with a key of the site, that sees somebody in it."""
    made = core(Same(upright()))
    made.take_site([zone(), *zones], "Asia/Shanghai", 2, evidence_key=KEY.public_key())
    return made


def privacy(*corners: tuple[float, float]) -> Zone:
    polygon = [Point(x=x, y=y) for x, y in corners]
    return replace(zone(ZoneKind.PRIVACY), zone_id="quarters", polygon=polygon)


def sighted(made: PerceptionCore, number: int = 1) -> Sighted:
    """The first anomaly that the dog tells, before a picture that is like no other."""
    picture = np.random.default_rng(number).integers(0, 255, (30, 40, 3), np.uint8).repeat(16, 0).repeat(16, 1)
    found = told(frames(made, 6, picture=picture))[0]
    return Sighted(f"{ANOMALY}{number}", found.alert, found.stamp, found.picture, found.marks, found.original)


def seal(tmp_path: Path, *seen: Sighted) -> tuple[OriginalSealing, Spool]:
    spool, ids = Spool(tmp_path / "originals"), iter(f"00000000-0000-4000-9000-00000000000{n}" for n in range(9))
    sealing = OriginalSealing("xiaotian", "dog1", spool, lambda: next(ids))
    for each in seen:
        sealing.offer(each, KEY.public_key(), "order-1")
    sealing.end()
    return sealing, spool


def test_without_a_key_there_is_no_original_and_with_one_it_is_the_frame_as_it_was() -> None:
    without = told(frames(core(Same(upright())), 6))
    assert without
    assert all(each.original is None for each in without)
    found = sighted(keeping())
    assert found.original is not None
    assert found.picture is not None
    differs = (found.original.pixels != found.picture.pixels).any(axis=2)
    assert 0 < differs.mean() < 0.1  # the head


def test_an_older_site_does_not_bring_back_a_key_and_a_newer_one_without_it_ends_it() -> None:
    made = keeping()
    made.take_site([zone()], "UTC", 3)
    assert made.evidence_key is None
    made.take_site([zone()], "UTC", 2, evidence_key=KEY.public_key())
    assert made.evidence_key is None


def test_of_a_privacy_zone_no_original_shows_anything_not_even_of_who_stands_before_it() -> None:
    behind = privacy((10.0, -9.0), (30.0, -9.0), (30.0, 9.0), (10.0, 9.0))  # behind the person too
    found = sighted(keeping(behind))
    assert found.original is not None
    assert found.picture is not None
    box = upright().box
    part = np.s_[int(box.top) + 2 : int(box.bottom) - 2, int(box.left) + 2 : int(box.right) - 2]
    assert (found.original.pixels[part] == GREY).all()
    assert (found.picture.pixels[part] != GREY).mean() > 0.5  # masked, the person is shown
    grey = (found.original.pixels == GREY).all(axis=2)
    assert not ((found.picture.pixels == GREY).all(axis=2) & ~grey).any()  # nothing more than masked


def test_a_zone_is_taken_out_the_larger_the_less_the_dog_knows_where_it_stands() -> None:
    aside = privacy((12.0, 3.0), (14.0, 3.0), (14.0, 5.0), (12.0, 5.0))
    polygons = (shapely.Polygon([(corner.x, corner.y) for corner in aside.polygon]),)
    picture = np.zeros((480, 640, 3), np.uint8)
    sure = view(5.0)
    areas = [
        (original_of(picture, polygons, with_(sure, position_deviation=p, heading_deviation=h)).pixels == GREY).mean()
        for p, h in ((0.0, 0.0), (0.3, 0.0), (0.3, 0.05))
    ]
    assert 0 < areas[0] < areas[1] < areas[2]
    with pytest.raises(ValueError, match="nobody knows"):
        original_of(picture, polygons, None)


def test_a_dog_in_a_privacy_zone_keeps_no_original_even_of_what_it_tells() -> None:
    found = told(frames(keeping(privacy((4.0, -2.0), (7.0, -2.0), (7.0, 2.0), (4.0, 2.0))), 6))
    assert found
    assert all((each.picture, each.original) == (None, None) for each in found)


def test_nothing_but_the_sealed_file_comes_to_the_disk_and_it_opens_under_its_label(tmp_path: Path) -> None:
    found = sighted(keeping())
    assert found.original is not None
    bare = original_jpeg(found.original)
    sealing, spool = seal(tmp_path, found)
    assert (sealing.made, sealing.lost.total(), sealing.trouble) == (1, 0, "")
    left = spool.take()
    assert left is not None
    note, data = left
    label, opened = open_original(KEY, data)
    assert opened == bare
    assert cv2.imdecode(np.frombuffer(opened, np.uint8), cv2.IMREAD_COLOR).shape == found.original.pixels.shape
    assert (note.media_type, note.order_id, note.anomaly_ids) == (ORIGINAL, "order-1", [found.anomaly_id])
    assert (label.evidence_id, label.anomaly_id, label.serial_number) == (note.evidence_id, found.anomaly_id, "dog1")
    assert label.masked_sha256 == hashlib.sha256(found.jpeg()).hexdigest()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2  # the sealed one and its note
    for path in files:
        there = path.read_bytes()
        assert b"\xff\xd8\xff" not in there
        assert not any(bare[at : at + 32] in there for at in range(0, len(bare) - 32, 16))
        assert path.stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_nothing_costs_the_original_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "originals").write_bytes(b"a file where the folder should be")
    sealing = OriginalSealing("xiaotian", "dog1", Spool(tmp_path / "originals"), lambda: "id")
    sealing.offer(sighted(keeping()), KEY.public_key(), "")
    sealing.end()
    assert sealing.lost == {Trouble.DISK: 1}
    assert [path.name for path in tmp_path.iterdir()] == ["originals"]


def test_more_than_can_wait_are_counted_and_hold_up_nobody(tmp_path: Path) -> None:
    found, ids = sighted(keeping()), iter(f"00000000-0000-4000-9000-{n:012}" for n in range(200))
    sealing = OriginalSealing("xiaotian", "dog1", Spool(tmp_path / "originals"), lambda: next(ids))
    began = time.monotonic()
    for _ in range(100):
        sealing.offer(found, KEY.public_key(), "")
    assert time.monotonic() - began < 1.0
    sealing.end()
    assert sealing.lost[Trouble.TOO_MANY] >= 100 - MOST_WAITING - sealing.made > 0
    assert sealing.made + sealing.lost.total() == 100


def test_the_one_way_out_takes_no_original_and_no_clip_keeps_one() -> None:
    original = Original(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(TypeError, match="MaskedPicture"):
        encode_jpeg(original)  # type: ignore[arg-type]
    assert "pixels" not in repr(original)
    recorder, found = ClipRecorder(), sighted(keeping())
    recorder.take_sighted(found)
    (cut,) = recorder.update(found.stamp + 60.0)
    assert [each.original for each in cut.sighted] == [None]
