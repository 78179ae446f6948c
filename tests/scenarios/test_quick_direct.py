"""Those of the `quick` scenarios that are of the dog alone, in direct wiring: not at the wall's pace.

And that they catch a dog with a broken part, by the command that a build server gives.
"""

from pathlib import Path

import pytest

from tests.scenarios.direct_run import passed_directly
from tests.scenarios.test_the_stack import DIRECT, QUICK, SCENARIOS, caught, sim_run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("name", DIRECT)
def test_the_dog_in_one_piece_passes(name: str, tmp_path: Path) -> None:
    assert name in QUICK
    passed_directly(SCENARIOS / f"{name}.yaml", tmp_path)


@pytest.mark.parametrize(
    ("broken", "name", "found"),
    [
        ("deaf", "intruder", "incidents: one in armory_yard within 30 s"),
        ("gate_off", "lidar_frozen", "walks: dog1: at most 1.5 m in the 9 s after frozen"),
    ],
    ids=["deaf", "gate_off"],
)
def test_a_broken_dog_is_caught_and_the_reason_is_the_right_one(
    broken: str, name: str, found: str, tmp_path: Path
) -> None:
    assert name in QUICK, "the sound build must pass it"
    ended = sim_run(name, tmp_path / "out", "--wiring", "direct", broken=broken)
    caught(ended, ended.stdout, broken, tmp_path / "out", found)
