"""What comes out of a dog's sensors when they fail."""

import math
from typing import Any

import numpy as np
import pytest

from sim.engine.script import CAN_FAIL_SO, Fault, Sensor
from sim.engine.simulation import DogPlan, Make, Simulation
from tests.sim.conftest import Room, box

LIGHT = DogPlan("dog1", 0.0, 0.0, 0.0, Make.LIGHT)
WALL = box("wall", "3 0 1 0 0 0", "0.2 8 2")


def faulty(sensor: str, fault: str, **more: Any) -> dict[str, Any]:
    return {"at": 1, "do": "sensor", "dog": "dog1", "sensor": sensor, "fault": fault, **more}


def walk(sim: Simulation, seconds: float, speed: float = 0.3) -> None:
    for _ in range(round(seconds / 0.02)):
        sim.dogs["dog1"].command((speed, 0.0, 0.0), sim.now)
        sim.step()


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)


@pytest.mark.parametrize("sensor", ["scan", "points", "imu", "odom", "battery"])
def test_a_silent_sensor_says_nothing_until_it_is_mended(room: Room, sensor: str) -> None:
    sim = room(WALL, dogs=(LIGHT,), script=(faulty(sensor, "silent", seconds=1),))
    heard = []
    for _ in range(3):
        walk(sim, 0.98)
        heard.append(sim.sense("dog1", Sensor(sensor)) is not None)
        walk(sim, 0.02)
    assert heard == [True, False, True]
    assert [e["what"] for e in sim.events()] == ["sensor", "sensor_ended"]


@pytest.mark.parametrize("sensor", ["scan", "points", "imu", "odom"])
def test_a_frozen_sensor_says_the_same_again(room: Room, sensor: str) -> None:
    sim = room(WALL, dogs=(LIGHT,), script=(faulty(sensor, "frozen"),))
    walk(sim, 0.9)
    last = sim.sense("dog1", Sensor(sensor))
    for _ in range(3):
        walk(sim, 0.2)
        assert same(sim.sense("dog1", Sensor(sensor)), last)


def test_a_noisy_lidar_still_sees_the_wall_but_badly(room: Room) -> None:
    sim = room(WALL, dogs=(LIGHT,), script=(faulty("scan", "noisy"),))
    walk(sim, 1.1, 0.0)
    ahead = sim.sense("dog1", Sensor.SCAN).ranges[170:190]
    assert np.std(ahead) > 0.1
    assert np.median(ahead) == pytest.approx(2.9, abs=0.4)


def test_a_covered_lidar_sees_its_hood(room: Room) -> None:
    sim = room(dogs=(LIGHT,), script=(faulty("scan", "covered"),))
    walk(sim, 1.1, 0.0)
    assert sim.sense("dog1", Sensor.SCAN).ranges == pytest.approx(np.full(360, 0.2), abs=0.06)


def test_a_covered_lidar_of_many_rings_sees_its_hood_and_a_noisy_one_things_that_are_not_there(room: Room) -> None:
    script = (faulty("points", "covered", seconds=1), {**faulty("points", "noisy"), "at": 3})
    sim = room(dogs=(LIGHT,), script=script)
    walk(sim, 1.1, 0.0)
    assert np.linalg.norm(sim.sense("dog1", Sensor.POINTS), axis=2) == pytest.approx(np.full((16, 360), 0.2), abs=0.06)
    walk(sim, 1.0, 0.0)
    sound = sim.sense("dog1", Sensor.POINTS)
    assert np.isnan(sound[-1]).all(), "the highest ring looks into the sky"
    walk(sim, 1.1, 0.0)
    noisy = sim.sense("dog1", Sensor.POINTS)
    assert np.nanstd(noisy[0, :, 2]) > 10 * np.nanstd(sound[0, :, 2])
    assert 0.1 < np.isfinite(noisy[-1, :, 0]).mean() < 0.3


def test_a_slipping_dog_believes_that_it_went_further(room: Room) -> None:
    sim = room(dogs=(LIGHT,), script=(faulty("odom", "slip"),))
    walk(sim, 1.0)
    walk(sim, 4.0)
    walked, told = sim.dogs["dog1"].place(sim.data)[0], sim.sense("dog1", Sensor.ODOM)
    assert told.x > 1.3 * walked
    assert told.velocity[0] > 0.4


