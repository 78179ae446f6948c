"""A scenario in direct wiring, which must pass."""

import threading
from pathlib import Path

from xiaotian.direct.scenario_run import run
from xiaotian.scenarios.judge import judge
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.scenario_run import Options, Outcome, Wiring


def passed_directly(scenario: Path, folder: Path) -> Outcome:
    """What came of it; its data lie in ``folder``."""
    outcome = run(read_scenario(scenario), folder, Options(wiring=Wiring.DIRECT), lambda _: None, threading.Event())
    assert judge(outcome).passed, judge(outcome).wrong
    return outcome
