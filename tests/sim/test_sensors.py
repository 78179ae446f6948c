"""What the dog's sensors say, against what is so."""

import math

import numpy as np
import pytest

from sim.engine.sensors import Accumulator
from sim.engine.simulation import DogPlan, Make, Simulation
from tests.sim.conftest import Room, box, person

LIGHT = DogPlan("dog1", 0.0, 0.0, 0.0, Make.LIGHT)
WALLS = (box("east", "5.5 0 1 0 0 0", "1 40 2"), box("north", "0 8.5 1 0 0 0", "40 1 2"))


def test_the_lidar_measures_a_room_as_geometry_does(room: Room) -> None:
    sim = room(*WALLS, dogs=(LIGHT,))
    scan = sim.dogs["dog1"].lidar.measure(sim.data)
    angles = scan.angle_min + scan.angle_increment * np.arange(len(scan.ranges))
    assert len(angles) == 360
    with np.errstate(divide="ignore"):
        east = np.where(np.cos(angles) > 1e-6, 5 / np.cos(angles), math.inf)
        north = np.where(np.sin(angles) > 1e-6, 8 / np.sin(angles), math.inf)
    true = np.minimum(east, north)
    seen = true < 19.0  # the walls' own length; beyond, beams pass them by
    assert np.abs(scan.ranges[seen] - true[seen]).max() < 0.06
    assert np.isinf(scan.ranges[true == math.inf]).all(), "the dog sees itself, or what is not there"


def test_the_lidar_sees_people_and_other_dogs(room: Room) -> None:
    other = DogPlan("dog2", 0.0, -3.0, 0.0, Make.LIGHT)
    sim = room(person("ann", [(4.0, 0.0), (4.0, 0.1)], 0.0), dogs=(LIGHT, other))
    sim.step()
    ranges = sim.dogs["dog1"].lidar.measure(sim.data).ranges
    assert ranges[180] == pytest.approx(4.0 - 0.22, abs=0.05)
    assert np.isfinite(ranges).sum() < 20, "a dog of the same height hides under the beam; little else is here"


def test_odometry_drifts_a_little_and_starts_at_zero(room: Room) -> None:
    sim = room(dogs=(DogPlan("dog1", 3.0, 4.0, 1.0, Make.LIGHT),))
    dog = sim.dogs["dog1"]
    for _ in range(1000):
        dog.command((0.6, 0.0, 0.0), sim.now)
        sim.step()
    x, y, _ = dog.place(sim.data)
    walked, told = math.hypot(x - 3, y - 4), dog.legs.odometry()
    assert math.hypot(told.x, told.y) == pytest.approx(walked, rel=0.05)
    assert math.hypot(told.x, told.y) != pytest.approx(walked, rel=1e-6)
    assert abs(told.theta) < 0.3


def test_the_imu_knows_down(room: Room) -> None:
    sim = room(dogs=(LIGHT,))
    sim.step()
    imu = sim.dogs["dog1"].legs.inertial(sim.data)
    assert imu.force == pytest.approx((0, 0, 9.81), abs=0.3)
    assert sum(v * v for v in imu.orientation) == pytest.approx(1.0)


def test_the_battery_drains_with_effort_and_fills_at_a_dock() -> None:
    walking, resting, docked = Accumulator(0.5), Accumulator(0.5), Accumulator(0.5)
    for _ in range(600):
        walking.update(0.8, False, 1.0)
        resting.update(0.0, False, 1.0)
        docked.update(0.0, True, 1.0)
    assert walking.read().charge < resting.read().charge < 0.5 < docked.read().charge
    assert docked.read().charging
    assert docked.read().current > 0 > walking.read().current


def test_no_effort_charges_a_dog_that_walks_past_its_dock() -> None:
    battery = Accumulator(0.5)
    battery.update(0.8, True, 1.0)
    assert not battery.read().charging


def test_the_camera_sees_a_person_where_geometry_says(room: Room, opengl: None) -> None:
    sim: Simulation = room(person("ann", [(5.0, 1.0), (5.0, 1.1)], 0.0), dogs=(LIGHT,), pictures=True)
    sim.step()
    picture = sim.photograph("dog1").astype(int)
    sim.people[0][0].vanish(sim.data)
    sim.people.clear()
    sim.step()
    without = sim.photograph("dog1").astype(int)
    rows, columns = np.nonzero(np.abs(picture - without).sum(axis=2) > 60)
    focal, forward = sim.dogs["dog1"].camera.focal, 5.0 - 0.33
    assert picture.shape == (480, 640, 3)
    assert np.median(columns) == pytest.approx(320 - focal * 1.0 / forward, abs=6)
    assert np.percentile(rows, 99) == pytest.approx(240 + focal * 0.46 / forward, abs=8)
    assert np.percentile(rows, 1) == pytest.approx(240 - focal * (1.75 - 0.46) / forward, abs=8)
