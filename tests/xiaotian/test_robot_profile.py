"""A robot's profile: what it carries and where, in files that ROS and people can read."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from xiaotian.robot_processes import BRINGUP, Dog, processes
from xiaotian.robot_profile import DEFAULT, ROBOTS, SENSORS, read_profile

NAMES = sorted(path.stem for path in ROBOTS.glob("*.yaml"))
DOG = Dog("rex", Path("site"), Path("data"), (0.0, 0.0, 0.0), "localhost", 1883, "http://localhost", Path("token"))
PLACE = {"x", "y", "z", "roll", "pitch", "yaw"}


def parameters(name: str) -> dict[str, object]:
    told: dict[str, object] = yaml.safe_load((ROBOTS / f"{name}.yaml").read_text())["/**"]["ros__parameters"]
    return told


def test_there_is_a_profile_for_what_real_dogs_carry() -> None:
    real = {"unitree_l1", "unitree_l2", "livox_mid360", "hesai_xt16", "realsense_d435"}
    assert set(NAMES) == real | {"scan_only", "xiaotian_dog"}
    assert real - {"realsense_d435"} == {name for name in real if "points" in read_profile(name).sensors}
    assert read_profile("scan_only").sensors == ("scan",)


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_places_each_sensor_for_what_is_low_and_changes_only_what_dog_yaml_has(name: str) -> None:
    told = parameters(name)
    for sensor in read_profile(name).sensors:
        assert sensor == "scan" or PLACE | {"standing", "nearest"} <= set(told[sensor])  # type: ignore[call-overload]
    known = yaml.safe_load((BRINGUP / "dog.yaml").read_text())["/**"]["ros__parameters"]
    for room in set(told) - {"sensors", "topics", *SENSORS}:
        assert deep_keys(told[room]) <= deep_keys(known[room])


def deep_keys(tree: object, at: str = "") -> set[str]:
    if not isinstance(tree, dict):
        return {at}
    return {key for name, below in tree.items() for key in deep_keys(below, f"{at}.{name}")}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("scan_only", "xiaotian_dog")])
def test_a_profile_of_a_real_sensor_names_where_its_figures_are_from(name: str) -> None:
    text = (ROBOTS / f"{name}.yaml").read_text()
    assert "manual" in text or "datasheet" in text


def test_the_default_profile_says_where_the_models_lidar_is() -> None:
    from sim.engine.lidar import find_lidar
    from sim.engine.sdf import read_model

    link = next(link for link in read_model("xiaotian_dog").links if link.name == "lidar_3d_link")
    place = link.pose @ find_lidar(read_model("xiaotian_dog"), rings=True).pose
    for told in (parameters(DEFAULT), yaml.safe_load((BRINGUP / "dog.yaml").read_text())["/**"]["ros__parameters"]):
        points = told["points"]
        assert [points["x"], points["y"], points["z"]] == pytest.approx(list(place[:3, 3]))  # type: ignore[index]


def test_a_dogs_processes_read_its_profile_after_the_settings_and_hear_its_drivers_topics() -> None:
    for name in NAMES:
        command = processes(dataclasses.replace(DOG, profile=name))[0].command
        files = [command[n + 1] for n, word in enumerate(command) if word == "--params-file"]
        assert files == [str(BRINGUP / "dog.yaml"), str(ROBOTS / f"{name}.yaml")]
    command = processes(dataclasses.replace(DOG, profile="unitree_l1"))[0].command
    assert "points:=/utlidar/cloud" in command
    assert "scan:=scan" not in command


def test_ros_reads_every_profile_and_it_goes_before_the_settings() -> None:
    pytest.importorskip("rclpy")
    script = (
        "import rclpy, sys; rclpy.init(args=sys.argv); node = rclpy.create_node('gate');"
        "print(node.declare_parameter('safety.speed', 9.0).value, node.declare_parameter('sensors', ['']).value)"
    )
    words = [part for name in NAMES for part in ("--params-file", str(ROBOTS / f"{name}.yaml"))]
    settings = ["--ros-args", "--params-file", str(BRINGUP / "dog.yaml")]
    done = subprocess.run([sys.executable, "-c", script, *settings, *words], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("0.7 ") or done.stdout.startswith("0.5 ")
    alone = [*settings, "--params-file", str(ROBOTS / "scan_only.yaml")]
    done = subprocess.run([sys.executable, "-c", script, *alone], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0.5 ['scan']"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sensors: [scan]", "expected"),
        ("/**: {ros__parameters: {sensors: [scan, radar]}}", "radar is none of scan, points, depth"),
        ("/**: {ros__parameters: {sensors: [points]}}", "without scan"),
        ("[", "expected"),
    ],
)
def test_a_profile_that_is_none_is_refused_with_the_reason(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "odd.yaml").write_text(text)
    with pytest.raises(ValueError, match=complaint):
        read_profile("odd", tmp_path)


def test_a_name_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"'spot'.*hesai_xt16, livox_mid360"):
        read_profile("spot")
