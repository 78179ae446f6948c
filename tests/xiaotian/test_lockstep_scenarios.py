"""Scenarios by the direct wiring: the same to the last bit, judged as any other; and what it refuses."""

import threading
from pathlib import Path

import pytest

from xiaotian.direct.scenario_run import run, unfit
from xiaotian.scenarios.judge import judge
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.scenario_run import Options, Outcome, Wiring

SCENARIOS = Path(__file__).resolve().parents[2] / "sim/scenarios"
SHORT = """
name: {zh: 短, en: Short}
site: station_yard
stops: [charging_bay]
events:
  - {id: passer, at: 1, do: person, way: [{x: 12.0, y: 2.0}, {x: 6.0, y: 3.0}]}
expect:
  checkpoints: all
  order: [event:passer, checkpoint:charging_bay, patrol:completed]
time_limit_s: 40
"""


def lived(folder: Path, seed: int = 3) -> Outcome:
    """The short scenario."""
    folder.mkdir()
    file = folder / "short.yaml"
    file.write_text(SHORT)
    options = Options(seed=seed, detector="fallback", wiring=Wiring.DIRECT)
    return run(read_scenario(file), folder, options, lambda _: None, threading.Event())


@pytest.mark.slow  # two runs, with a camera
def test_two_runs_of_a_scenario_are_the_same_and_pass(tmp_path: Path, opengl: None) -> None:
    one, other = lived(tmp_path / "one"), lived(tmp_path / "other")
    verdict = judge(one)
    assert verdict.passed, verdict.wrong
    assert one.report["digest"] == other.report["digest"]
    assert [(e.t, e.label) for e in one.timeline] == [(e.t, e.label) for e in other.timeline]


def test_a_scenario_whose_faults_are_of_processes_or_network_is_refused_by_name() -> None:
    refused = {file.stem for file in SCENARIOS.glob("*.yaml") if unfit(read_scenario(file))}
    assert {"network_cut", "server_killed", "broker_restart", "power_cut"} <= refused
    assert "needs --wiring ros: cut (network)" in unfit(read_scenario(SCENARIOS / "network_cut.yaml"))
    for name in ("quiet_round", "called_back", "toppled", "intruder"):
        assert name not in refused
