"""The same seed and commands give the same run, to the last bit, in another process too; and a tape plays what was."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.engine.dog import DogPlan, Make
from sim.engine.replay import Beginning, MalformedReplay, ReplayRecorder, replay
from sim.engine.script import Daylight, Sensor, check
from tests.sim.test_script import AN_ENTRY_OF_EACH_KIND

import mujoco  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import hashlib, json, sys
import numpy as np
from pathlib import Path
from sim.engine import opengl_backend
from sim.engine.script import Sensor, check
from sim.engine.simulation import DogPlan, Make, Simulation
from sim.engine.labelled_pictures import YARD

plans = [DogPlan("dog1", 5, 5, -1.57), DogPlan("dog2", 9, 5, -1.57, Make.LIGHT)]
pictures = opengl_backend.BACKEND != "disabled"
sim = Simulation(YARD, plans, seed=int(sys.argv[2]), pictures=pictures, script=check(json.loads(sys.argv[1])))
digest = hashlib.sha256()
while sim.elapsed < 12.0:
    for n, name in enumerate(sim.dogs):
        sim.dogs[name].command((0.5, 0.0, 0.3 - 0.5 * n), sim.now)
    sim.step()
    for name in sim.dogs:
        for sensor, every in zip(
            (Sensor.SCAN, Sensor.POINTS, Sensor.IMU, Sensor.ODOM, Sensor.CAMERA), (5, 5, 1, 2, 25), strict=True
        ):
            if sim.steps % every == 0:
                read = sim.sense(name, sensor)
                read = getattr(read, "ranges", read)
                digest.update(read.tobytes() if isinstance(read, np.ndarray) else repr(read).encode())
print(json.dumps([sim.trace, digest.hexdigest(), sim.events(), sim.truths]))
"""


def eventful() -> list[dict[str, object]]:
    """Each kind of happening, a third of a second after the one before; names and dogs as the yard has them."""
    story = [dict(entry) for entry in AN_ENTRY_OF_EACH_KIND]
    for number, entry in enumerate(story):
        entry["at"] = 0.5 + number / 3
        if entry["do"] == "door":
            entry["name"] = "cabinet_1"
        if "x" in entry:
            entry["x"] = 7.0
    return story


def run_anew(seed: int) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(eventful()), str(seed)],
        env={**os.environ, "PYTHONHASHSEED": str(seed + 7)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told: list[object] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.slow
def test_two_processes_run_the_same_story_to_the_last_bit_and_another_seed_another() -> None:
    one, other, different = run_anew(3), run_anew(3), run_anew(4)
    assert one == other
    assert one[1] != different[1]
    assert {"fell", "smoke", "gather", "lift"} <= {event["what"] for event in one[2]}  # type: ignore[attr-defined]


def test_a_tape_plays_what_was(tmp_path: Path) -> None:
    world = ROOT / "sim/worlds/station_yard/world.sdf"
    plans = (DogPlan("dog1", 5, 5, -1.57), DogPlan("dog2", 9, 5, -1.57, Make.LIGHT))
    told = check([{"at": 1, "do": "push", "dog": "dog1", "left": 9}, {"at": 900, "do": "topple", "dog": "dog1"}])
    beginning = Beginning(world, plans, 5, 1e9, Daylight.DUSK, told)
    path = tmp_path / "run.jsonl"
    tape, sim = ReplayRecorder(path, beginning), beginning.simulation(pictures=False)
    for step in range(150):
        if step % 7 == 0:
            velocity = (0.4, 0.0, 0.01 * step)
            sim.dogs["dog1"].command(velocity, sim.now)
            tape.command(step, "dog1", velocity)
        if step == 80:
            sim.story.cue(1, sim.elapsed)
            tape.cue(step, 1)
        sim.step()
    tape.end(sim)
    played = replay(path)
    assert played.same
    assert [event["what"] for event in played.simulation.events()] == ["push", "topple", "fell"]
    path.write_text(path.read_text().replace('"command": [0.4,', '"command": [0.2,'))
    assert replay(path).same is False


def test_a_run_with_pictures_is_the_same_run_as_one_without(opengl: None) -> None:
    world = ROOT / "sim/worlds/station_yard/world.sdf"
    traces = []
    for pictures in (True, False):
        sim = Beginning(world, (DogPlan("dog1", 5, 5, -1.57),), 5).simulation(pictures)
        for step in range(100):
            sim.dogs["dog1"].command((0.5, 0.0, 0.2), sim.now)
            sim.step()
            if step % 10 == 0:
                sim.sense("dog1", Sensor.CAMERA)
        sim.close()
        traces.append(sim.trace)
    assert traces[0] == traces[1]


def test_a_tape_that_was_cut_off_plays_as_far_as_it_goes_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    tape = ReplayRecorder(path, Beginning(ROOT / "sim/worlds/station_yard/world.sdf", (DogPlan("dog1", 5, 5, 0),)))
    tape.command(20, "dog1", (0.1, 0.0, 0.0))
    tape._file.close()
    path.write_text(path.read_text() + '{"step": 40, "do')
    played = replay(path)
    assert played.same is None
    assert played.simulation.steps == 20
    path.write_text('{"step": 3}\n')
    with pytest.raises(MalformedReplay, match="line 1: not the beginning"):
        replay(path)


def test_a_dog_that_stood_walks_on_as_where_nothing_is_passed_over_for_standing_still() -> None:
    world = ROOT / "sim/worlds/station_yard/world.sdf"
    plans = (DogPlan("dog1", 5, 5, -1.57), DogPlan("dog2", 9, 5, -1.57, Make.LIGHT))
    traces = []
    for passed_over in (True, False):
        sim = Beginning(world, plans, 5).simulation(pictures=False)
        sim.model.opt.enableflags = sim.model.opt.enableflags if passed_over else 0
        for step in range(250):
            for name in sim.dogs:
                sim.dogs[name].command((0.5 if step > 150 else 0.0, 0.0, 0.0), sim.now)
            sim.step()
        posed = mujoco.MjData(sim.model)
        posed.qpos, posed.mocap_pos, posed.mocap_quat = sim.data.qpos, sim.data.mocap_pos, sim.data.mocap_quat
        sim.model.opt.enableflags = 0
        mujoco.mj_kinematics(sim.model, posed)
        assert np.array_equal(posed.geom_xpos, sim.data.geom_xpos)  # of those who walk about, too
        traces.append(sim.trace)
    assert traces[0] == traces[1]
