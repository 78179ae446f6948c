"""Where the standard, real data and weights lie, if they lie beside the checkout, or where XIAOTIAN_SHARED says."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("XIAOTIAN_SHARED") or ROOT.parent / "shared")


def shared(part: str) -> Path:
    """The path of ``part`` below ``../shared``; skips the test where it is absent."""
    path = SHARED / part
    if not path.exists():
        pytest.skip(f"needs ../shared/{part} beside the checkout")
    return path
