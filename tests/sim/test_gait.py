"""How the dog walks."""

import math

import numpy as np
import pytest

from sim.engine.dog_bodies import body_pose
from sim.engine.gait import LEVEL, OFFSET, REACH, SHIN, STAND_BEND, THIGH, Trot, leg_angles
from sim.engine.simulation import DogPlan, Make, Simulation
from sim.engine.transforms import roll_pitch_yaw
from tests.sim.conftest import Room, box

COMMANDS = [(0.5, 0.0, 0.0), (0.8, 0.0, 0.0), (-0.3, 0.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.0, 0.5)]
DOG = DogPlan("dog1", 0.0, 0.0, 0.0)


def walk(sim: Simulation, command: tuple[float, float, float], seconds: float) -> float:
    """Walk and return the largest tilt in radians."""
    dog, worst = sim.dogs["dog1"], 0.0
    for _ in range(round(seconds / 0.02)):
        dog.command(command, sim.now)
        sim.step()
        roll, pitch, _ = roll_pitch_yaw(body_pose(sim.data, dog.body.root))
        worst = max(worst, abs(roll), abs(pitch))
    return worst


@pytest.mark.parametrize("make", list(Make))
@pytest.mark.parametrize(
    "command", [(0.5, 0.0, 0.0), (0.8, 0.0, 0.0), (-0.3, 0.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.0, 0.5)]
)
def test_the_dog_goes_as_it_is_told(room: Room, command: tuple[float, float, float], make: Make) -> None:
    sim = room(dogs=(DogPlan("dog1", 0.0, 0.0, 0.0, make),))
    worst = walk(sim, command, 2.0)
    before = sim.dogs["dog1"].place(sim.data)
    way, turn = 0.0, 0.0
    for _ in range(20):
        worst = max(worst, walk(sim, command, 0.2))
        after = sim.dogs["dog1"].place(sim.data)
        heading = before[2] + math.remainder(after[2] - before[2], math.tau) / 2
        way += (after[0] - before[0]) * math.cos(heading) + (after[1] - before[1]) * math.sin(heading)
        turn += math.remainder(after[2] - before[2], math.tau)
        before = after
    assert way / 4 == pytest.approx(command[0], abs=0.05)
    assert turn / 4 == pytest.approx(command[2], abs=0.06)
    assert math.degrees(worst) < 6
    assert sim.report()["dog1"]["falls"] == 0


def test_a_dog_that_is_told_to_stand_stands_still(room: Room) -> None:
    sim = room(dogs=(DOG,))
    walk(sim, (0.6, 0.0, 0.0), 2.0)
    walk(sim, (0.0, 0.0, 0.0), 1.5)
    before, joints = sim.dogs["dog1"].place(sim.data), sim.data.qpos[7:].copy()
    walk(sim, (0.0, 0.0, 0.0), 3.0)
    assert sim.dogs["dog1"].place(sim.data) == pytest.approx(before, abs=0.01)
    assert np.abs(sim.data.qpos[7:] - joints).max() < 0.02, "it marches on the spot"


def test_a_dog_that_hears_no_more_commands_stops(room: Room) -> None:
    sim = room(dogs=(DOG,))
    walk(sim, (0.6, 0.0, 0.0), 1.0)
    for _ in range(100):
        sim.step()
    before = sim.dogs["dog1"].place(sim.data)
    for _ in range(50):
        sim.step()
    assert sim.dogs["dog1"].place(sim.data) == pytest.approx(before, abs=0.01)


def test_the_stand_is_where_all_joints_are_zero() -> None:
    assert leg_angles(0.0, OFFSET, -REACH, 1.0) == pytest.approx((0, 0, 0), abs=1e-9)
    assert leg_angles(0.0, -OFFSET, -REACH, -1.0) == pytest.approx((0, 0, 0), abs=1e-9)


