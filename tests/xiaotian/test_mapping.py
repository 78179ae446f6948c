"""A site's first day in the simulator: walk, map, go. By the two commands, as a station does it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.mapping.bag_reading import read_recording
from sim.engine.sdf import SIM
from xiaotian.direct.trial import Trial
from xiaotian.mapping.simulated_walk import NoWalk, plan_of, record

YARD = SIM / "worlds/station_yard"


def xiaotian(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "xiaotian.cli", *arguments], capture_output=True, text=True, timeout=280
    )


@pytest.mark.slow
def test_a_dog_walks_on_the_map_that_was_made_of_a_walk(tmp_path: Path) -> None:
    walk, site = tmp_path / "walk.mcap", tmp_path / "site"
    places = ("--start", "9,5.5,3.14", "--through", "-3.5,7", "--through", "-6,-4", "--through", "11,-9.5")
    walked = xiaotian(
        "sim", "walk", "station_yard", "--out", str(walk), *places, "--people", "2", "--slip", "0.1", "--no-points"
    )  # fmt: skip
    assert walked.returncode == 0, walked.stderr
    said = json.loads(walked.stdout.splitlines()[-1])
    assert said["missed"] == 0
    start = [str(value) for value in said["start"]]
    mapped = xiaotian("map", str(walk), "--out", str(site), "--start", *start)
    assert mapped.returncode == 0, mapped.stderr
    assert 0.05 < json.loads(mapped.stdout)["legs_told_too_much"] < 0.15
    for file in ("site.yaml", "world.sdf"):
        shutil.copy(YARD / file, site / file)
    with Trial(site, {"dog1": (9.0, 5.5, 3.14)}, seed=3) as trial:
        trial.go("dog1", -6.0, -4.5)
        happened = trial.run(90.0)["dog1"]
        assert happened.arrived, happened.reason
        assert not happened.contacts
        x, y, _ = trial.sim.dogs["dog1"].place(trial.sim.data)
        assert np.hypot(x + 6.0, y + 4.5) < 0.6  # on the world, not on its own map alone


def test_a_short_walk_is_recorded_as_a_dog_records_it(tmp_path: Path) -> None:
    plan = plan_of("station_yard", (9.0, 5.5, 3.14), [(6.5, 5.0)])
    walked = record(plan.world, tmp_path / "walk.mcap", plan.start, plan.ways[:1], points=False)
    read = read_recording(tmp_path / "walk.mcap")
    assert walked.missed == 0
    assert 2.0 < walked.metres < 6.0
    assert len(read.scans) == len(walked.truth) == pytest.approx(10 * walked.seconds, abs=1)
    assert read.scans[0].stamp == pytest.approx(walked.truth[0, 0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("atlantis", None, ()), "no world.sdf; ours are logistics_park"),
        (("station_yard", (-10.0, 20.0, 0.0), [(9.0, 5.5)]), "cannot begin at x -10.0, y 20.0"),
        (("station_yard", (9.0, 5.5, 0.0), [(-10.0, 20.0)]), "no place of the walk can be got to"),
    ],
)
def test_a_walk_that_cannot_be_says_why(arguments: tuple[str, tuple[float, ...] | None, list[tuple[float, ...]]],
                                        said: str) -> None:  # fmt: skip
    with pytest.raises(NoWalk, match=said):
        plan_of(*arguments)