def test_noise_is_as_strong_as_it_is_told(room: Room) -> None:
    spread = []
    for strength in (1.0, 4.0):
        sim = room(dogs=(LIGHT,), script=(faulty("imu", "noisy", strength=strength),))
        walk(sim, 1.1, 0.0)
        spread.append(np.std([sim.sense("dog1", Sensor.IMU).turning[2] for _ in range(200)]))
    assert spread[0] == pytest.approx(0.3, rel=0.3)
    assert spread[1] == pytest.approx(1.2, rel=0.3)


def test_one_sensors_fault_leaves_the_noise_of_the_others_as_it_was(room: Room) -> None:
    told = []
    for script in ((), (faulty("imu", "noisy"), faulty("odom", "silent"))):
        sim = room(WALL, dogs=(LIGHT,), script=script)
        walk(sim, 1.5)
        sim.sense("dog1", Sensor.IMU)
        told.append(np.append(sim.sense("dog1", Sensor.SCAN).ranges, sim.sense("dog1", Sensor.POINTS)))
    assert np.array_equal(*told, equal_nan=True)


def test_a_battery_that_fails_drains_fast_and_one_that_is_told_its_charge_has_it(room: Room) -> None:
    script = (
        {"at": 1, "do": "battery", "dog": "dog1", "charge": 0.5},
        {"at": 1, "do": "battery", "dog": "dog1", "drain": 500},
    )
    sim = room(dogs=(LIGHT,), script=script)
    walk(sim, 1.02, 0.0)
    assert sim.sense("dog1", Sensor.BATTERY).charge == pytest.approx(0.5, abs=0.01)
    walk(sim, 10.0, 0.0)
    assert sim.sense("dog1", Sensor.BATTERY).charge < 0.35


def test_a_wrong_clock_is_wrong_by_as_much_as_it_is_told(room: Room) -> None:
    sim = room(dogs=(LIGHT,), script=({"at": 1, "do": "clock", "dog": "dog1", "offset": -90, "seconds": 1},))
    offsets = []
    for _ in range(3):
        walk(sim, 0.98)
        offsets.append(sim.dogs["dog1"].faults.clock_offset)
        walk(sim, 0.02)
    assert offsets == [0.0, -90.0, 0.0]


def test_a_covered_camera_is_dark_and_a_frozen_one_sees_nothing_new(room: Room, opengl: None) -> None:
    sim = room(
        WALL,
        dogs=(LIGHT,),
        script=(faulty("camera", "covered", seconds=1), {**faulty("camera", "frozen"), "at": 3}),
        pictures=True,
    )
    walk(sim, 1.5, 0.0)
    assert sim.sense("dog1", Sensor.CAMERA).mean() < 8
    walk(sim, 1.0, 0.0)
    last = sim.sense("dog1", Sensor.CAMERA)
    assert last.mean() > 40
    walk(sim, 1.0)
    assert np.array_equal(sim.sense("dog1", Sensor.CAMERA), last)


def test_a_depth_camera_measures_along_its_axis(room: Room, opengl: None) -> None:
    sim = room(WALL, dogs=(LIGHT,), script=(faulty("depth", "covered"),), pictures=True)
    walk(sim, 0.5, 0.0)
    metres = sim.sense("dog1", Sensor.DEPTH)
    assert metres.dtype == np.float32
    assert np.median(metres[200:240, 300:340]) == pytest.approx(2.9 - 0.33, abs=0.03)
    assert np.median(metres[200:240, 100:140]) == pytest.approx(2.9 - 0.33, abs=0.03), "not along the ray"
    assert math.isinf(metres[2, 320])
    walk(sim, 1.0, 0.0)
    assert np.isnan(sim.sense("dog1", Sensor.DEPTH)).all()


def test_every_pair_of_sensor_and_fault_can_be_run(room: Room, opengl: None) -> None:
    pairs = [(s, f) for f in Fault for s in CAN_FAIL_SO[f]]
    for sensor, fault in pairs:
        sim = room(dogs=(LIGHT,), script=({**faulty(sensor, fault), "at": 0},), pictures=sensor in ("camera", "depth"))
        sim.step()
        assert (sim.sense("dog1", sensor) is None) == (fault is Fault.SILENT)
