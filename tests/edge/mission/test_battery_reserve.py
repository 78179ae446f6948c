"""A dog turns home while it still can, and goes on with its round when it has charged."""

import math
from dataclasses import replace

import numpy as np
import pytest

from edge.mission.battery_reserve import Consumption, ReserveConfig, need
from edge.mission.events import Battery, Go, OrderCame, Phase
from edge.mission.state import compose
from edge.mission.way_home import way_home
from edge.types import Pose2D
from protocol.order import BlockingType, Order
from tests.edge.mission.test_mission import again, walked
from tests.edge.mission.world import ADDRESS, DOCK, Dog, action, instant, node, order
from tests.edge.navigation.site import site_message
from tests.edge.navigation.world import yard

FAR = 300.0  # m that the map makes of the way home for each metre in a straight line


def round_of(policy: str = "resume") -> Order:
    """Three stops with work at each."""
    rule = action("onLowBattery", "rule", BlockingType.NONE, policy=policy)
    stops = [node("b", 2, action("takePhoto", "pb")), node("c", 4, action("dwell", "wc", seconds=6)), node("d", 6)]
    return order(node("a", 0, rule), *stops)


def far_from_home(dog: Dog) -> None:
    def metres(x: float, y: float) -> float:
        return FAR * math.dist((x, y), (DOCK.x, DOCK.y))

    dog.situation = replace(dog.situation, way_home=metres)


def charge(dog: Dog, left: float, charging: bool = False) -> None:
    dog.situation = replace(dog.situation, battery=Battery(left, 27.0, charging))


def kinds(dog: Dog) -> list[str]:
    return [i.info_type for i in compose(dog.report(), dog.situation, ADDRESS, dog.now).information or []]


def test_the_way_home_decides_and_no_fixed_charge() -> None:
    config = ReserveConfig()
    per_metre = 1 / config.full_reach
    assert need(config, per_metre, 0.0) == pytest.approx(config.left)
    assert need(config, per_metre, 1800.0) == pytest.approx(config.left + 0.28)
    assert need(config, per_metre, math.inf) == config.unknown


def test_a_far_dog_turns_home_at_a_charge_with_which_a_near_one_walks_on() -> None:
    for far in (False, True):
        dog = Dog()
        if far:
            far_from_home(dog)
        charge(dog, 0.4)
        dog.tell(OrderCame(round_of()))
        dog.run(6)
        assert dog.held.recharging is far


def test_an_order_waits_while_the_dog_charges_and_goes_on_where_it_was() -> None:
    dog = Dog()
    dog.tell(OrderCame(round_of()))
    dog.run(13)
    assert dog.statuses()["wc"] == "RUNNING"
    left = next(w.remaining for w in dog.held.works if w.action.action_id == "wc")
    charge(dog, 0.15)
    dog.step()
    assert (dog.report().phase, dog.statuses()["wc"]) == (Phase.GOING_HOME, "PAUSED")
    assert dog.errors() == ["batteryLow"]
    assert "recharging" in kinds(dog)
    dog.run(20)
    assert dog.place.distance(DOCK) < 0.01
    charge(dog, 0.3, charging=True)
    dog.run(5)
    assert (dog.report().phase, dog.errors(), dog.held.busy) == (Phase.CHARGING, [], True)
    later = again(dog)
    charge(later, 0.85, charging=True)
    later.step()
    charge(later, 0.85)
    later.run(12)
    assert walked(later)[0] == (5.0, 5.0)
    assert later.statuses()["wc"] == "RUNNING"
    later.run(left + 8)
    assert (later.statuses(), later.held.last_node_id) == (
        {"rule": "FINISHED", "pb": "FINISHED", "wc": "FINISHED"},
        "d",
    )
    assert "recharging" not in kinds(later)


def test_an_order_that_wants_it_ends_with_the_charge() -> None:
    for wanted in (round_of("end"), order(node("a", 0), node("b", 2), node("c", 4))):
        dog = Dog()
        dog.tell(OrderCame(wanted))
        dog.run(3)
        charge(dog, 0.15)
        dog.run(20)
        assert set(dog.errors()) == {"orderAborted", "batteryLow"}
        assert (dog.held.busy, dog.place.distance(DOCK) < 0.01) == (False, True)


def test_a_dock_that_gives_nothing_ends_the_order_and_says_so() -> None:
    dog = Dog()
    dog.tell(OrderCame(round_of()))
    dog.run(3)
    charge(dog, 0.15)
    dog.run(60)
    assert {"chargingError", "orderAborted"} <= set(dog.errors())
    assert not dog.held.busy


