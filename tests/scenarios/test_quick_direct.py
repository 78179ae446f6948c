"""Those of the `quick` scenarios that are of the dog alone, in direct wiring: not at the wall's pace."""

import threading
from pathlib import Path

import pytest

from tests.scenarios.test_the_stack import DIRECT, QUICK, SCENARIOS
from xiaotian.direct.scenario_run import run
from xiaotian.scenarios.judge import judge
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.scenario_run import Options, Wiring

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", DIRECT)
def test_the_dog_in_one_piece_passes(name: str, tmp_path: Path) -> None:
    assert name in QUICK
    options = Options(wiring=Wiring.DIRECT)
    outcome = run(read_scenario(SCENARIOS / f"{name}.yaml"), tmp_path, options, lambda _: None, threading.Event())
    assert judge(outcome).passed, judge(outcome).wrong
