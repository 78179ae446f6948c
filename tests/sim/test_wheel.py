"""A wheel of this repository carries what its code reads: worlds, models, the dog, its settings and profiles."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.shared import ROOT

PACKAGES = ("protocol", "edge", "fleet_server", "sim", "xiaotian", "ros2_ws/src")
IGNORED = shutil.ignore_patterns("node_modules", "dist", "__pycache__", "build", "install", "log", "*.egg-info")
TRY = """
import sys, sysconfig
sysconfig.get_path = lambda name, *_: sys.argv[1]
from sim.engine.sdf import SIM, MODEL_FOLDERS, read_model, read_world
from xiaotian.robot_processes import BRINGUP
from xiaotian.robot_profile import read_profile
assert str(SIM).startswith(sys.argv[1]), SIM
worlds = [read_world(path) for path in sorted((SIM / "worlds").glob("*/world.sdf"))]
assert all(str(path).startswith(sys.argv[1]) for path in (*MODEL_FOLDERS, BRINGUP, read_profile("unitree_l1").file))
print(len(worlds), read_model("xiaotian_dog").name)
print((BRINGUP / "dog.yaml").is_file(), (BRINGUP / "fastdds.xml").is_file())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy: setuptools leaves its traces where it works."""
    folder = tmp_path_factory.mktemp("wheel")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / "source" / package, ignore=IGNORED)
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, folder / "source" / file)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q", "-w"]
    subprocess.run([*command, str(folder), str(folder / "source")], check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


def test_a_wheel_carries_every_world_every_model_and_the_dog(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for kept in ("worlds", "models", "scenarios", "demo"):
        files = {str(path.relative_to(ROOT)) for path in (ROOT / "sim" / kept).rglob("*") if path.is_file()}
        assert files <= names
    carried = {name.partition(".data/data/share/xiaotian/")[2] for name in names}
    for package, folder in (("patrol_description", "models/xiaotian_dog"), ("patrol_bringup", "config")):
        below = (ROOT / "ros2_ws/src" / package / folder).rglob("*.*")
        assert {str(path.relative_to(ROOT / "ros2_ws/src")) for path in below if path.is_file()} <= carried


def test_what_is_installed_of_it_reads_its_worlds_and_its_dog(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    data = next(tmp_path.glob("*.data")) / "data"
    shutil.move(data / "share", tmp_path / "share")
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(tmp_path)],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", "xiaotian_dog", "True", "True"]
