"""The two ways to wire a dog hold to each other: one scenario, the same checkpoints and nearly the same way."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.direct_run import passed_directly

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "sim/scenarios/quiet_round.yaml"
APART_M = 0.6  # from each point of one way to the nearest of the other: latencies and the wall's clock part them

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.timeout(900)]

Way = list[tuple[float, float]]


def by_ros(out: Path) -> tuple[list[str], Way]:
    command = [sys.executable, "-m", "xiaotian.cli", "sim", "run", str(SCENARIO), "--report", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=580, cwd=ROOT, env=os.environ)
    assert ended.returncode == 0, ended.stderr
    folder = out / SCENARIO.stem
    lines = [json.loads(line) for line in (folder / "told.jsonl").read_text().splitlines()]
    path = json.loads((folder / "simulation.json").read_text())["dogs"]["dog1"]["path"]
    return [each["label"] for each in lines if "label" in each], [(x, y) for _, x, y, _ in path]


def by_direct(folder: Path) -> tuple[list[str], Way]:
    folder.mkdir()
    outcome = passed_directly(SCENARIO, folder)
    path = outcome.report["dogs"]["dog1"]["path"]
    return [entry.label for entry in outcome.timeline], [(x, y) for _, x, y, _ in path]


def parted(one: Way, other: Way) -> float:
    """The farthest that a point of one way lies from all of the other."""
    return max(min(math.dist(a, b) for b in other) for a in one)


def test_both_wirings_reach_the_same_checkpoints_by_the_same_way(tmp_path: Path) -> None:
    (said, way), (said_direct, way_direct) = by_ros(tmp_path / "ros"), by_direct(tmp_path / "direct")
    kinds = ("checkpoint:", "patrol:completed", "incident:", "error:")
    assert [s for s in said if s.startswith(kinds)] == [s for s in said_direct if s.startswith(kinds)]
    assert max(parted(way, way_direct), parted(way_direct, way)) < APART_M
