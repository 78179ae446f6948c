"""`make smoke`, as a build server sees it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT
from xiaotian.smoke import faults

pytestmark = [pytest.mark.slow, pytest.mark.timeout(330)]


@pytest.mark.parametrize("detector", ["auto", "fallback"])
def test_a_dog_walks_its_round_and_the_operator_hears_of_what_it_saw(tmp_path: Path, detector: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "xiaotian.cli", "smoke", "--detector", detector, "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=320,
        cwd=ROOT,
    )
    assert ended.returncode == 0, ended.stderr
    line = json.loads(ended.stdout)
    assert faults(line) == []
