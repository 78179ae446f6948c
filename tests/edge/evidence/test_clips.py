"""From frames in memory to a sealed file in the link's folder; what cannot be made is told, and the dog sees on."""

import io
import itertools
import sys
import threading
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from mcap.reader import make_reader

from edge.dog.perception_core import Frame, Looked, Sighted
from edge.evidence.clip_frame import WIDTH, clip_frame
from edge.evidence.clip_masking import GREY, masked_frames
from edge.evidence.clip_recorder import ClipRecorder, Cut
from edge.evidence.clip_worker import ClipWorker, Trouble
from edge.evidence.mp4 import encode_mp4
from edge.evidence.spool import MOST_BYTES, Damaged, Note, Spool
from edge.perception.alert import Alert
from edge.perception.detector import Box, Detection, Limits, Picture
from edge.perception.head_masking import MaskedPicture, head
from edge.perception.person_location import Located
from edge.perception.tracking import Track
from edge.types import Pose2D, PoseEstimate, Scan
from protocol.anomaly import AnomalyKind
from protocol.evidence import CLIP, RECORDING
from protocol.site import Text
from tests.clips import frames_of
from tests.fleet_server.world import eventually

PERIOD = 0.2
SOMEBODY = Detection(Box(300.0, 150.0, 350.0, 300.0), 0.9)
TRACK = Track(7, SOMEBODY, 0.9, 5, Located(4.0, 2.0, 0.01, 0.0, 0.01))


class Blind:
    """Finds nobody, so that what is masked is what the frames themselves tell; may be held up."""

    name, threshold, sure, finds_lying, weights_sha256 = "blind", 0.25, 0.45, True, ""
    things: ClassVar[dict[str, Limits]] = {}

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()
        self.looks = 0

    def detect(self, picture: Picture) -> list[Detection]:
        self.looks += 1
        assert self.go_on.wait(60.0)
        return []

    find = detect


def yard() -> Picture:
    chance = np.random.default_rng(5)
    return np.kron(chance.integers(40, 215, (60, 80, 3)), np.ones((8, 8, 1))).astype(np.uint8)


def looked(stamp: float, people: list[Detection], may_keep: bool = True) -> Looked:
    return Looked(Frame(yard(), stamp), None, people, [TRACK], (), may_keep)


def sighted(key: str, stamp: float) -> Sighted:
    alert = Alert(
        "zone", TRACK, TRACK.place or Located(0, 0, 0, 0, 0), stamp, AnomalyKind.LOITERING, Text(zh="久留", en="stays")
    )
    return Sighted(key, alert, stamp, None)


def cut(people: dict[int, list[Detection]], frames: int = 10, may_keep: bool = True) -> Cut:
    recorder = ClipRecorder()
    for number in range(frames):
        at = 1000.0 + number * PERIOD
        recorder.take_look(looked(at, people.get(number, []), may_keep))
        recorder.take_pose(PoseEstimate(Pose2D(1.0 + number, 2.0, 0.5), np.eye(3), 1.0, at))
        recorder.take_scan(Scan(-3.0, 0.1, 0.1, 20.0, np.array([1.0, np.inf, 2.5], np.float32), at))
    recorder.take_sighted(sighted("00000000-0000-4000-8000-000000000001", 1001.0))
    (made,) = recorder.update(1040.0)
    return made


def test_a_head_that_was_found_in_one_frame_alone_is_covered_in_those_before_and_after() -> None:
    made = cut({5: [SOMEBODY]})
    area = head(SOMEBODY.box)
    part = np.s_[int(area.top) + 4 : int(area.bottom) - 4, int(area.left) + 4 : int(area.right) - 4]
    covered = [
        number
        for number, (frame, (_, picture)) in enumerate(
            zip(made.frames, masked_frames(made.frames, Blind()), strict=True)
        )
        if np.mean((picture.pixels[part] != frame.picture()[part]).any(axis=2)) > 0.9
    ]
    assert covered == list(range(10))  # a second of the film to either side of it


def test_where_nothing_may_be_kept_nothing_is_and_the_clip_is_grey() -> None:
    made = cut({5: [SOMEBODY]}, may_keep=False)
    assert all((frame.jpeg, frame.people, frame.tracks) == (b"", (), ()) for frame in made.frames)
    assert all((picture.pixels == GREY).all() for _, picture in masked_frames(made.frames, Blind()))


def test_a_large_picture_is_kept_small_with_its_people_where_they_were() -> None:
    frame = clip_frame(np.zeros((720, 1280, 3), np.uint8), 1.0, [SOMEBODY], [TRACK], None, (), True)
    assert frame.picture().shape == (360, WIDTH, 3)
    assert frame.people[0].box == Box(150.0, 75.0, 175.0, 150.0) == frame.tracks[0].detection.box


