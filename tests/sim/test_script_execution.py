"""What a script makes happen, as truth, lidar and camera have it."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine.script import MalformedScript, Sensor
from sim.engine.simulation import DogPlan, Make, Simulation
from tests.sim.conftest import Room, box

LIGHT = DogPlan("dog1", 0.0, 0.0, 0.0, Make.LIGHT)
LEGGED = DogPlan("dog1", 0.0, 0.0, 0.0)
AHEAD = 180  # the beam that looks ahead


def run(sim: Simulation, seconds: float) -> None:
    for _ in range(round(seconds / 0.02)):
        sim.step()


def ahead(sim: Simulation) -> float:
    sim.step()
    return float(sim.sense("dog1", Sensor.SCAN).ranges[AHEAD])


def person(*points: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"at": 0.5, "do": "person", "name": "ann", "way": list(points), **more}


def test_a_person_comes_walks_lies_and_leaves(room: Room) -> None:
    way = person(
        {"x": 4, "y": 3}, {"x": 4, "y": 0, "act": "lie", "seconds": 2}, {"x": 4, "y": 6, "go": "run"}, then="leave"
    )
    sim = room(dogs=(LIGHT,), script=(way,))
    run(sim, 0.4)
    assert sim.truth()["people"] == {}
    run(sim, 1.5)
    assert sim.truth()["people"]["ann"][3] == "walking"
    run(sim, 2.5)
    x, y, _, doing = sim.truth()["people"]["ann"]
    assert (x, y, doing) == (4, 0, "lying")
    run(sim, 2.5)
    assert sim.truth()["people"]["ann"][3] == "running"
    run(sim, 3.0)
    assert sim.truth()["people"] == {}
    assert sim.events()[0]["t"] == 0.5
    assert sim.events()[-1]["what"] == "left"


def test_people_stand_lie_and_walk_on_the_ground_that_is_there(room: Room) -> None:
    terrace = box("terrace", "4 0 0.15 0 0 0", "4 4 0.3"), box("roof", "4 0 2.3 0 0 0", "4 4 0.2")
    lies = person({"x": 4, "y": -1, "act": "lie", "seconds": 60}, name="lies")
    climbs = person({"x": 4, "y": 5}, {"x": 4, "y": 1}, {"x": 4, "y": 5})
    wall = box("wall", "-4 2 0.5 0 0 0", "4 0.4 1")
    passes = person({"x": -4, "y": 5}, {"x": -4, "y": 0}, name="passes")
    sim = room(*terrace, wall, dogs=(LIGHT,), script=(lies, climbs, passes))
    run(sim, 0.6)
    heights = {figure.name: walker.stance.z for figure, walker in sim.people}
    assert heights == {"lies": 0.3, "ann": 0.0, "passes": 0.0}
    hull = next(figure.hull_geom for figure, _ in sim.people if figure.name == "lies")
    assert sim.data.geom_xpos[hull][2] == pytest.approx(0.3 + 0.1, abs=0.01)
    seen = set()
    for _ in range(14):
        run(sim, 0.5)
        seen.add(tuple(walker.stance.z for figure, walker in sim.people if figure.name in ("ann", "passes")))
    assert seen == {(0.0, 0.0), (0.3, 0.0)}, "up the kerb and down again; nobody climbs a wall"


def test_who_stands_is_in_the_lidar_and_who_lies_is_under_its_beam_but_in_the_way(room: Room) -> None:
    sim = room(dogs=(LIGHT,), script=(person({"x": 3, "y": 0, "seconds": 1}, {"x": 3, "y": 0.1, "act": "lie"}),))
    run(sim, 1.0)
    assert ahead(sim) == pytest.approx(3 - 0.22, abs=0.05)
    run(sim, 2.0)
    assert ahead(sim) == math.inf
    for _ in range(300):
        sim.dogs["dog1"].command((0.6, 0.0, 0.0), sim.now)
        sim.step()
    assert sim.report()["dog1"]["collided_with"][0]["with"] == "ann"


def test_who_loiters_stays_about_his_place_and_moves(room: Room) -> None:
    sim = room(script=(person({"x": 3, "y": 0, "act": "loiter"}),))
    places = []
    for _ in range(40):
        run(sim, 0.5)
        places += [p[:2] for p in sim.truth()["people"].values()]
    off = np.hypot(*(np.array(places) - (3, 0)).T)
    assert off.max() < 1.0
    assert len({tuple(p) for p in places}) > 10


def test_a_person_who_is_there_already_goes_a_new_way_from_where_he_is(room: Room) -> None:
    second = {"at": 2, "do": "person", "name": "ann", "way": [{"x": 4, "y": 9}]}
    sim = room(script=(person({"x": 4, "y": 3}), second))
    run(sim, 3.0)
    assert sim.truth()["people"]["ann"][1] == pytest.approx(3.9, abs=0.4)


def test_people_gather_face_the_middle_and_go_back(room: Room) -> None:
    crowd = {
        "at": 0,
        "do": "gather",
        "name": "crowd",
        "x": 3,
        "y": 0,
        "sources": [[6, 0], [6, 2]],
        "count": 4,
        "seconds": 5,
    }
    sim = room(script=(crowd,))
    run(sim, 6.0)
    people = sim.truth()["people"]
    assert set(people) == {f"crowd_{n}" for n in (1, 2, 3, 4)}
    for x, y, theta, _ in people.values():
        assert math.hypot(x - 3, y) == pytest.approx(1.2, abs=0.1)
        assert math.remainder(math.atan2(-y, 3 - x) - theta, math.tau) == pytest.approx(0, abs=0.1)
    run(sim, 12.0)
    assert sim.truth()["people"] == {}


def test_a_vehicle_drives_yields_and_parks_where_it_was_told(room: Room) -> None:
    van = {"at": 0, "do": "vehicle", "name": "van", "model": "police_van", "way": [{"x": 14, "y": 0}, {"x": 3, "y": 0}]}
    sim = room(dogs=(LIGHT,), script=(van,))
    run(sim, 8.0)
    assert sim.truth()["vehicles"]["van"][0] > 4.0, "it halts before the dog"
    assert sim.report()["dog1"]["collisions"] == 0
    free = room(dogs=(LIGHT,), script=({**van, "yields": False, "way": [{"x": 14, "y": 4}, {"x": 3, "y": 4}]},))
    run(free, 8.0)
    assert free.truth()["vehicles"]["van"][:2] == pytest.approx([3, 4], abs=0.1)
    assert {k: free.events()[-1][k] for k in ("what", "name", "y")} == {"what": "parked", "name": "van", "y": 4}
    assert free.sense("dog1", Sensor.SCAN).ranges[AHEAD + 53] < 5.0


def test_things_come_move_and_go_for_the_lidar(room: Room) -> None:
    script = (
        {"at": 1, "do": "thing", "name": "bag", "x": 3, "y": 0},
        {"at": 2, "do": "move", "name": "bag", "x": 5, "y": 0, "seconds": 1},
        {"at": 4, "do": "remove", "name": "bag"},
        {"at": 5, "do": "block", "name": "tape", "x": 2, "y": 0, "seconds": 1},
    )
    sim = room(dogs=(LIGHT,), script=script)
    told = []
    for _ in range(7):
        run(sim, 0.5)
        told.append(ahead(sim))
        run(sim, 0.48)
    inf = math.inf
    assert told == pytest.approx([inf, 2.82, 3.84, 4.82, inf, 1.95, inf], abs=0.1)


def test_a_door_of_the_world_opens_about_its_hinge_and_shuts(room: Room) -> None:
    door = """<model name="door"><static>true</static><pose>2 -0.6 0 0 0 1.5708</pose><link name="link">
    <collision name="c"><pose>0.6 0 1 0 0 0</pose><geometry><box><size>1.2 0.06 2</size></box></geometry></collision>
    </link></model>"""
    script = (
        {"at": 1, "do": "door", "name": "door", "state": "open"},
        {"at": 5, "do": "door", "name": "door", "state": "shut", "seconds": 1},
    )
    sim = room(door, dogs=(LIGHT,), script=script)
    assert ahead(sim) == pytest.approx(2, abs=0.1)
    run(sim, 4.0)
    assert ahead(sim) == math.inf
    run(sim, 3.0)
    assert ahead(sim) == pytest.approx(2, abs=0.1)


def test_a_model_of_the_world_can_be_moved_and_is_in_place_until_then(room: Room) -> None:
    crate = box("crate", "3 0 0.5 0 0 0", "1 1 1")
    sim = room(crate, dogs=(LIGHT,), script=({"at": 1, "do": "move", "name": "crate", "x": 4, "y": 0, "z": 0.5},))
    assert ahead(sim) == pytest.approx(2.5, abs=0.05)
    run(sim, 1.0)
    assert ahead(sim) == pytest.approx(3.5, abs=0.05)


def test_smoke_scatters_the_lidar_and_is_gone_when_it_ends(room: Room) -> None:
    smoke = {"at": 0, "do": "smoke", "name": "smoke", "x": 4, "y": 0, "seconds": 6}
    sim = room(box("wall", "8 0 1 0 0 0", "0.2 20 2"), dogs=(LIGHT,), script=(smoke,))
    run(sim, 5.0)
    told = [sim.sense("dog1", Sensor.SCAN).ranges[AHEAD] for _ in range(60)]
    assert sum(3.0 < r < 5.0 for r in told) > 20
    assert sim.truth()["things"]["smoke"][:2] == [4, 0]
    run(sim, 2.0)
    assert ahead(sim) == pytest.approx(7.9, abs=0.05)
    assert [e["what"] for e in sim.events()] == ["smoke", "smoke_ended"]


def test_fog_shortens_the_lidar_until_it_lifts(room: Room) -> None:
    script = ({"at": 1, "do": "fog", "visibility": 10}, {"at": 2, "do": "fog"})
    sim = room(box("wall", "8 0 1 0 0 0", "0.2 20 2"), dogs=(LIGHT,), script=script)
    told = []
    for _ in range(3):
        run(sim, 0.5)
        told.append(ahead(sim))
        run(sim, 0.48)
    assert told == pytest.approx([7.9, math.inf, 7.9], abs=0.1)


def pictures(sim: Simulation, *times: float) -> list[NDArray[np.uint8]]:
    shots = []
    for at in times:
        while sim.elapsed < at:
            sim.step()
        shots.append(sim.sense("dog1", Sensor.CAMERA))
    return shots


def differing(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float((np.abs(one.astype(int) - other).sum(axis=2) > 60).mean())


@pytest.mark.parametrize(
    ("happening", "least"),
    [
        ({"do": "smoke", "name": "s", "x": 5, "y": 0}, 0.02),
        ({"do": "fire", "name": "f", "x": 4, "y": 0}, 0.005),
        ({"do": "fog", "visibility": 8}, 0.2),
        ({"do": "light", "light": "night"}, 0.5),
        ({"do": "thing", "name": "bag", "x": 3, "y": 0}, 0.003),
        ({"do": "vehicle", "name": "v", "way": [{"x": 8, "y": 0}]}, 0.01),
        ({"do": "block", "name": "b", "x": 4, "y": 0}, 0.01),
        ({"do": "person", "name": "p", "way": [{"x": 4, "y": 0, "act": "lie"}]}, 0.002),
        ({"do": "sensor", "dog": "dog1", "sensor": "camera", "fault": "covered"}, 0.8),
    ],
    ids=lambda value: value["do"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_the_camera_sees_what_happens(room: Room, opengl: None, happening: dict[str, Any], least: float) -> None:
    sim = room(
        box("wall", "12 0 2 0 0 0", "0.2 40 4"), dogs=(LIGHT,), script=({"at": 0.5, **happening},), pictures=True
    )
    before, after = pictures(sim, 0.2, 4.0)
    assert differing(before, after) > least


def test_flames_flicker_and_smoke_drifts(room: Room, opengl: None) -> None:
    sim = room(dogs=(LIGHT,), script=({"at": 0, "do": "fire", "name": "f", "x": 3, "y": 0},), pictures=True)
    one, other = pictures(sim, 4.0, 4.1)
    assert differing(one, other) > 0.001


def test_a_pushed_dog_is_moved_and_keeps_its_feet(room: Room) -> None:
    sim = room(dogs=(LEGGED,), script=({"at": 1, "do": "push", "dog": "dog1", "left": 12},))
    run(sim, 1.0)
    before = sim.dogs["dog1"].place(sim.data)
    run(sim, 0.3)
    assert sim.dogs["dog1"].place(sim.data)[1] - before[1] > 0.03
    run(sim, 2.0)
    assert sim.report()["dog1"]["falls"] == 0


def test_a_toppled_dog_lies_is_told_of_and_gets_up(room: Room) -> None:
    sim = room(dogs=(LEGGED,), script=({"at": 1, "do": "topple", "dog": "dog1"},))
    run(sim, 2.0)
    assert sim.dogs["dog1"].body.fallen(sim.data)
    run(sim, 4.0)
    assert not sim.dogs["dog1"].body.fallen(sim.data)
    assert [e["what"] for e in sim.events()] == ["topple", "fell", "got_up"]


@pytest.mark.parametrize("plan", [LEGGED, LIGHT], ids=["legged", "light"])
def test_a_lifted_dog_is_elsewhere_and_its_odometry_does_not_know(room: Room, plan: DogPlan) -> None:
    lift = {"at": 1, "do": "lift", "dog": "dog1", "x": 5, "y": -3, "theta": 2, "seconds": 1.5}
    sim = room(dogs=(plan,), script=(lift,))
    run(sim, 4.0)
    assert sim.dogs["dog1"].place(sim.data) == pytest.approx((5, -3, 2), abs=0.05)
    told = sim.sense("dog1", Sensor.ODOM)
    assert math.hypot(told.x, told.y) < 0.1
    assert sim.report()["dog1"]["falls"] == 0


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"do": "push", "dog": "dog9", "left": 1}, "there is no dog 'dog9'; there are dog1"),
        ({"do": "topple", "dog": "dog1"}, "light body, which cannot fall"),
        ({"do": "door", "name": "gat", "state": "open"}, "no model 'gat' to door; did you mean 'gate'"),
        ({"do": "remove", "name": "bag"}, "no thing 'bag' to remove"),
        ({"do": "thing", "name": "gate", "x": 1, "y": 1}, "'gate' is already the name of something else"),
        ({"do": "vehicle", "name": "v", "model": "tank", "way": [{"x": 1, "y": 1}]}, "model://tank: not found"),
    ],
)
def test_a_script_that_does_not_fit_its_world_is_refused(room: Room, entry: dict[str, Any], told: str) -> None:
    with pytest.raises(MalformedScript, match=told):
        room(box("gate", "3 0 1 0 0 0", "1 1 1"), dogs=(LIGHT,), script=({"at": 1, **entry},))
