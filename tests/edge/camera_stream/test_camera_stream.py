"""What leaves the dog, decoded as a browser would: heads pixelated, and nothing that was not looked at."""

import math

import av
import numpy as np
import pytest
from msgspec import UNSET

from edge.camera_stream.camera_stream import CameraStream
from edge.camera_stream.encoder import H264Encoder
from edge.camera_stream.live_frame import LiveFrame
from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Picture
from edge.perception.head_masking import MaskedPicture, mask
from edge.perception.person_sim import PersonSim
from edge.perception.pipeline import Perception
from edge.types import Pose2D
from protocol.camera_stream import FromDog, SeenThing, ToDog, VideoFrame, unit_types, unpack
from protocol.codec import decode
from sim.engine.labelled_pictures import LabelledRenderer, Light, Posture, Stance
from sim.engine.opengl_backend import NoPictures
from tests.edge.perception.scene import CAMERA, MOUNT

HEAD_PART = 0.13
"""A person's head, as part of the height that is seen."""


def decoded(messages: list[bytes]) -> list[Picture]:
    """RGB."""
    decoder = av.CodecContext.create("h264", "r")
    shown = [frame for message in messages for frame in decoder.decode(av.Packet(unpack(message).data))]
    shown += decoder.decode(None)
    return [frame.to_ndarray(format="rgb24") for frame in shown]