@pytest.mark.parametrize("foot", [(0.05, 0.08, -0.3), (-0.1, 0.02, -0.33), (0.0, 0.055, -0.25)])
def test_inverse_kinematics_brings_the_foot_to_its_place(foot: tuple[float, float, float]) -> None:
    roll, pitch, knee = leg_angles(*foot, 1.0)
    thigh, shin = pitch + STAND_BEND, pitch + knee - STAND_BEND
    x = -THIGH * math.sin(thigh) - SHIN * math.sin(shin)
    down = THIGH * math.cos(thigh) + SHIN * math.cos(shin)
    y = OFFSET * math.cos(roll) + down * math.sin(roll)
    z = OFFSET * math.sin(roll) - down * math.cos(roll)
    assert (x, y, z) == pytest.approx(foot, abs=1e-9)


def test_a_place_out_of_reach_is_drawn_near_and_not_refused() -> None:
    assert all(map(math.isfinite, leg_angles(2.0, 1.0, -3.0, 1.0)))


def test_a_standing_trot_keeps_all_joints_at_zero() -> None:
    assert np.abs(Trot().update((0.0, 0.0, 0.0), LEVEL, 0.02)).max() < 1e-9


def ramp(degrees: float) -> str:
    """A board of 6 x 4 metres that rises from x = 1.5."""
    angle, length, thick = math.radians(degrees), 6.0, 0.2
    x = 1.5 + length / 2 * math.cos(angle) + thick / 2 * math.sin(angle)
    z = length / 2 * math.sin(angle) - thick / 2 * math.cos(angle)
    return box("ramp", f"{x} 0 {z} 0 {-angle} 0", f"{length} 4 {thick}")


def test_the_dog_walks_up_a_ramp_of_eight_degrees(room: Room) -> None:
    sim = room(ramp(8.0), dogs=(DOG,))
    walk(sim, (0.6, 0.0, 0.0), 8.0)
    x, y, _ = sim.dogs["dog1"].place(sim.data)
    assert x > 4.0
    assert abs(y) < 0.4
    assert sim.data.xpos[sim.dogs["dog1"].body.root][2] > 0.38 + math.tan(math.radians(8)) * (x - 1.5) - 0.06
    assert sim.report()["dog1"]["falls"] == sim.report()["dog1"]["collisions"] == 0


@pytest.mark.parametrize("speed", [0.5, 0.8])
def test_the_dog_steps_up_and_down_a_kerb_of_five_centimetres(room: Room, speed: float) -> None:
    sim = room(box("kerb", "2.5 0 0.025 0 0 0.2", "2 6 0.05"), dogs=(DOG,))
    walk(sim, (speed, 0.0, 0.0), 5.0 / speed)
    assert sim.dogs["dog1"].place(sim.data)[0] > 4.0
    assert sim.report()["dog1"]["falls"] == 0
    assert sim.report()["dog1"]["collisions"] == 0, "a step is no collision"


def test_a_light_dog_follows_a_ramp_up_and_leans_with_it(room: Room) -> None:
    sim = room(ramp(6.0), dogs=(DogPlan("dog1", 0.0, 0.0, 0.0, Make.LIGHT),))
    worst = walk(sim, (0.6, 0.0, 0.0), 8.0)
    x = sim.dogs["dog1"].place(sim.data)[0]
    assert x > 3.5
    height = sim.data.xpos[sim.dogs["dog1"].body.root][2] - 0.386
    assert height == pytest.approx(math.tan(math.radians(6)) * (x - 1.5), abs=0.03)
    assert math.degrees(worst) == pytest.approx(6.0, abs=1.5)
    assert sim.report()["dog1"]["collisions"] == 0


def test_a_light_dog_in_a_world_with_slopes_still_stops_at_a_wall(room: Room) -> None:
    sim = room(ramp(6.0), box("wall", "-2 0 1 0 0 0", "1 6 2"), dogs=(DogPlan("dog1", 0.0, 0.0, math.pi, Make.LIGHT),))
    walk(sim, (0.6, 0.0, 0.0), 5.0)
    assert sim.report()["dog1"]["collisions"] == 1
    assert sim.dogs["dog1"].place(sim.data)[0] > -1.3
