"""The direct wiring: a trial is the same to the last bit, and says what happened in it."""

import subprocess
import sys

import pytest

from sim.engine.simulation import Make
from xiaotian.direct.trial import Trial

YARD = {"dog1": (-3.5, 7.0, 0.0), "dog2": (-3.5, 4.0, 0.0)}
SCRIPT = [{"at": 0.0, "do": "person", "name": "ann", "way": [{"x": -4.0, "y": 3.0}, {"x": 6.0, "y": 3.0}]}]
ALONE = """
from tests.xiaotian.test_lockstep import digest_of
print(digest_of({seed}))
"""


def digest_of(seed: int) -> str:
    """Two dogs, one on legs, that go each to where the other was, with somebody about."""
    with Trial("station_yard", YARD, SCRIPT, seed=seed, make=Make.LEGGED) as trial:
        trial.go("dog1", -3.5, 3.5)
        trial.go("dog2", -3.5, 9.0)
        trial.run(4.0, to_the_end=True)
        assert trial.observer.accounts["dog1"].walked > 1.0
        return trial.digest


@pytest.mark.slow
def test_the_same_seed_is_the_same_run_to_the_last_bit_and_another_is_not() -> None:
    first = digest_of(7)
    assert digest_of(7) == first
    assert digest_of(8) != first


@pytest.mark.slow
def test_another_process_with_other_hashes_comes_to_the_same_run() -> None:
    script = ALONE.format(seed=7)
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "5"}
    )
    assert told.stdout.split()[-1] == digest_of(7)
