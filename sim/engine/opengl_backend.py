"""Which OpenGL draws the pictures. To be imported before mujoco: mujoco reads MUJOCO_GL once, at its first import."""

import ctypes.util
import os
import subprocess
import sys
from collections.abc import Callable

PACKAGES = {"egl": "libegl1 libegl-mesa0 libgl1-mesa-dri", "osmesa": "libosmesa6"}
LIBRARIES = {"egl": "EGL", "osmesa": "OSMesa"}
PROBE_S = 30.0
PROBE = """
import mujoco
model = mujoco.MjModel.from_xml_string(
    '<mujoco><worldbody><light pos="0 0 3"/><geom size=".5" rgba="1 1 1 1"/></worldbody></mujoco>')
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
renderer = mujoco.Renderer(model, 16, 16)
renderer.update_scene(data)
assert renderer.render().max() > 50
renderer.close()
"""


class NoPictures(RuntimeError):
    """There is no OpenGL to draw with; the text names the packages that bring one."""


def draws(backend: str) -> bool:
    """Whether ``backend`` draws a picture, tried in a process of its own, for a broken driver may end the process."""
    if ctypes.util.find_library(LIBRARIES[backend]) is None:
        return False
    environment = {**os.environ, "MUJOCO_GL": backend}
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROBE], env=environment, capture_output=True, timeout=PROBE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def choose(works: Callable[[str], bool] = draws) -> str:
    """What MUJOCO_GL says, else the first of ``egl`` and ``osmesa`` that works, else ``disabled``: rays are cast then.

    Children inherit the choice, so it is probed once.
    """
    if not os.environ.get("MUJOCO_GL"):
        os.environ["MUJOCO_GL"] = next((backend for backend in LIBRARIES if works(backend)), "disabled")
    return os.environ["MUJOCO_GL"]


def explain(error: Exception | None = None) -> NoPictures:
    """The error to raise where no picture can be drawn."""
    because = f" ({error})" if error else ""
    return NoPictures(
        f"the simulated camera needs a software OpenGL{because}. On Debian and Ubuntu: apt-get install "
        f"{PACKAGES['egl']}; or: apt-get install {PACKAGES['osmesa']}"
    )


BACKEND = choose()
