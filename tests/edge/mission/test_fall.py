"""A dog that fell: what it says, how it goes on, and that nothing of its order is lost or done twice."""

from dataclasses import replace

import pytest

from edge.mission.events import ClearFall, Go, OrderCame, Phase, Safety, TakePhoto
from edge.types import STILL, Pose2D
from protocol.state import ErrorLevel
from tests.edge.mission.test_mission import ROUND, again, walked
from tests.edge.mission.world import Dog, action, instant, node, order, situation

LYING, CHECKING, WAITING = "FALLEN", "CHECKING_AFTER_FALL", "WAITING_AFTER_FALL"


def gate(dog: Dog, *reasons: str) -> None:
    dog.situation = replace(dog.situation, twist=STILL, safety=Safety(stopped=bool(reasons), reasons=reasons))


def thrown(dog: Dog, x: float, y: float, theta: float = 0.0) -> None:
    """On its side, and somewhere else than before."""
    dog.situation = replace(dog.situation, pose=situation(x, y, theta).pose)
    gate(dog, LYING)
    dog.run(3)


def stage(dog: Dog) -> dict[str, str]:
    (error,) = [e for e in dog.report().errors if e.error_type == "fallen"]
    return {"level": error.error_level, "hint": error.error_hint or ""} | {
        r.reference_key: r.reference_value for r in error.error_references or []
    }


def test_each_stage_is_told_with_what_is_to_be_done() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    thrown(dog, 2.0, 0.5)
    assert (stage(dog)["level"], stage(dog)["stage"], dog.going) == (ErrorLevel.FATAL, "lying", None)
    gate(dog, CHECKING, "POSE_LOST")
    dog.step()
    told = stage(dog)
    assert (told["level"], told["stage"], told["lacking"]) == (ErrorLevel.WARNING, "checking", "POSE_LOST")
    gate(dog, WAITING)
    dog.step()
    assert (stage(dog)["level"], stage(dog)["stage"]) == (ErrorLevel.FATAL, "waiting")
    assert "clearFall" in stage(dog)["hint"]
    assert (dog.report().phase, dog.going) == (Phase.STOPPED, None)


def test_a_dog_that_is_up_again_walks_on_with_its_order_and_says_that_it_fell() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    thrown(dog, 2.0, 0.5)
    gate(dog)
    dog.run(40)
    assert walked(dog) == [(5.0, 0.0), (5.0, 0.0), (5.0, 5.0), (0.0, 5.0)]
    assert (dog.held.last_node_id, dog.errors(), set(dog.statuses().values())) == ("d", [], {"FINISHED"})
    assert any("fell at" in note for note in dog.report().notes)


def test_work_that_a_fall_interrupts_goes_on_at_its_node_and_for_the_rest_of_its_time_only() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=10)), node("c", 4))))
    dog.run(10)
    assert dog.statuses()["w"] == "RUNNING"
    left = dog.held.works[0].remaining
    thrown(dog, 6.5, 0.8)
    assert dog.statuses()["w"] == "PAUSED"
    gate(dog)
    dog.step()
    assert isinstance(dog.going, Go)
    assert (dog.going.x, dog.going.y, dog.statuses()["w"]) == (5.0, 0.0, "PAUSED")
    dog.run(3)
    assert (dog.statuses()["w"], dog.place.x) == ("RUNNING", 5.0)
    dog.run(left + 1)
    assert dog.statuses()["w"] == "FINISHED"
    dog.run(10)
    assert dog.held.last_node_id == "c"


def test_a_picture_that_was_asked_for_before_the_fall_is_not_taken_twice() -> None:
    dog = Dog()
    photo, dwell = action("takePhoto", "p"), action("dwell", "w", seconds=9)
    dog.tell(OrderCame(order(node("a", 0), node("b", 2, photo, dwell))))
    dog.run(8)
    thrown(dog, 7.0, 0.0)
    gate(dog)
    dog.run(20)
    assert [c.action_id for c in dog.asked if isinstance(c, TakePhoto)] == ["p"]
    assert set(dog.statuses().values()) == {"FINISHED"}


def test_a_dog_whose_process_ends_while_it_lies_still_goes_back_to_its_work() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=10)))))
    dog.run(8)
    thrown(dog, 7.0, 0.0)
    later = again(dog)
    gate(later)
    later.run(0.5)
    assert walked(later) == [(5.0, 0.0)]
    later.run(15)
    assert later.statuses()["w"] == "FINISHED"


def test_a_place_that_cannot_be_returned_to_is_worked_from_where_the_dog_is() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=4)))))
    dog.run(6)
    thrown(dog, 7.0, 0.0)
    gate(dog)
    dog.stuck = True
    dog.run(60)
    assert (dog.statuses()["w"], dog.held.busy) == ("FINISHED", False)


def test_a_press_lets_go_a_dog_that_waits_and_is_done_when_the_gate_has_let_go() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    gate(dog, WAITING)
    dog.step()
    dog.tell(instant(action("clearFall", "press")))
    assert ClearFall() in dog.asked
    assert dog.statuses()["press"] == "RUNNING"
    gate(dog)
    dog.step()
    assert dog.statuses()["press"] == "FINISHED"
    dog.run(30)
    assert dog.held.last_node_id == "d"


@pytest.mark.parametrize("reasons", [(), (LYING,), (CHECKING,)])
def test_a_press_at_any_other_time_does_nothing_and_says_so(reasons: tuple[str, ...]) -> None:
    dog = Dog()
    gate(dog, *reasons)
    dog.step()
    dog.tell(instant(action("clearFall", "press")))
    assert dog.statuses() == {"press": "FAILED"}
    assert ClearFall() not in dog.asked


def test_a_gate_that_does_not_let_go_is_told() -> None:
    dog = Dog()
    gate(dog, WAITING)
    dog.step()
    dog.tell(instant(action("clearFall", "press")))
    dog.run(4)
    assert dog.statuses() == {"press": "FAILED"}


def test_a_dog_that_only_believes_to_be_elsewhere_has_not_fallen() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=5)))))
    dog.run(6)
    dog.situation = replace(dog.situation, pose=situation(6.0, 0.0).pose)
    dog.run(6)
    assert dog.statuses()["w"] == "FINISHED"
    assert dog.place == Pose2D(6.0, 0.0, 0.0)
