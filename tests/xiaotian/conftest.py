"""What the tests of the command share."""

import pytest

from sim.engine import gl


@pytest.fixture
def opengl() -> None:
    """Skips where no software OpenGL is installed."""
    if gl.BACKEND == "disabled":
        pytest.skip(str(gl.explain()))
