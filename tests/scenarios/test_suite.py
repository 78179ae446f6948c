"""Many scenarios: seeds, folders, domains, and the command's own mistakes."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.scenarios.outcome_by_hand import SCENARIO
from xiaotian.scenarios import suite
from xiaotian.scenarios.judge import Verdict
from xiaotian.scenarios.scenario import Scenario
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.scenario_run import Options

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    file = tmp_path / "somebody.yaml"
    file.write_text(SCENARIO.replace("site:", "seed: 5\nsite:"))
    return read_scenario(file)


def test_repetitions_have_seeds_and_folders_of_their_own(scenario: Scenario, tmp_path: Path) -> None:
    made = [(job.name, job.seed) for job in suite.jobs([scenario], tmp_path, None, 3)]
    assert made == [("somebody-1", 5), ("somebody-2", 6), ("somebody-3", 7)]
    assert [(job.name, job.seed) for job in suite.jobs([scenario], tmp_path, 9, 1)] == [("somebody", 9)]


def test_a_run_that_is_called_off_ends_with_its_reason_and_what_waits_is_not_begun(
    scenario: Scenario, tmp_path: Path
) -> None:
    stop = threading.Event()
    jobs = suite.jobs([scenario], tmp_path / "out", None, 2)
    said: list[str] = []

    def say(job: suite.Job, text: str) -> None:
        said.append(job.name)
        stop.set()

    verdicts: list[Verdict] = list(suite.run_all(jobs, Options(), 1, say, stop))
    assert set(said) == {"somebody-1"}
    assert [(v.outcome.folder.name, v.passed) for v in verdicts] == [("somebody-1", False)]
    assert "Stopped" in verdicts[0].outcome.error


def test_a_domain_in_which_somebody_listens_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", "90")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("0.0.0.0", 7400 + 250 * 90 + 10))
        with suite._domain(0) as domain, suite._domain(1) as other:
            assert domain != 90
            assert domain != other


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["sound.yaml", "--check"], 0, "1 scenarios, all sound"),
        (["sound.yaml", "broken.yaml"], 2, "broken.yaml:2: found 'nowhere', expected one of: "),
        (["sound.yaml", "--mark", "slow"], 2, "no scenario is marked 'slow'"),
        (["sound.yaml", "--report", "."], 2, "is not empty, and not of an earlier run: name another --report"),
    ],
)
def test_the_command_says_what_is_wrong_and_runs_nothing(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "sound.yaml").write_text(SCENARIO)
    (tmp_path / "broken.yaml").write_text(SCENARIO.replace("station_yard", "nowhere"))
    ended = subprocess.run(
        [sys.executable, "-m", "xiaotian.cli", "sim", "run", *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        cwd=tmp_path,
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False)
    assert said in ended.stdout + ended.stderr
