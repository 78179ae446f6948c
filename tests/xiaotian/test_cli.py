"""The command teaches what it can."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def xiaotian(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "xiaotian.cli", *arguments], capture_output=True, text=True, timeout=180, cwd=ROOT
    )


def test_help_names_every_command() -> None:
    told = xiaotian("--help").stdout
    assert all(name in told for name in ("demo", "smoke", "robot", "map", "server", "sim", "models"))


@pytest.mark.parametrize("room", ["demo", "smoke", "robot", "map", "server", "sim", "models"])
def test_each_command_has_help_of_its_own(room: str) -> None:
    answer = xiaotian(room, "--help")
    assert answer.returncode == 0
    assert len(answer.stdout.splitlines()) > 5


def test_a_site_that_is_not_there_is_named(tmp_path: Path) -> None:
    answer = xiaotian("demo", "--site", str(tmp_path / "nowhere"), "--folder", str(tmp_path / "run"))
    assert answer.returncode == 1
    assert "nowhere" in answer.stderr
    assert "Traceback" not in answer.stderr
