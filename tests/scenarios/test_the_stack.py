"""The scenarios marked `quick`, as a build server runs them; and that they catch a stack with a broken part."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from xiaotian.scenarios.scenario_file import read_scenario

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "sim/scenarios"
BROKEN = Path(__file__).parent / "broken"
QUICK = sorted(file.stem for file in SCENARIOS.glob("*.yaml") if "quick" in read_scenario(file).marks)
DIRECT = ["battery_fails", "idle_dog", "lidar_silent", "look_around"]
"""Of the dog alone, and not of processes or the network: in direct wiring, in test_quick_direct.py."""
BOTH = ["quiet_round"]
"""test_both_wirings.py runs it."""

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.timeout(600)]


def sim_run(name: str, out: Path, *words: str, broken: str = "") -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([str(BROKEN), os.environ.get("PYTHONPATH", "")])
    said = [str(SCENARIOS / f"{name}.yaml"), "--report", str(out), "--junit", str(out / "junit.xml"), *words]
    return subprocess.run(
        [sys.executable, "-m", "xiaotian.cli", "sim", "run", *said],
        capture_output=True,
        text=True,
        timeout=580,
        cwd=ROOT,
        env={**os.environ, **({"PYTHONPATH": path, "BROKEN_PART": broken} if broken else {})},
    )


def caught(ended: "subprocess.CompletedProcess[str]", logs: str, broken: str, out: Path, found: str) -> None:
    """The part was a broken one, the verdict is no, and the reason is the right one."""
    assert ended.returncode == 1, ended.stdout
    assert f"this build is broken: {broken}" in logs
    failed = etree.parse(out / "junit.xml").xpath("//testcase[failure]/@name")
    assert found in failed, ended.stderr


@pytest.mark.parametrize("name", [name for name in QUICK if name not in DIRECT + BOTH])
def test_the_stack_passes(name: str, tmp_path: Path) -> None:
    ended = sim_run(name, tmp_path / "out", "--rate", "2")
    assert ended.returncode == 0, ended.stderr


def test_a_build_that_forgets_what_it_has_sent_is_caught_and_the_reason_is_the_right_one(tmp_path: Path) -> None:
    """A broken build of the processes; those of the dog alone are in test_quick_direct.py."""
    name = "server_killed"
    assert name in QUICK, "the sound build must pass it"
    ended = sim_run(name, tmp_path / "out", "--rate", "2", broken="forgetting")
    logs = "".join(log.read_text(errors="replace") for log in (tmp_path / f"out/{name}/logs").glob("dog1-*.log"))
    caught(ended, logs, "forgetting", tmp_path / "out", "incidents: one in armory_yard within 75 s")
