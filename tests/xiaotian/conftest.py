"""What the tests of the command share."""

import pytest

from sim.engine import opengl_backend


@pytest.fixture
def opengl() -> None:
    """Skips where no software OpenGL is installed."""
    if opengl_backend.BACKEND == "disabled":
        pytest.skip(str(opengl_backend.explain()))
