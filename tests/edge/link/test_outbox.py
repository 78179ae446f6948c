"""Nothing that a dog saw is lost, or it is counted."""

import contextlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.link.backoff import Backoff
from edge.link.outbox import Kind, Loss, Outbox, OutboxConfig, Row
from tests.edge.link.rows import anomaly, ids, picture

ROOM = OutboxConfig(picture_bytes=10_000, resend=Backoff(first=2.0, last=60.0, jitter=0.0))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    made = Outbox(tmp_path, ROOM)
    yield made
    made.close()


def test_only_received_removes_a_row(outbox: Outbox) -> None:
    key = anomaly(outbox)
    for now in (0.0, 100.0, 1e6):
        assert ids(outbox.due(now, 10)) == [key]
        outbox.sent(key, now)
    assert outbox.received([key, "somebody else's"]) == 1
    assert outbox.due(1e9, 10) == []


def test_each_time_it_waits_longer_up_to_a_minute(outbox: Outbox) -> None:
    key, now, pauses = anomaly(outbox), 0.0, []
    for _ in range(8):
        outbox.sent(key, now)
        pause = next(p for p in range(1, 100) if outbox.due(now + p, 1))
        pauses.append(pause)
        now += pause
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def test_chance_spreads_a_fleet_that_comes_back_together() -> None:
    pauses = {Backoff(2.0, 60.0, 0.2).after(1, random.Random(seed)) for seed in range(20)}
    assert len(pauses) == 20
    assert all(1.6 <= pause <= 2.4 for pause in pauses)


def test_all_is_due_at_once_when_the_station_is_back(outbox: Outbox) -> None:
    keys = [anomaly(outbox) for _ in range(3)]
    for key in keys:
        outbox.sent(key, 5.0)
    assert outbox.due(5.1, 10) == []
    outbox.hurry()
    assert ids(outbox.due(5.1, 10)) == keys


def test_anomalies_go_before_their_pictures_and_these_before_photos(outbox: Outbox) -> None:
    photo = picture(outbox, Kind.CHECKPOINT_PHOTO, 10)
    shot = picture(outbox, Kind.ANOMALY_PICTURE, 10)
    seen = [anomaly(outbox), anomaly(outbox)]
    assert ids(outbox.due(0.0, 10)) == [*seen, shot, photo]
    assert ids(outbox.due(0.0, 2)) == seen


def test_clips_go_after_pictures_and_are_given_up_before_them_after_photos(outbox: Outbox) -> None:
    clip = picture(outbox, Kind.ANOMALY_CLIP, 4000)
    photo, shot = picture(outbox, Kind.CHECKPOINT_PHOTO, 2000), picture(outbox, Kind.ANOMALY_PICTURE, 2000)
    assert ids(outbox.due(0.0, 10)) == [shot, clip, photo]
    second = picture(outbox, Kind.ANOMALY_CLIP, 4000)
    assert [key in outbox for key in (clip, photo, shot, second)] == [True, False, True, True]
    third = picture(outbox, Kind.ANOMALY_CLIP, 4000)
    assert [key in outbox for key in (clip, shot, second, third)] == [False, True, True, True]
    more = picture(outbox, Kind.ANOMALY_PICTURE, 8000)
    assert [key in outbox for key in (shot, second, third, more)] == [True, False, False, True]
    assert picture(outbox, Kind.ANOMALY_CLIP, 4000) not in outbox  # a clip takes no picture's room


def test_originals_go_last_and_are_the_first_to_be_given_up_for_anything(outbox: Outbox) -> None:
    first, second = picture(outbox, Kind.ORIGINAL, 4000), picture(outbox, Kind.ORIGINAL, 4000)
    photo = picture(outbox, Kind.CHECKPOINT_PHOTO, 2000)
    assert ids(outbox.due(0.0, 10)) == [photo, first, second]
    third = picture(outbox, Kind.ORIGINAL, 3000)  # the oldest goes for the newest
    assert [key in outbox for key in (first, second, third, photo)] == [False, True, True, True]
    shot = picture(outbox, Kind.ANOMALY_PICTURE, 7000)
    assert [key in outbox for key in (second, third, photo, shot)] == [False, False, True, True]
    assert picture(outbox, Kind.ORIGINAL, 2000) not in outbox  # it takes nobody's room
    assert (photo in outbox, shot in outbox) == (True, True)


