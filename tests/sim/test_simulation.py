"""The world in motion."""

import hashlib
import math

import pytest

from sim.engine.contacts import Contacts
from sim.engine.opengl_backend import NoPictures
from sim.engine.simulation import DogPlan, Make, Simulation
from tests.sim.conftest import Room, box, person
from tests.sim.test_sdf import YARD
from tools.make_worlds.sdf_writing import Thing
from tools.make_worlds.shared_structures import deck, ramp

import mujoco  # isort: skip

LEGGED = DogPlan("dog1", 0.0, 0.0, 0.0)
LIGHT = DogPlan("dog1", 0.0, 0.0, 0.0, Make.LIGHT)
WALL = box("wall", "1.5 0 1 0 0 0", "1 4 2")


def drive(sim: Simulation, seconds: float, command: tuple[float, float, float] = (0.5, 0.0, 0.0)) -> None:
    for _ in range(round(seconds / 0.02)):
        for dog in sim.dogs.values():
            dog.command(command, sim.now)
        sim.step()


def trace(seed: int) -> str:
    plans = [DogPlan("dog1", 5, 9.5, -1.57), DogPlan("dog2", 9, 9.5, -1.57, Make.LIGHT)]
    sim = Simulation(YARD, plans, seed=seed, pictures=False)
    digest = hashlib.sha256()
    for _ in range(150):
        drive(sim, 0.02, (0.6, 0.0, 0.3))
        digest.update(sim.data.qpos.tobytes())
        digest.update(sim.dogs["dog1"].lidar.measure(sim.data).ranges.tobytes())
        digest.update(repr(sim.dogs["dog2"].legs.odometry()).encode())
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_world_to_the_last_bit() -> None:
    first = trace(3)
    assert first == trace(3)
    assert first != trace(4)


@pytest.mark.parametrize("plan", [LEGGED, LIGHT], ids=["legged", "light"])
def test_a_dog_that_walks_into_a_wall_has_one_collision_and_stays_outside(room: Room, plan: DogPlan) -> None:
    sim = room(WALL, dogs=(plan,))
    drive(sim, 5.0)
    told = sim.report()["dog1"]
    assert told["collisions"] == 1
    assert told["collided_with"][0]["with"] == "wall"
    assert sim.dogs["dog1"].place(sim.data)[0] < 0.85


def test_a_walk_on_free_ground_has_no_collision(room: Room) -> None:
    sim = room(WALL, dogs=(LEGGED,))
    drive(sim, 3.0, (-0.5, 0.0, 0.2))
    told = sim.report()["dog1"]
    assert told["collisions"] == told["falls"] == 0
    assert told["distance_m"] == pytest.approx(1.4, abs=0.3)
    assert len(told["path"]) == pytest.approx(7, abs=1)
    assert told["nearest_approach_m"] is None


def test_two_dogs_that_meet_both_have_a_collision(room: Room) -> None:
    sim = room(dogs=(LIGHT, DogPlan("dog2", 1.5, 0.0, math.pi, Make.LIGHT)))
    drive(sim, 3.0)
    assert [sim.report()[dog]["collisions"] for dog in ("dog1", "dog2")] == [1, 1]


def test_a_person_halts_before_a_dog_and_never_walks_into_it(room: Room) -> None:
    sim = room(person("ann", [(4.0, 0.0), (-4.0, 0.0)]), dogs=(LIGHT,))
    drive(sim, 4.0, (0.0, 0.0, 0.0))
    ann = sim.people[0][1].stance
    assert 1.2 < ann.x < 1.7
    assert sim.report()["dog1"]["collisions"] == 0
    assert 0.6 < sim.report()["dog1"]["nearest_approach_m"] < 1.1


def test_a_person_who_is_kept_waiting_turns_back(room: Room) -> None:
    sim = room(person("ann", [(4.0, 0.0), (-4.0, 0.0)]), dogs=(LIGHT,))
    drive(sim, 10.0, (0.0, 0.0, 0.0))
    assert sim.people[0][1].stance.x > 2.5


def test_a_dog_that_runs_a_person_down_is_at_fault(room: Room) -> None:
    sim = room(person("ann", [(2.0, 0.0), (2.0, 0.1)], 0.0), dogs=(LIGHT,))
    drive(sim, 5.0)
    assert sim.report()["dog1"]["collided_with"][0]["with"] == "ann"
    assert sim.report()["dog1"]["nearest_approach_m"] < 0.05


def test_a_dog_on_its_back_has_fallen_and_gets_up_again(room: Room) -> None:
    sim = room(dogs=(LEGGED,))
    drive(sim, 0.5, (0.0, 0.0, 0.0))
    sim.data.qpos[2:7] = (0.3, 0.0, 1.0, 0.0, 0.0)
    drive(sim, 4.0, (0.0, 0.0, 0.0))
    assert sim.report()["dog1"]["falls"] == 1
    assert not sim.dogs["dog1"].body.fallen(sim.data)


def test_a_command_that_is_no_number_is_to_stand(room: Room) -> None:
    sim = room(dogs=(LEGGED,))
    drive(sim, 1.0, (math.nan, 0.0, 0.0))
    assert sim.dogs["dog1"].place(sim.data)[0] == pytest.approx(0.0, abs=0.02)


