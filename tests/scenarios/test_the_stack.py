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


def sim_run(name: str, out: Path, broken: str = "") -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([str(BROKEN), os.environ.get("PYTHONPATH", "")])
    said = [str(SCENARIOS / f"{name}.yaml"), "--report", str(out), "--junit", str(out / "junit.xml"), "--rate", "2"]
    return subprocess.run(
        [sys.executable, "-m", "xiaotian.cli", "sim", "run", *said],
        capture_output=True,
        text=True,
        timeout=580,
        cwd=ROOT,
        env={**os.environ, **({"PYTHONPATH": path, "BROKEN_PART": broken} if broken else {})},
    )


@pytest.mark.parametrize("name", [name for name in QUICK if name not in DIRECT + BOTH])
def test_the_stack_passes(name: str, tmp_path: Path) -> None:
    ended = sim_run(name, tmp_path / "out")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("broken", "name", "found"),
    [
        ("deaf", "intruder", {"incidents: one in armory_yard within 30 s"}),
        ("gate_off", "lidar_frozen", {"walks: dog1: at most 1.5 m in the 9 s after frozen"}),
        ("forgetting", "server_killed", {"incidents: one in armory_yard within 75 s"}),
    ],
)
def test_a_broken_build_is_caught_and_the_reason_is_the_right_one(
    broken: str, name: str, found: set[str], tmp_path: Path
) -> None:
    assert name in QUICK, "the sound build must pass it"
    ended = sim_run(name, tmp_path / "out", broken)
    assert ended.returncode == 1, ended.stdout
    logs = "".join(log.read_text(errors="replace") for log in (tmp_path / f"out/{name}/logs").glob("dog1-*.log"))
    assert f"this build is broken: {broken}" in logs
    failed = etree.parse(tmp_path / "out/junit.xml").xpath("//testcase[failure]/@name")
    assert found <= set(failed), ended.stderr