def test_an_original_that_the_station_refuses_is_forgotten_and_told(outbox: Outbox) -> None:
    original, shot = picture(outbox, Kind.ORIGINAL, 1000), picture(outbox, Kind.ANOMALY_PICTURE, 1000)
    for key in (original, shot):
        outbox.refuse(key, "no site has that key now", 0.0)
    assert outbox.pictures.ids() == {shot}
    assert (original in outbox, shot in outbox, outbox.refused) == (False, True, 1)
    assert outbox.losses() == [(original, Loss.REFUSED)]
    assert [key for key, _ in outbox.refusals()] == [original, shot]


def test_an_original_that_a_full_disk_does_not_take_is_given_up_and_not_kept_in_memory(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    clip = picture(outbox, Kind.ANOMALY_CLIP, 1000)
    with full_disk(0):
        assert not outbox.keep_picture("original", Kind.ORIGINAL, bytes(500))
        assert outbox.losses() == [("original", Loss.DISK)]
        assert outbox.unstored == 0
    assert outbox.pictures.ids() == {clip}
    outbox.close()


def test_no_more_is_on_its_way_than_the_window_holds_and_pictures_hold_up_no_anomaly(tmp_path: Path) -> None:
    windows = {Kind.ANOMALY: 3, Kind.ANOMALY_PICTURE: 2, Kind.CHECKPOINT_PHOTO: 1}
    outbox = Outbox(tmp_path, OutboxConfig(windows=windows))
    shots = [picture(outbox, Kind.ANOMALY_PICTURE, 10) for _ in range(5)]
    for key in ids(outbox.due(0.0, 10)):
        outbox.sent(key, 0.0)
    seen = [anomaly(outbox) for _ in range(5)]
    assert ids(outbox.due(0.1, 10)) == seen[:3]
    for key in seen[:3]:
        outbox.sent(key, 0.1)
    assert outbox.due(0.2, 10) == []
    outbox.received([seen[1], shots[0]])
    assert ids(outbox.due(0.3, 10)) == [seen[3], shots[2]]
    outbox.close()


def test_room_is_made_first_by_what_the_station_refused(outbox: Outbox) -> None:
    old, refused = (picture(outbox, Kind.CHECKPOINT_PHOTO, 4000) for _ in range(2))
    outbox.refuse(refused, "not masked", 0.0)
    new = picture(outbox, Kind.CHECKPOINT_PHOTO, 4000)
    assert [key in outbox for key in (old, refused, new)] == [True, False, True]
    assert outbox.refused == 0


def test_the_same_row_twice_is_one_row(outbox: Outbox) -> None:
    row = Row("a", Kind.ANOMALY, b"first")
    outbox.put([row, Row("b", Kind.ANOMALY, b"")])
    outbox.put([Row("a", Kind.ANOMALY, b"second")])
    assert ids(outbox.due(0.0, 9)) == ["a", "b"]
    assert outbox.row("a") == row


def test_rows_outlive_the_process_in_their_order(tmp_path: Path) -> None:
    first = Outbox(tmp_path, ROOM)
    keys = [anomaly(first), anomaly(first)]
    shot = picture(first, Kind.ANOMALY_PICTURE, 100)
    first.sent(keys[0], 1e6)
    first.close()
    second = Outbox(tmp_path, ROOM)
    assert ids(second.due(0.0, 10)) == [*keys, shot]
    assert second.pictures.path(shot).read_bytes() == bytes(100)
    second.close()


def test_room_for_a_photo_is_made_by_the_oldest_photos(outbox: Outbox) -> None:
    old, young = (picture(outbox, Kind.CHECKPOINT_PHOTO, 4000) for _ in range(2))
    shot = picture(outbox, Kind.ANOMALY_PICTURE, 2000)
    new = picture(outbox, Kind.CHECKPOINT_PHOTO, 4000)
    assert [key in outbox for key in (old, young, shot, new)] == [False, True, True, True]
    assert not outbox.pictures.path(old).exists()
    assert outbox.losses() == [(old, Loss.NO_ROOM)]
    assert outbox.lost[Loss.NO_ROOM] == 1


def test_for_an_anomalys_picture_photos_go_first_then_older_pictures_and_never_an_anomaly(outbox: Outbox) -> None:
    seen = anomaly(outbox)
    shot = picture(outbox, Kind.ANOMALY_PICTURE, 4000)
    photo = picture(outbox, Kind.CHECKPOINT_PHOTO, 4000)
    second = picture(outbox, Kind.ANOMALY_PICTURE, 6000)
    assert [key in outbox for key in (seen, shot, photo, second)] == [True, True, False, True]
    third = picture(outbox, Kind.ANOMALY_PICTURE, 4000)
    assert [key in outbox for key in (seen, shot, second, third)] == [True, False, True, True]
    for _ in range(100):
        anomaly(outbox)
    assert len(outbox) == 103


def test_a_photo_is_refused_where_only_pictures_of_anomalies_are(outbox: Outbox) -> None:
    shot = picture(outbox, Kind.ANOMALY_PICTURE, 8000)
    photo = picture(outbox, Kind.CHECKPOINT_PHOTO, 4000)
    too_large = picture(outbox, Kind.ANOMALY_PICTURE, 20_000)
    assert [key in outbox for key in (shot, photo, too_large)] == [True, False, False]
    assert outbox.losses() == [(photo, Loss.NO_ROOM), (too_large, Loss.NO_ROOM)]


def test_a_row_whose_picture_is_gone_is_counted_and_a_picture_without_a_row_is_swept_away(tmp_path: Path) -> None:
    first = Outbox(tmp_path, ROOM)
    shot, whole = (picture(first, Kind.ANOMALY_PICTURE, 100) for _ in range(2))
    first.pictures.path(shot).unlink()
    first.keep_picture("without a row", Kind.CHECKPOINT_PHOTO, b"x")
    first.close()
    second = Outbox(tmp_path, ROOM)
    assert second.losses() == [(shot, Loss.DAMAGED)]
    assert second.pictures.ids() == {whole}
    second.close()


def test_kill_9_in_the_middle_of_inserts_loses_nothing_that_was_said_to_be_safe(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "tests.edge.link.outbox_writer", str(tmp_path)]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    safe = [line.split() for line in (process.stdout.readline() for _ in range(40)) if line]
    process.send_signal(signal.SIGKILL)
    safe += [line.split() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    assert len(safe) >= 40
    outbox = Outbox(tmp_path)
    for shot, seen in safe:
        assert seen in outbox
        number = int(shot.removeprefix("picture-"))
        assert outbox.pictures.path(shot).read_bytes() == number.to_bytes(4, "big") * 5000
    assert outbox.lost.total() == 0
    assert len(outbox) - 2 * len(safe) in (0, 1, 2)
    assert outbox.pictures.ids() == {row.id for row in outbox.due(0.0, 10**6) if row.picture_bytes}
    outbox.close()


@contextlib.contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file grows beyond ``most`` bytes: the kernel refuses as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_anomalies_are_sent_from_memory_and_kept_when_there_is_room_again(tmp_path: Path) -> None:
    first = Outbox(tmp_path, OutboxConfig(held_bytes=400_000))
    safe = anomaly(first)
    with full_disk((tmp_path / "outbox.db-wal").stat().st_size):
        assert not first.keep_picture("shot", Kind.ANOMALY_PICTURE, os.urandom(500_000))
        assert first.losses() == [("shot", Loss.DISK)]
        assert "took no picture" in first.trouble
        keys = [anomaly(first) for _ in range(3)]
        assert "takes no rows" in first.trouble
        assert first.unstored == 3
        assert ids(first.due(0.0, 10)) == [safe, *keys]
        first.settle()
        assert first.unstored == 3
    first.settle()
    assert (first.unstored, first.trouble) == (0, "")
    first.close()
    second = Outbox(tmp_path)
    assert ids(second.due(0.0, 10)) == [safe, *keys]
    second.close()


def test_what_is_held_is_sent_from_memory_and_settled_with_its_picture(tmp_path: Path) -> None:
    first = Outbox(tmp_path)
    assert first.hold_picture("shot", Kind.ANOMALY_PICTURE, b"jpeg")
    first.hold([Row("seen", Kind.ANOMALY, b"{}"), Row("shot", Kind.ANOMALY_PICTURE, b"{}", 4)])
    assert ids(first.due(0.0, 10)) == ["seen", "shot"]
    first.sent("shot", 0.0)
    assert (first.unstored, first.announced()) == (2, [])  # bytes are carried from the disk alone
    first.settle()
    assert (first.unstored, first.announced()) == (0, ["shot"])
    first.close()
    second = Outbox(tmp_path)
    assert second.pictures.path("shot").read_bytes() == b"jpeg"
    assert ids(second.due(0.0, 10)) == ["seen", "shot"]
    second.close()


def test_where_memory_has_no_room_a_picture_goes_to_the_disk_at_once(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, OutboxConfig(held_bytes=10))
    assert outbox.hold_picture("small", Kind.ANOMALY_PICTURE, bytes(10))
    assert outbox.hold_picture("one more", Kind.ANOMALY_PICTURE, bytes(10))
    assert outbox.pictures.ids() == {"one more"}
    outbox.close()


def test_a_picture_that_a_full_disk_does_not_take_waits_in_memory_and_is_carried_after(tmp_path: Path) -> None:
    first = Outbox(tmp_path)
    old = picture(first, Kind.ANOMALY_PICTURE, 1000)
    first.sent(old, 0.0)
    with full_disk(0):
        shot = picture(first, Kind.ANOMALY_PICTURE, 3000)
        first.sent(shot, 0.0)
        assert first.announced() == [old]  # its bytes cannot be carried from memory
        assert first.losses() == []
        assert first.unstored == 1
        first.settle()
        assert first.unstored == 1
    first.settle()
    assert (first.unstored, first.announced()) == (0, [old, shot])
    first.close()
    second = Outbox(tmp_path)
    assert second.pictures.path(shot).stat().st_size == 3000
    assert shot in second
    second.close()


def test_on_a_full_disk_a_photo_puts_out_no_clip_and_not_itself(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, OutboxConfig(held_bytes=600))
    clip = picture(outbox, Kind.ANOMALY_CLIP, 1000)
    with full_disk(0):
        photo = picture(outbox, Kind.CHECKPOINT_PHOTO, 500)
        assert not outbox.keep_picture("no room in memory", Kind.CHECKPOINT_PHOTO, bytes(500))
        outbox.settle()
        assert clip in outbox
        assert photo in outbox
    outbox.settle()
    assert outbox.pictures.ids() == {clip, photo}
    assert outbox.losses() == [("no room in memory", Loss.DISK)]
    outbox.close()


def test_a_receipt_that_names_an_id_twice_does_no_harm(outbox: Outbox) -> None:
    key = anomaly(outbox)
    assert outbox.received([key, key]) == 1
    assert key not in outbox


def test_a_damaged_file_is_put_aside_and_the_dog_starts(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"this is no database" * 500)
    outbox = Outbox(tmp_path)
    key = anomaly(outbox)
    assert key in outbox
    assert (tmp_path / "damaged-1" / "outbox.db").exists()
    outbox.close()


def test_two_processes_cannot_share_an_outbox(outbox: Outbox, tmp_path: Path) -> None:
    anomaly(outbox)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        Outbox(tmp_path)


def test_others_on_the_computer_may_not_read_what_the_dog_saw(outbox: Outbox, tmp_path: Path) -> None:
    shot = picture(outbox, Kind.ANOMALY_PICTURE, 10)
    for path in (outbox.pictures.path(shot), tmp_path / "outbox.db"):
        assert path.stat().st_mode & 0o077 == 0