def test_a_dog_at_its_dock_charges() -> None:
    sim = Simulation(YARD, [DogPlan("dog1", 5.0, 9.5, -1.5708), DogPlan("dog2", 0.0, 5.0, 0.0)], pictures=False)
    drive(sim, 0.2, (0.0, 0.0, 0.0))
    assert sim.dogs["dog1"].battery.read().charging
    assert not sim.dogs["dog2"].battery.read().charging
    assert sim.report()["dog1"]["collisions"] == 0


def test_without_pictures_no_opengl_is_touched(room: Room) -> None:
    sim = room(dogs=(LIGHT,))
    assert sim.camera_backend == "none"
    with pytest.raises(NoPictures, match="apt-get install"):
        sim.photograph("dog1")


def test_all_that_stands_still_and_can_be_met_is_one_body_so_that_a_step_is_cheap() -> None:
    model = Simulation(YARD, [LIGHT], pictures=False).model
    stands = (model.body_weldid[model.geom_bodyid] == 0) & (model.body_mocapid[model.geom_bodyid] < 0)
    met = model.geom_bodyid[stands & (model.geom_contype > 0)]
    assert len(met) > 100
    assert not met.any()


def test_the_intruder_stays_in_the_armory_yard_and_the_passer_by_outside_all_zones() -> None:
    sim = Simulation(YARD, [], pictures=False)
    for _ in range(6000):
        sim.step()
        at = {figure.name: walker.stance for figure, walker in sim.people}
        assert 22.0 < at["intruder"].x < 30.0
        assert 6.0 < at["intruder"].y < 16.0
        assert at["passer_by"].y < -26.5


def test_a_dog_stands_up_on_the_floor_that_is_under_it(room: Room) -> None:
    table, roof = box("platform", "5 0 0.4 0 0 0", "4 4 0.8"), box("roof", "5 0 2.6 0 0 0", "4 4 0.2")
    sim = room(table, roof, dogs=(DogPlan("rex", 0, 0, 0),))
    rex = sim.dogs["rex"]
    rex.body.stand(sim.data, 5.0, 0.5, 1.0)
    for _ in range(50):
        sim.step()
    assert float(sim.data.xpos[rex.body.root][2]) == pytest.approx(0.8 + 0.38, abs=0.02)
    assert rex.falls == 0
    rex.body.stand(sim.data, 0.0, 0.0, 0.0)
    sim.step()
    assert float(sim.data.xpos[rex.body.root][2]) == pytest.approx(0.38, abs=0.02)


SEAM = """<mujoco><worldbody>
<body><geom name="platform/link/c" type="box" pos="0.5 0 {middle}" size="0.5 1 {middle}"/></body>
<body><freejoint/><geom name="rex/front_left_shin/foot_collision" type="sphere" size="0.022"/></body>
</worldbody></mujoco>"""


@pytest.mark.parametrize("height", [0.3, 0.6])
@pytest.mark.parametrize(("below", "counts"), [(0.005, False), (0.02, False), (0.05, True), (0.25, True)])
def test_a_foot_at_the_edge_of_the_platform_on_which_it_steps_has_run_into_nothing(
    height: float, below: float, counts: bool
) -> None:
    """Seen on the compound's terrace: the upright face at the seam of ramp and platform, met just below its edge."""
    model = mujoco.MjModel.from_xml_string(SEAM.format(middle=height / 2))
    data = mujoco.MjData(model)
    data.qpos[:3] = (-0.02, 0.0, height - below)
    mujoco.mj_forward(model, data)
    assert abs(data.contact.frame[0, 2]) < 0.01, "the contact is not with the upright face"
    assert bool(Contacts(model, ["rex"]).update(data, 1.0)) == counts


def test_feet_on_a_ramp_are_no_collision_and_a_kerb_is_one(room: Room) -> None:
    slope = Thing("slope")
    ramp(slope, "ramp", (1, 0), (7, 0, 0.6), 2)
    deck(slope, "deck", (7, -1), (9, 1), 0.6)
    sim = room("\n".join(slope.xml()), box("kerb", "-2 0 0.08 0 0 0", "0.5 4 0.16"), dogs=(DogPlan("rex", 0, 0, 0),))
    drive(sim, 10.0, (0.8, 0.0, 0.0))
    assert sim.report()["rex"]["collisions"] == 0
    assert float(sim.data.xpos[sim.dogs["rex"].body.root][2]) > 0.7
    sim.dogs["rex"].body.stand(sim.data, 0.0, 0.0, 3.1416)
    drive(sim, 4.0)
    assert {event["with"] for event in sim.report()["rex"]["collided_with"]} == {"kerb"}


@pytest.mark.parametrize("make", list(Make))
@pytest.mark.parametrize("theta", [0.0, 2.1])
def test_a_dog_that_starts_on_a_platform_stands_on_it_and_walks_there(room: Room, make: Make, theta: float) -> None:
    sim = room(box("platform", "5 3 0.25 0 0 0", "6 6 0.5"), dogs=(DogPlan("dog1", 5.0, 3.0, theta, make),))
    heights = []
    for _ in range(150):
        sim.dogs["dog1"].command((0.5, 0.0, 0.0), sim.now)
        sim.step()
        heights.append(float(sim.data.xpos[sim.dogs["dog1"].body.root][2]))
    x, y, _ = sim.dogs["dog1"].place(sim.data)
    assert 0.8 < min(heights) <= max(heights) < 0.93
    assert math.hypot(x - 5.0, y - 3.0) > 1.0
    assert sim.report()["dog1"]["collisions"] == sim.report()["dog1"]["falls"] == 0
