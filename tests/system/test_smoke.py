"""`make smoke`, as a build server sees it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.timeout(1800)]


def test_the_dogs_walk_their_rounds_and_the_operator_hears_of_what_they_saw(tmp_path: Path) -> None:
    """With the best detector that is here: on a stranger's computer the small one, beside ../shared another."""
    ended = subprocess.run(
        [sys.executable, "-m", "xiaotian.cli", "smoke", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=1700,
        cwd=ROOT,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["wrong"] == []
