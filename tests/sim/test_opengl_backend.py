"""Which way pictures are drawn: EGL, else OSMesa, else cast rays; each is tried before it is trusted."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.engine import opengl_backend
from sim.engine.camera_rendering import RaycastRenderer, open_camera_renderer
from sim.engine.script import Sensor
from sim.engine.simulation import DogPlan, Make
from tests.sim.conftest import Room, box, person

import mujoco  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
LIGHT = DogPlan("dog1", 0.0, 0.0, 0.0, Make.LIGHT)
WALL = box("wall", "8 0 1.5 0 0 0", "0.2 10 3")


@pytest.mark.parametrize(
    ("working", "chosen"),
    [({"egl", "osmesa"}, "egl"), ({"osmesa"}, "osmesa"), (set(), "disabled")],
)
def test_the_first_that_works_is_chosen(monkeypatch: pytest.MonkeyPatch, working: set[str], chosen: str) -> None:
    monkeypatch.delenv("MUJOCO_GL")
    assert opengl_backend.choose(lambda backend: backend in working) == chosen
    assert opengl_backend.choose(lambda _: False) == chosen, "children inherit what was found"


def test_what_the_user_says_is_not_questioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert opengl_backend.choose(lambda _: False) == "osmesa"


def test_a_backend_without_its_library_or_with_a_broken_one_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(opengl_backend.LIBRARIES, "egl", "no_such_library_anywhere")
    assert not opengl_backend.draws("egl")
    monkeypatch.setitem(opengl_backend.LIBRARIES, "osmesa", "c")
    monkeypatch.setattr(opengl_backend, "PROBE", "import os; os.abort()")
    assert not opengl_backend.draws("osmesa"), "the probe's process died, and not this one"


DRAW = """
from sim.engine.script import Sensor, check
from sim.engine.simulation import DogPlan, Make, Simulation
from sim.engine.labelled_pictures import YARD
script = check([{"at": 0, "do": "person", "name": "ann", "way": [{"x": 8, "y": 5, "seconds": 9}]},
                {"at": 0.1, "do": "smoke", "name": "s", "x": 12, "y": 5.5}])
sim = Simulation(YARD, [DogPlan("dog1", 5, 5, 0, Make.LIGHT)], script=script)
for _ in range(100):
    sim.step()
picture = sim.sense("dog1", Sensor.CAMERA)
depth = sim.sense("dog1", Sensor.DEPTH)
print(sim.camera_backend, picture.shape, round(float(picture.std())), round(float(depth[330, 320]), 1))
"""


@pytest.mark.parametrize(
    ("backend", "told"), [("egl", "egl"), ("osmesa", "osmesa"), ("disabled", "rays"), ("glfw", "rays")]
)
def test_each_way_draws_a_picture_in_a_process_of_its_own(backend: str, told: str) -> None:
    if backend in opengl_backend.LIBRARIES and not opengl_backend.draws(backend):
        pytest.skip(f"{backend} does not draw here: apt-get install {opengl_backend.PACKAGES[backend]}")
    environment = {**os.environ, "MUJOCO_GL": backend}
    environment.pop("DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-c", DRAW],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    name, *rest = done.stdout.splitlines()[-1].split()
    assert name == told
    assert " ".join(rest[:3]) == "(480, 640, 3)"
    assert int(rest[3]) > 20
    assert 0.5 < float(rest[4]) < 3.0, "the ground before the dog, or the feet"
    if told == "rays":
        assert "camera_of_cast_rays" in done.stdout


def test_cast_rays_show_people_and_fog_where_opengl_shows_them(room: Room, opengl: None) -> None:
    fog = {"at": 1, "do": "fog", "visibility": 12}
    sim = room(WALL, person("ann", [(4.0, 0.5), (4.0, 0.6)], 0.0), dogs=(LIGHT,), script=(fog,), pictures=True)
    rays = RaycastRenderer(sim.model, 480, 640)
    for at in (0.5, 1.5):
        while sim.elapsed < at:
            sim.step()
        drawn = sim.photograph("dog1").astype(int)
        cast = sim.dogs["dog1"].camera.photograph(sim.data, rays).astype(int)
        assert np.median(np.abs(drawn - cast)) < 12
        assert (np.abs(drawn - cast).sum(axis=2) > 90).mean() < 0.06


def test_an_opengl_that_fails_at_the_last_moment_is_replaced_by_rays(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no such device")

    sim = room(WALL, dogs=(LIGHT,))
    monkeypatch.setattr(opengl_backend, "BACKEND", "egl")
    monkeypatch.setattr(mujoco, "Renderer", fails)
    eye = open_camera_renderer(sim.model, 48, 64)
    assert eye.backend == "rays"
    assert "opengl_failed" in capsys.readouterr().out
    assert sim.sense("dog1", Sensor.CAMERA) is None
