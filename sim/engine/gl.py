"""Which OpenGL draws the pictures. To be imported before mujoco: mujoco reads MUJOCO_GL once, at its first import."""

import ctypes.util
import os

PACKAGES = {"egl": "libegl1 libegl-mesa0 libgl1-mesa-dri", "osmesa": "libosmesa6"}


class NoPictures(RuntimeError):
    """There is no OpenGL to draw with; the text names the packages that bring one."""


def choose() -> str:
    """Set MUJOCO_GL, unless it is set, to ``egl`` or else ``osmesa``; to ``disabled`` where there is neither."""
    if not os.environ.get("MUJOCO_GL"):
        libraries = {"egl": "EGL", "osmesa": "OSMesa"}
        os.environ["MUJOCO_GL"] = next((n for n, lib in libraries.items() if ctypes.util.find_library(lib)), "disabled")
    return os.environ["MUJOCO_GL"]


def explain(error: Exception | None = None) -> NoPictures:
    """The error to raise where no picture can be drawn."""
    because = f" ({error})" if error else ""
    return NoPictures(
        f"the simulated camera needs a software OpenGL{because}. On Debian and Ubuntu: apt-get install "
        f"{PACKAGES['egl']}; or: apt-get install {PACKAGES['osmesa']}"
    )


BACKEND = choose()
