"""Those of the `quick` scenarios that are of the dog alone, in direct wiring: not at the wall's pace."""

from pathlib import Path

import pytest

from tests.scenarios.direct_run import passed_directly
from tests.scenarios.test_the_stack import DIRECT, QUICK, SCENARIOS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", DIRECT)
def test_the_dog_in_one_piece_passes(name: str, tmp_path: Path) -> None:
    assert name in QUICK
    passed_directly(SCENARIOS / f"{name}.yaml", tmp_path)
