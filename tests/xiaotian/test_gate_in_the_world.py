"""Dogs that are driven with closed eyes, in the simulator: with nothing but the gate between they touch nothing, fall
off nothing, and are not held up by ramps."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from edge.types import Twist2D
from sim.engine.simulation import Make
from tests.shared import ROOT
from tests.sim.conftest import box, write_world
from tests.xiaotian.gate_walk import GateWalk

YARD = ROOT / "sim/worlds/station_yard/world.sdf"
PARK = ROOT / "sim/worlds/logistics_park/world.sdf"
COMPOUND = ROOT / "sim/worlds/residential_compound/world.sdf"
OPEN = (8.0, 4.0, 0.0)  # a place in the yard with six metres of nothing ahead
FAST, SLOW = Twist2D(1.0, 0.0, 0.0), Twist2D(0.4, 0.0, 0.0)

LIES = {"x": 10.6, "y": 4.0, "act": "lie", "seconds": 99, "theta": 1.57}
LOW = {
    "somebody who lies across the way": [{"at": 0, "do": "person", "name": "p", "way": [LIES]}],
    "a bag": [{"at": 0, "do": "thing", "name": "bag1", "x": 10.6, "y": 4.05, "model": "bag"}],
    "a bicycle": [{"at": 0, "do": "thing", "name": "bike", "x": 10.6, "y": 4.0, "theta": 1.57, "model": "bicycle"}],
}


def assert_unhurt(walk: GateWalk) -> None:
    assert walk.account.contacts == []
    assert (walk.account.falls, walk.account.drops) == (0, 0)


@pytest.mark.parametrize("name", LOW)
def test_a_driven_dog_stops_before_what_the_scan_looks_over(name: str) -> None:
    with GateWalk(YARD, OPEN, LOW[name], seed=3) as walk:
        walk.walk(FAST, 6.0)
        assert_unhurt(walk)
        assert 9.3 < walk.place[0] < 10.35
        assert walk.verdicts[-1].command.vx < 0.1


@pytest.mark.parametrize("speed", [FAST, SLOW])
def test_a_driven_dog_stops_before_another_dogs_side(speed: Twist2D) -> None:
    with GateWalk(YARD, OPEN, seed=4, others=[(10.6, 4.0, 1.57)]) as walk:
        walk.walk(speed, 8.0)
        assert_unhurt(walk)
        assert walk.place[0] > 9.3


@pytest.mark.parametrize("height", [0.12, 0.42])
@pytest.mark.parametrize("askew", [0.0, 0.6])
def test_a_driven_dog_stops_at_the_edge_of_a_platform(height: float, askew: float, tmp_path: Path) -> None:
    world = write_world(tmp_path, box("deck", f"0 0 {height / 2} 0 0 {askew}", f"5 5 {height}"))
    with GateWalk(world, (0.0, 0.0, 0.0), seed=5) as walk:
        walk.walk(FAST, 6.0)
        assert_unhurt(walk)
        assert walk.height > 0.3 + height
        assert walk.place[0] > 1.5


@pytest.mark.parametrize(
    "command", [Twist2D(-0.4, 0.0, 0.0), Twist2D(0.0, 0.3, 0.0), Twist2D(0.6, 0.0, 0.9), Twist2D(-0.4, -0.2, 0.3)]
)
def test_nor_does_it_step_off_backwards_sideways_or_turning(command: Twist2D, tmp_path: Path) -> None:
    world = write_world(tmp_path, box("deck", "0 0 0.21 0 0 0.3", "2.6 2.6 0.42"))
    with GateWalk(world, (0.0, 0.0, 0.5), seed=6) as walk:
        walk.walk(command, 8.0)
        assert_unhurt(walk)
        assert walk.height > 0.7


@pytest.mark.parametrize(
    ("world", "start", "least"),
    [
        (COMPOUND, (28.0, -22.5, math.pi), 5.5),  # up the ramp of the garden's terrace
        (PARK, (-30.5, -35.0, -math.pi / 2), 5.5),  # up that of the low platform
        (PARK, (-30.5, -44.0, math.pi / 2), 5.5),  # and down again
    ],
)
def test_ramps_are_walked_without_a_stop(world: Path, start: tuple[float, float, float], least: float) -> None:
    with GateWalk(world, start, seed=7) as walk:
        walk.walk(FAST, 7.5)
        assert_unhurt(walk)
        assert math.dist(start[:2], walk.place[:2]) > least
        assert [v.reasons for v in walk.verdicts[20:] if v.command.vx < 0.3] == []


def test_a_light_dog_is_held_as_a_legged_one_is() -> None:
    with GateWalk(YARD, OPEN, LOW["a bag"], seed=8, make=Make.LIGHT) as walk:
        walk.walk(FAST, 5.0)
        assert_unhurt(walk)
        assert 9.3 < walk.place[0] < 10.35


CHANCES = int(os.environ.get("GATE_TRIALS", "2"))  # hundreds, for who has changed the gate or the height map


def thing_by_chance(random: np.random.Generator, name: str, floor: float, side: float) -> str:
    """A stone, a bar, a dog's trunk in the air, a long low body or a post, not nearer than 1.3 m to the middle."""
    x, y = random.uniform(-side / 2, side / 2, 2)
    while math.hypot(x, y) < 1.3:
        x, y = random.uniform(-side / 2, side / 2, 2)
    low, tall, long = random.uniform(0.12, 0.3), random.uniform(0.3, 1.2), random.uniform(0.3, 1.7)
    length, width, height, above = [
        (random.uniform(0.1, 0.5), random.uniform(0.1, 0.5), low, 0.0),
        (0.06, long, low, 0.0),
        (0.54, 0.22, 0.13, 0.31),
        (0.4, 1.7, 0.22, 0.0),
        (0.06, 0.06, tall, 0.0),
    ][random.integers(5)]
    at = f"{x} {y} {floor + above + height / 2} 0 0 {random.uniform(0, 3)}"
    return box(name, at, f"{length} {width} {height}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(CHANCES))
def test_whatever_it_is_told_on_whatever_platform_it_touches_nothing_and_does_not_fall_off(
    seed: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(seed)
    floor, side = float(random.choice([0.12, 0.2, 0.42, 1.0])), float(random.uniform(3.5, 7.0))
    deck = box("deck", f"0 0 {floor / 2} 0 0 {random.uniform(0, 1.5)}", f"{side} {side} {floor}")
    things = [thing_by_chance(random, f"thing{n}", floor, side) for n in range(random.integers(3, 9))]
    with GateWalk(write_world(tmp_path, deck, *things), (0.0, 0.0, float(random.uniform(-3, 3))), seed=seed) as walk:
        for _ in range(7):
            ahead = random.uniform(0.3, 1.0) if random.random() < 0.65 else random.uniform(-0.6, 1.0)
            left = random.uniform(-0.35, 0.35) if random.random() < 0.4 else 0.0
            turn = random.uniform(-1.0, 1.0) if random.random() < 0.6 else 0.0
            walk.walk(Twist2D(float(ahead), float(left), float(turn)), 2.0)
            assert_unhurt(walk)
            assert walk.height > floor + 0.3
