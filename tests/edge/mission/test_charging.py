"""Charging on a node, at once, and no more; positions and reports that were asked for."""

from dataclasses import replace

from edge.mission.events import Battery, Go, GoalEnded, KeepLog, LogKept, OrderCame, Outcome
from edge.mission.order_progress import OrderProgress
from edge.types import Pose2D
from tests.edge.mission.test_mission import again, here
from tests.edge.mission.world import DOCK, Dog, action, instant, node, order


def plug(dog: Dog, charging: bool = True) -> None:
    dog.situation = replace(dog.situation, battery=Battery(0.5, 27.0, charging=charging))


def test_a_dog_that_shall_charge_goes_to_its_dock_and_is_done_when_it_charges() -> None:
    dog = Dog()
    dog.tell(instant(action("startCharging", "c")))
    dog.run(1)
    assert dog.statuses() == {"c": "RUNNING"}
    dog.run(10)
    assert dog.place.distance(DOCK) < 0.1
    plug(dog)
    dog.step()
    assert dog.statuses() == {"c": "FINISHED"}


def test_a_dog_is_sent_to_that_dock_of_several_which_the_station_names() -> None:
    other = Pose2D(3.0, 4.0, 0.0)
    for x, y, meant in ((2.9, 4.3, other), (-3.1, 0.0, DOCK)):
        dog = Dog()
        dog.situation = replace(dog.situation, docks=(DOCK, other))
        dog.tell(instant(action("startCharging", "c", x=x, y=y)))
        dog.run(20)
        assert dog.place.distance(meant) < 0.1


def test_a_dock_that_gives_nothing_is_told() -> None:
    dog = Dog()
    dog.tell(instant(action("startCharging", "c")))
    dog.run(60)
    assert (dog.statuses(), dog.errors()) == ({"c": "FAILED"}, ["chargingError"])


def test_a_dog_that_starts_again_on_its_way_to_charge_still_charges() -> None:
    dog = Dog()
    dog.tell(instant(action("startCharging", "c")))
    dog.run(1)
    later = again(dog)
    later.run(10)
    plug(later)
    later.step()
    assert later.statuses() == {"c": "FINISHED"}


def test_an_order_takes_the_dog_away_from_its_way_to_the_dock() -> None:
    dog = Dog()
    dog.tell(instant(action("startCharging", "c")))
    dog.run(1)
    dog.tell(OrderCame(here(dog, node("b", 2))))
    dog.run(20)
    assert (dog.statuses(), dog.held.last_node_id) == ({"c": "FAILED"}, "b")


def test_charging_on_a_node_is_done_when_the_battery_says_so_and_fails_when_it_does_not() -> None:
    for charges in (True, False):
        dog = Dog()
        dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("startCharging", "c")), node("c", 4))))
        dog.run(8)
        assert dog.statuses() == {"c": "RUNNING"}
        plug(dog, charges)
        dog.run(40)
        assert dog.statuses() == {"c": "FINISHED" if charges else "FAILED"}
        assert dog.held.last_node_id == "c"


def test_a_dog_that_shall_not_charge_steps_off_its_dock() -> None:
    dog = Dog()
    plug(dog)
    dog.tell(instant(action("stopCharging", "s")))
    assert isinstance(dog.asked[-1], Go)
    assert dog.statuses() == {"s": "RUNNING"}
    dog.run(0.6)
    plug(dog, charging=False)
    dog.run(2)
    assert dog.statuses() == {"s": "FINISHED"}
    assert dog.place.x > 1.0


def test_a_dog_that_cannot_leave_its_dock_says_so() -> None:
    dog = Dog(situation=replace(Dog().situation, can_stand=lambda x, y: False))
    plug(dog)
    dog.tell(instant(action("stopCharging", "s")))
    assert dog.statuses() == {"s": "FAILED"}


def test_charging_does_not_conflict_with_an_order() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    dog.tell(instant(action("startCharging", "c")))
    assert dog.statuses() == {"c": "FAILED"}
    dog.run(10)
    assert dog.held.last_node_id == "b"


def test_a_position_that_localization_does_not_take_is_told() -> None:
    dog = Dog(localizes=False)
    dog.tell(instant(action("initPosition", "i", x=9.0, y=9.0, theta=0.0, lastNodeId="gate")))
    assert dog.statuses() == {"i": "RUNNING"}
    dog.run(6)
    assert (dog.statuses(), dog.held.last_node_id) == ({"i": "FAILED"}, "")


def test_a_report_is_kept_and_named() -> None:
    dog = Dog()
    dog.tell(instant(action("logReport", "l", reason="it limps")))
    assert KeepLog("l", "it limps") in dog.asked
    assert dog.statuses() == {"l": "RUNNING"}
    dog.tell(LogKept("l", name="report-1.json"))
    assert [(w.status, w.result) for w in dog.held.works] == [("FINISHED", "report-1.json")]


def test_a_navigator_that_only_ever_interrupts_is_given_up_on() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    for _ in range(60):
        if dog.going is None:
            break
        dog.tell(GoalEnded(dog.going.goal, Outcome.CANCELED, "again and again"))
        if not dog.held.busy:
            break
        dog.going = None
        for _ in range(103):
            for asked in dog.mission.update([], dog.situation, dog.now).items:
                dog.going = asked if isinstance(asked, Go) else dog.going
            dog.now += 0.1
    assert "orderAborted" in dog.errors()
    assert not dog.held.busy
    assert dog.held != OrderProgress()
