"""What a recording may be, and what is said of one of which no map can be made."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.mapping.bag_reading import Recording, UnusableRecording, read_recording
from edge.mapping.leveled_walk import walk_in
from edge.types import Pose2D
from sim.engine.lidar import Scan
from sim.engine.sensors import Inertial, Odometry
from sim.topics import IMU, ODOM, SCAN
from tests.edge.mapping.recorded_building import Walker
from xiaotian.mapping.sensor_messages import imu_message, odometry_message, scan_message
from xiaotian.ros_bag import Bag

LEVEL = (0.0, 0.0, 0.0, 1.0)


def write(file: Path, dogs: tuple[str, ...] = ("dog1",), scans: bool = True) -> Path:
    """Twenty seconds of a straight walk past nothing much, in chunks of a second or so."""
    ranges = np.full(360, 4.0, np.float32)
    with Bag(file) as bag:
        for step in range(1000):
            at = 50.0 + 0.02 * step
            for dog in dogs:
                bag.write(
                    IMU.in_ros(dog),
                    IMU.ros_type,
                    imu_message(Inertial(LEVEL, (0.0, 0.0, 0.1), (0.0, 0.0, 9.8)), at),
                    at,
                )
                if step % 2 == 0:
                    bag.write(
                        ODOM.in_ros(dog),
                        ODOM.ros_type,
                        odometry_message(Odometry(0.02 * step, 0.0, 0.3, (1.0, 0.0, 0.0)), at),
                        at,
                    )
                if step % 5 == 0 and scans:
                    scan = Scan(-math.pi, math.tau / 360, 0.15, 25.0, ranges)
                    bag.write(SCAN.in_ros(dog), SCAN.ros_type, scan_message(scan, at), at)
    return file


def test_a_recording_is_read_as_it_was_said(tmp_path: Path) -> None:
    read = read_recording(write(tmp_path / "walk.mcap"))
    assert (len(read.scans), len(read.odometry), len(read.imu), read.cut_off) == (200, 500, 1000, "")
    assert read.scans[3].stamp == pytest.approx(50.3)
    assert read.scans[3].ranges.tolist() == [4.0] * 360
    assert read.odometry[10].pose.x == pytest.approx(0.4)
    assert read.odometry[10].pose.theta == pytest.approx(0.3)
    assert read.imu[0].yaw_rate == pytest.approx(0.1)
    assert walk_in(read).metres == pytest.approx(19.5, abs=0.5)


def test_a_folder_of_files_is_one_recording(tmp_path: Path) -> None:
    write(tmp_path / "walk_0.mcap")
    assert len(read_recording(tmp_path).scans) == 200


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_what_was_cut_off_is_used_as_far_as_it_goes(tmp_path: Path, share: float) -> None:
    file = write(tmp_path / "walk.mcap")
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    read = read_recording(file)
    assert 0 < len(read.scans) < 200
    assert "ends before its end" in read.cut_off
    assert any("what came before is used" in warning for warning in walk_in(read).warnings)


def test_two_dogs_are_told_apart_only_by_name(tmp_path: Path) -> None:
    file = write(tmp_path / "walk.mcap", ("dog1", "dog2"))
    with pytest.raises(UnusableRecording, match=r"/dog1/scan, /dog2/scan.*--dog"):
        read_recording(file)
    assert len(read_recording(file, "dog2").scans) == 200
    with pytest.raises(UnusableRecording, match="no scan of dog3"):
        read_recording(file, "dog3")


def test_a_recording_without_a_scan_says_what_to_record(tmp_path: Path) -> None:
    with pytest.raises(UnusableRecording, match="no scan in it: record /DOG/scan"):
        read_recording(write(tmp_path / "walk.mcap", scans=False))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "nowhere.mcap", "no such file"),
        (lambda folder: folder, "no .mcap and no .db3"),
        (lambda folder: _file(folder / "walk.bag"), "expected a .mcap or .db3"),
        (lambda folder: _file(folder / "walk.mcap"), "no scan, odom or imu"),
        (lambda folder: _file(folder / "walk.db3"), "no scan, odom or imu"),
    ],
)
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    with pytest.raises(UnusableRecording, match=said):
        read_recording(make(tmp_path))


def _file(path: Path) -> Path:
    path.write_bytes(b"this is no recording of anything")
    return path


@pytest.fixture(scope="module")
def sound() -> Recording:
    return Walker(seed=5, people=0).walk([(3.0, 3.0), (12.0, 3.0)], every=0.1).recording


def test_a_clock_that_jumps_back_is_named_with_its_time(sound: Recording) -> None:
    scans = [replace(scan, stamp=scan.stamp - 5.0 * (n > 60)) for n, scan in enumerate(sound.scans)]
    with pytest.raises(UnusableRecording, match=r"clock of scan jumps back by 4.9 s, 6.0 s after the start"):
        walk_in(Recording("walk", scans, sound.odometry, sound.imu))


def test_an_odometry_that_was_set_anew_is_named(sound: Recording) -> None:
    odometry = [replace(one, pose=Pose2D(0.0, 0.0, 0.0)) if n > 150 else one for n, one in enumerate(sound.odometry)]
    with pytest.raises(UnusableRecording, match="odom leaps by"):
        walk_in(Recording("walk", sound.scans, odometry, sound.imu))


def test_a_dog_that_stood_makes_no_map(sound: Recording) -> None:
    odometry = [replace(one, pose=Pose2D(1.0, 1.0, 0.0)) for one in sound.odometry]
    with pytest.raises(UnusableRecording, match=r"walked 0.0 m in it; a map needs a walk"):
        walk_in(Recording("walk", sound.scans, odometry, sound.imu))


def test_clocks_that_do_not_belong_together_are_named(sound: Recording) -> None:
    scans = [replace(scan, stamp=scan.stamp + 1000.0) for scan in sound.scans]
    with pytest.raises(UnusableRecording, match="do all their drivers use one clock"):
        walk_in(Recording("walk", scans, sound.odometry, sound.imu))


def test_gaps_and_a_missing_imu_are_warned_of(sound: Recording) -> None:
    scans = [scan for n, scan in enumerate(sound.scans) if not 30 < n < 50]
    walk = walk_in(Recording("walk", scans, sound.odometry, []))
    assert any("no imu" in warning for warning in walk.warnings)
    assert any("1 gaps in the scans, the longest of 2.0 s" in warning for warning in walk.warnings)