def test_pixels_that_were_not_masked_are_encoded_by_nobody() -> None:
    with pytest.raises(TypeError, match="MaskedPicture"):
        encode_mp4([(0.0, yard())], 1, 500_000)  # type: ignore[list-item]
    assert len(frames_of(encode_mp4([(n * 0.2, MaskedPicture(yard())) for n in range(7)], 7, 500_000))) == 7


def test_a_minute_of_the_wildest_pictures_keeps_to_its_budget() -> None:
    chance = np.random.default_rng(1)
    noise = [MaskedPicture(chance.integers(0, 255, (480, WIDTH, 3), np.uint8)) for _ in range(10)]
    assert len(encode_mp4([(n * PERIOD, noise[n % 10]) for n in range(300)], 300, 500_000)) < 1.15 * 500_000 / 8 * 60


def test_a_clip_and_its_recording_lie_sealed_in_the_links_folder(tmp_path: Path) -> None:
    ids, spool = itertools.count(), Spool(tmp_path / "clips")
    worker = ClipWorker(Blind, spool, lambda: f"00000000-0000-4000-8000-{next(ids):012d}")
    worker.offer(cut({5: [SOMEBODY]}), "o1")
    taken = {}
    for _ in range(2):
        note, data = eventually(spool.take)
        taken[note.media_type] = note, data
        spool.done(note.evidence_id)
    worker.end()
    note, data = taken[CLIP]
    assert len(frames_of(data)) == 10
    assert (note.captured_at, note.duration_s, note.order_id) == (1000.0, pytest.approx(1.8), "o1")
    assert note.anomaly_ids == ["00000000-0000-4000-8000-000000000001"]
    said: dict[str, list[str]] = {}
    for schema, channel, message in make_reader(io.BytesIO(taken[RECORDING][1])).iter_messages():
        assert (schema.encoding, channel.message_encoding) == ("jsonschema", "json")
        said.setdefault(channel.topic, []).append(message.data.decode())
    assert {topic: len(each) for topic, each in said.items()} == {
        "/pose": 10, "/tf": 10, "/scan": 10, "/detections": 10, "/people": 10, "/log": 1,
    }  # fmt: skip
    assert '"ranges":[1.0,0.0,2.5]' in said["/scan"][0]
    assert '"track_id":7' in said["/detections"][0]
    assert "LOITERING: stays" in said["/log"][0]
    assert spool.take() is None
    assert list((tmp_path / "clips").iterdir()) == []


@pytest.mark.parametrize("missing", ["av", "mcap.writer"])
def test_a_dog_without_the_library_says_so_and_makes_what_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    ours = {"av": "edge.evidence.mp4", "mcap.writer": "edge.evidence.mcap_recording"}[missing]
    monkeypatch.delitem(sys.modules, ours, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    spool = Spool(tmp_path)
    worker = ClipWorker(Blind, spool, lambda: "00000000-0000-4000-8000-000000000009")
    worker.offer(cut({}), "")
    left = eventually(spool.take)
    why = Trouble.NO_ENCODER if missing == "av" else Trouble.NO_RECORDER
    eventually(lambda: worker.lost)
    worker.end()
    assert left[0].media_type == (RECORDING if missing == "av" else CLIP)
    assert (worker.lost[why], worker.notes()) == (1, [str(why)])
    assert worker.trouble == why


def test_a_disk_that_takes_nothing_costs_the_clip_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "clips").write_text("a file where the folder should be")
    worker = ClipWorker(Blind, Spool(tmp_path / "clips"), lambda: "id")
    worker.offer(cut({}), "")
    eventually(lambda: worker.lost[Trouble.DISK] == 2)
    worker.end()
    assert worker.trouble.startswith(Trouble.DISK)


def test_a_worker_that_is_behind_holds_up_nobody_and_counts_what_it_gives_up(tmp_path: Path) -> None:
    detector = Blind()
    detector.go_on.clear()
    worker = ClipWorker(lambda: detector, Spool(tmp_path), lambda: "id")
    whole = cut({})
    for _ in range(10):
        worker.offer(whole, "")
    assert worker.lost[Trouble.TOO_MANY] >= 5
    detector.go_on.set()
    worker.end(60.0)


def test_the_folder_gives_up_its_oldest_and_a_file_that_was_changed_is_not_sent(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(3):
        note = Note(str(number), CLIP, "0" * 64, 1.0, 2.0, ["a"])
        gone = spool.put(note, bytes(MOST_BYTES // 2 - 10))
        assert gone == (1 if number == 2 else 0)
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["1.json", "2.json"]
    with pytest.raises(Damaged, match="hash"):
        spool.take()
    (tmp_path / "2.json").write_bytes(b"{")
    with pytest.raises(Damaged):
        spool.take()
    assert spool.take() is None


def test_what_a_power_cut_left_half_done_is_swept_away(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(Note("whole", CLIP, "0" * 64, 1.0, 2.0, ["a"]), b"whole")
    (tmp_path / "half.bin").write_bytes(b"no note of it")
    (tmp_path / "half.bin.part").write_bytes(b"ha")
    spool.sweep()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["whole.bin", "whole.json"]
