"""The reader, and the SDF files that it and Gazebo have to agree about."""

import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from structlog.testing import capture_logs

from sim.engine import sdf
from sim.engine.sdf import MODEL_FOLDERS, SIM, MalformedWorld, read_model, read_world
from sim.gazebo import spawning
from sim.gazebo.dog import dog_sdf
from tests.sim.conftest import box, write_world

YARD = SIM / "worlds/station_yard/world.sdf"
WORLDS = sorted((SIM / "worlds").glob("*/world.sdf"))
FILES = [
    *WORLDS,
    *(path for folder in MODEL_FOLDERS for path in sorted(folder.glob("*/model.sdf"))),
]


def test_a_pose_may_be_given_relative_to_another_frame(tmp_path: Path) -> None:
    model = """<model name="m"><static>true</static>
      <frame name="post"><pose>1 0 0 0 0 1.5707963</pose></frame>
      <link name="arm"><pose relative_to="post">2 0 0 0 0 0</pose></link></model>"""
    arm = read_world(write_world(tmp_path, model)).models[1].links[0]
    assert arm.pose[:3, 3] == pytest.approx([1, 2, 0], abs=1e-6)


def test_a_frame_that_depends_on_itself_is_refused(tmp_path: Path) -> None:
    model = """<model name="m"><link name="a"><pose relative_to="b"/></link>
      <link name="b"><pose relative_to="a"/></link></model>"""
    with pytest.raises(MalformedWorld, match="depends on itself"):
        read_world(write_world(tmp_path, model))


def test_what_is_not_supported_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdf, "_warned", set())
    crate = box("one", "0 0 0 0 0 0", "1 1 1").replace("<link ", "<gripper/><link ")
    with capture_logs() as logs:
        read_world(write_world(tmp_path, crate, crate))
    assert [entry["element"] for entry in logs] == ["model/gripper"]


@pytest.mark.parametrize("text", ["", "<sdf version='1.9'/>", "<world/>", "<sdf version='1.9'><world>"])
def test_what_is_no_world_is_refused_with_the_files_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.sdf"
    path.write_text(text)
    with pytest.raises(MalformedWorld, match=r"broken\.sdf"):
        read_world(path)


def test_an_unknown_model_is_refused_with_the_folders_that_were_searched() -> None:
    with pytest.raises(MalformedWorld, match=r"model://unicorn: not found in .*models"):
        read_model("unicorn")


def test_the_dog_has_twelve_hinges_and_the_sensors_that_its_nodes_expect() -> None:
    dog = read_model("xiaotian_dog")
    assert sum(joint.kind == "revolute" for joint in dog.joints) == 12
    sensors = {sensor.kind: sensor for link in dog.links for sensor in link.sensors}
    assert sensors["gpu_lidar"].rate == 10
    assert sensors["camera"].rate == 5
    assert "imu" in sensors
    assert 10 < sum(link.inertia.mass for link in dog.links if link.inertia) < 25


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.parent.name)
def test_a_world_is_understood_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdf, "_warned", set())
    with capture_logs() as logs:
        world = read_world(path)
    assert not logs
    assert len(world.models) > 60


def each_model_once(path: Path) -> str:
    """The file with the first include of each model only: libsdformat takes 50 ms to read a model anew."""
    root = ElementTree.parse(path).getroot()
    seen: set[str] = set()
    for world in root.findall("world"):
        for include in world.findall("include"):
            uri = include.findtext("uri", "")
            if uri in seen:
                world.remove(include)
            seen.add(uri)
    return ElementTree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.parent.name)
def test_no_two_models_of_a_world_have_one_name(path: Path) -> None:
    names = [model.name for model in read_world(path).models]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("depth", [False, True])
def test_sdformat_accepts_a_named_dog(tmp_path: Path, depth: bool) -> None:
    path = tmp_path / "rex.sdf"
    path.write_text(dog_sdf("rex", 1, depth))
    sdformat_accepts(path, tmp_path)


@pytest.mark.parametrize("world", WORLDS, ids=lambda path: path.parent.name)
def test_sdformat_accepts_a_world_as_gazebo_is_to_see_it(world: Path, tmp_path: Path) -> None:
    spawning.write_world(world, tmp_path / "made")
    sdformat_accepts(tmp_path / "made/world.sdf", tmp_path, tmp_path / "made/models")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sdformat_accepts_the_file(path: Path, tmp_path: Path) -> None:
    sdformat_accepts(path, tmp_path)


def sdformat_accepts(path: Path, tmp_path: Path, models: Path | None = None) -> None:
    if not shutil.which("ign"):
        pytest.skip("needs Debian's ignition-tools and libsdformat-dev")
    env = {**os.environ, "SDF_PATH": str(models) if models else ":".join(map(str, MODEL_FOLDERS))}
    short = tmp_path / path.name
    short.write_text(each_model_once(path))
    done = subprocess.run(
        ["ign", "sdf", "--check", str(short)], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    told = done.stdout + done.stderr
    if "cannot find any available 'ign' command" in told:
        pytest.skip("ign is here without its sdf command: it needs libsdformat-dev")
    complaints = [
        line for line in told.splitlines() if ("Error" in line or "Warning" in line) and "Library" not in line
    ]
    assert not complaints
    assert "Valid." in told