def picture(seed: int, block: int = 40) -> MaskedPicture:
    """Blocks of colours, others at each seed: the smaller they are, the more there is to encode."""
    small = np.random.default_rng(seed).integers(0, 255, (240 // block, 320 // block, 3)).astype(np.uint8)
    return mask(np.ascontiguousarray(small.repeat(block, 0).repeat(block, 1)), [])


def frames_of(said: list[bytes | str]) -> list[VideoFrame]:
    return [unpack(each) for each in said if isinstance(each, bytes)]


def test_heads_are_pixelated_in_what_a_browser_would_show() -> None:
    try:
        studio = LabelledRenderer(people=2)
    except NoPictures as error:
        pytest.skip(str(error))
    stream, perception = CameraStream(5.0, 2000.0), Perception(PersonSim())
    stream.begin()
    raw, messages, people = [], [], []
    with studio:
        studio.light(Light.DAY)
        for n in range(12):
            now = n / 5
            studio.look(-1.0, -17.0, 0.46, math.pi / 2)
            for person, side in enumerate((-1, 1)):
                away = 6.0 - 3.0 * n / 12
                studio.place(person, Stance(-1.0 + side * away * 0.3, -17.0 + away, n * 0.3, Posture.WALKING, n * 0.2))
            shot = studio.shoot()
            seen = perception.update(shot.rgb, None, None, wanted=False, now=now, live=True)
            for message in stream.take(LiveFrame(seen.live, now), 0.1, now):
                if isinstance(message, str):
                    continue
                messages.append(message)
                stream.hear(ToDog(at=now, seen=unpack(message).number), now + 0.01)
            raw.append(shot.rgb)
            people.append(shot.people)
    shown = decoded(messages)
    assert len(shown) == len(raw) == 12
    heads = 0
    for before, after, seen_now in zip(raw, shown, people, strict=True):
        for one in seen_now:
            if one.visible < 0.5:
                continue
            tall = one.bottom - one.top
            part = np.s_[one.top : one.top + max(round(HEAD_PART * tall), 4), one.left : one.right]
            heads += 1
            assert detail(after[part]) < 0.5 * detail(before[part]), "as sharp as it was taken"
    assert heads >= 16


def detail(part: Picture) -> float:
    """How much neighbours differ: what a face is known by."""
    grey = part.astype(float).mean(axis=2)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def test_a_head_that_is_lost_for_a_frame_stays_pixelated() -> None:
    from tests.edge.dog.test_perception_core import Same, upright

    detector = Same(upright())
    perception = Perception(detector)
    pixels = np.random.default_rng(1).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    first = perception.update(pixels, None, None, wanted=False, now=1.0, live=True)
    detector.seen = []
    lost = perception.update(pixels, None, None, wanted=False, now=1.2, live=True)
    later = perception.update(pixels, None, None, wanted=False, now=3.0, live=True)
    assert first.live is not None
    assert lost.live is not None
    assert later.live is not None
    assert (first.live.pixels != pixels).any()
    assert (lost.live.pixels != pixels).any(axis=2)[(first.live.pixels != pixels).any(axis=2)].mean() > 0.99
    assert (later.live.pixels == pixels).all()


def test_pixels_that_were_not_masked_are_not_encoded() -> None:
    with pytest.raises(TypeError, match="only a MaskedPicture leaves the dog"):
        H264Encoder(5.0).encode(np.zeros((240, 320, 3), np.uint8), 500_000, 0.0)  # type: ignore[arg-type]


def test_each_frame_comes_out_at_once_and_is_what_was_put_in() -> None:
    encoder = H264Encoder(5.0)
    data = [encoder.encode(picture(n), 3_000_000, n / 5, key=n == 0)[0] for n in range(8)]
    assert all(data)
    shown = decoded([VideoFrame(n == 0, n, 0.0, each).pack() for n, each in enumerate(data)])
    for n, each in enumerate(shown):
        assert np.abs(each.astype(int) - picture(n).pixels).mean() < 12


def test_a_picture_of_another_size_begins_anew_and_odd_sides_lose_a_row() -> None:
    encoder = H264Encoder(5.0)
    _, first = encoder.encode(picture(1), 500_000, 0.0)
    _, second = encoder.encode(picture(2), 500_000, 0.2)
    data, third = encoder.encode(MaskedPicture(picture(3).pixels[:201, :299]), 500_000, 0.4)
    assert (first, second, third) == (True, False, True)
    assert decoded([VideoFrame(True, 1, 0.0, data).pack()])[0].shape == (200, 298, 3)
    assert unit_types(data) >= {5, 7, 8}


def test_frames_are_dropped_and_become_smaller_while_the_line_is_behind_and_come_back() -> None:
    stream = CameraStream(5.0, 1500.0)
    sizes: list[int] = []
    for n in range(100):
        now = n / 5
        frames = frames_of(stream.take(LiveFrame(picture(n, block=4), now), 0.0, now))
        sizes.append(sum(len(frame.data) for frame in frames))
        if frames and not 20 <= n < 60:
            stream.hear(ToDog(at=now, seen=frames[-1].number), now + 0.02)
        elif n >= 60:
            stream.hear(ToDog(at=now, seen=10_000), now)
    assert all(sizes[:20])
    assert sum(map(bool, sizes[24:60])) == 0, "what is not acknowledged is not added to"
    assert sum(map(bool, sizes[62:])) > 30
    assert np.mean(sizes[70:80]) < 0.8 * np.mean(sizes[10:20])


def test_the_time_of_each_is_told_by_the_stations_clock() -> None:
    stream = CameraStream(5.0, 1000.0)
    ahead = 5000.0
    stream.hear(ToDog(at=ahead), 0.0)
    for n in range(1, 20):
        now = n / 5
        (frame,) = frames_of(stream.take(LiveFrame(picture(n), now), 0.07, now))
        assert frame.captured_at == pytest.approx(now - 0.07 + ahead, abs=0.06)
        stream.hear(ToDog(at=now + 0.03 + ahead, seen=frame.number), now + 0.05)


def test_a_key_frame_comes_when_it_is_wanted_and_after_each_new_connection() -> None:
    stream = CameraStream(5.0, 1000.0)
    keys = []
    for n in range(12):
        now = n / 5
        if n == 4:
            stream.hear(ToDog(at=now, seen=4, key_frame=True), now)
        if n == 8:
            assert stream.begin() == []
        (frame,) = frames_of(stream.take(LiveFrame(picture(n), now), 0.0, now))
        keys.append(frame.key)
        stream.hear(ToDog(at=now, seen=frame.number), now)
    assert [n for n, key in enumerate(keys) if key] == [0, 4, 8]


def test_what_may_not_be_shown_is_told_once_and_again_to_a_new_connection() -> None:
    stream = CameraStream(5.0, 1000.0)
    assert stream.take(LiveFrame(None, 0.0), 0.0, 0.0) == ['{"withheld":"PRIVACY"}']
    assert stream.take(LiveFrame(None, 0.2), 0.0, 0.2) == []
    assert stream.begin() == ['{"withheld":"PRIVACY"}']
    word, _note, frame = stream.take(LiveFrame(picture(1), 0.4), 0.0, 0.4)
    assert word == '{"withheld":null}'
    assert isinstance(frame, bytes)
    assert unpack(frame).key


def test_what_is_drawn_over_a_frame_is_said_before_it_and_from_where_it_was_taken() -> None:
    pose = Pose2D(np.float64(3.0), np.float64(-2.0), np.float64(0.7))  # as localization has it
    seen_from = View(CAMERA, MOUNT, pose, 0.03, -0.05)
    one = Detection(Box(-4.0, 120.0, 80.0, 250.0), 0.83)
    said = CameraStream(10.0, 1000.0).take(LiveFrame(picture(1), 0.0, (one,), seen_from), 0.0, 0.0)
    text, frame = said
    assert isinstance(text, str)
    assert isinstance(frame, bytes)
    note = decode(text, FromDog).note
    assert note is not UNSET
    assert note.number == unpack(frame).number
    assert note.seen == [SeenThing(label="person", score=0.83, box=(0.0, 0.5, 0.25, 1.0))]
    camera = note.camera
    assert camera is not UNSET
    axes = np.array(camera.rotation).reshape(3, 3)
    forward, left, up = axes.T @ (np.array([9.0, 1.0, 0.0]) - [camera.x, camera.y, camera.z])
    pixel = seen_from.project(9.0, 1.0, 0.0)
    assert pixel is not None
    shown = (
        (camera.cx - camera.fx * left / forward) * CAMERA.width,
        (camera.cy - camera.fy * up / forward) * CAMERA.height,
    )
    assert shown == pytest.approx(pixel, abs=0.5)