def test_a_cancellation_on_the_way_to_the_dock_ends_the_order_and_the_dog_charges_all_the_same() -> None:
    dog = Dog()
    dog.tell(OrderCame(round_of()))
    dog.run(3)
    charge(dog, 0.15)
    dog.run(1)
    dog.tell(instant(action("cancelOrder", "stop")))
    dog.run(20)
    assert (dog.held.busy, dog.held.recharging, dog.place.distance(DOCK) < 0.01) == (False, False, True)


def test_the_dock_is_met_exactly_and_from_the_place_before_it() -> None:
    dog = Dog()
    dog.tell(instant(action("startCharging", "c")))
    dog.run(10)
    before, onto = [go for go in dog.asked if isinstance(go, Go)]
    assert (before.x, before.theta, before.tolerance) == (pytest.approx(DOCK.x - 0.9), DOCK.theta, (0.0, 0.0))
    assert (onto.x, onto.y) == (DOCK.x, DOCK.y)
    assert onto.tolerance == (0.05, pytest.approx(math.radians(5)))


@pytest.mark.parametrize(("wall", "before"), [(0.7, (0.9, 0.0)), (0.4, (0.0, 0.9))])
def test_a_dog_backs_in_where_there_is_a_wall_behind_the_dock_and_comes_from_the_side_where_it_is_too_near(
    wall: float, before: tuple[float, float]
) -> None:
    dog = Dog()
    dog.situation = replace(dog.situation, can_stand=lambda x, y: x >= DOCK.x - wall)
    dog.tell(instant(action("startCharging", "c")))
    dog.run(10)
    first = next(go for go in dog.asked if isinstance(go, Go))
    assert (first.x - DOCK.x, first.y - DOCK.y) == pytest.approx(before)
    assert dog.place.distance(DOCK) < 0.01


def test_a_dog_goes_back_to_the_dock_where_it_charged_and_to_the_next_where_that_is_blocked() -> None:
    other = Pose2D(-2.0, 4.0, 0.0)
    dog = Dog(situation=replace(Dog().situation, docks=(DOCK, other)))
    charge(dog, 0.9, charging=True)
    dog.situation = replace(dog.situation, pose=replace(dog.situation.pose, pose=other))  # type: ignore[type-var]
    dog.step()
    charge(dog, 0.9)
    dog.situation = replace(dog.situation, pose=Dog().situation.pose)
    dog.tell(instant(action("startCharging", "c")))
    dog.run(0.2)
    assert walked(dog)[-1][1] == other.y
    dog.stuck = True
    dog.run(5)
    dog.stuck = False
    dog.run(20)
    assert dog.place.distance(DOCK) < 0.01


def test_a_dog_that_knows_no_dock_of_its_own_tries_the_next_and_stays_with_it() -> None:
    near, far = DOCK, Pose2D(-2.0, 40.0, 0.0)
    dog = Dog(situation=replace(Dog().situation, docks=(near, far)), stuck=True)
    dog.tell(instant(action("startCharging", "c")))
    dog.run(5)
    dog.stuck = False
    dog.run(60)
    assert dog.place.distance(far) < 0.01


def test_what_walking_costs_is_measured_and_never_less_than_specified() -> None:
    for drain in (0.2, 1.0, 8.0):
        consumption, charged = Consumption(9000.0), 1.0
        rng = np.random.default_rng(3)
        for tick in range(4000):
            pose = Pose2D(0.08 * tick + rng.normal(0, 0.01), rng.normal(0, 0.01), 0.0)
            charged -= 0.08 * drain / 9000
            consumption.update(pose, charged, False, 0.1 * tick)
        assert consumption.per_metre * 9000 == pytest.approx(max(drain, 1.0), rel=0.1)


def test_standing_about_is_no_part_of_a_metres_cost() -> None:
    consumption, charged = Consumption(9000.0), 0.9
    rng = np.random.default_rng(4)
    for tick in range(20_000):
        charged -= 1e-5
        consumption.update(Pose2D(rng.normal(0, 0.02), rng.normal(0, 0.02), 0.0), charged, False, 0.1 * tick)
    assert consumption.per_metre == pytest.approx(1 / 9000)


def test_the_way_home_goes_round_walls_and_is_no_way_from_inside_them() -> None:
    site = site_message(yard())
    dock = Pose2D(8.0, 4.0, 0.0)
    metres = way_home(site.map, site.zones, [dock])
    assert metres(8.0, 4.0) < 0.3
    assert metres(13.0, 4.0) == pytest.approx(5.0, abs=0.6)
    assert metres(18.0, 14.0) >= 0.95 * math.dist((18.0, 14.0), (8.0, 4.0))
    assert math.isinf(metres(-100.0, 4.0))
    assert math.isinf(metres(math.nan, 4.0))
    assert math.isinf(way_home(site.map, site.zones, [])(8.0, 4.0))
