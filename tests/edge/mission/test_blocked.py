"""A way that stays blocked: told soon, with what stands there, and dealt with as the order wants."""

from dataclasses import replace

import pytest

from edge.mission.events import Go, GoalEnded, GoalProgress, OrderCame, Outcome, Safety
from edge.mission.state import compose
from edge.types import Obstruction
from protocol.order import Action, BlockingType, Order
from protocol.state import State
from tests.edge.mission.test_mission import again, walked
from tests.edge.mission.world import ADDRESS, DOCK, Dog, action, node, order

BOX = Obstruction(2.5, 0.1, 1.8, 0.6)


def rule(policy: str, tries: int | None = None, name: str = "rule") -> Action:
    given = {"policy": policy} if tries is None else {"policy": policy, "tries": tries}
    return action("onBlocked", name, BlockingType.NONE, **given)


def drawn(*rules: Action, at_c: tuple[Action, ...] = ()) -> Order:
    """A round of three stops with a photo at each; ``rules`` stand at its first node."""
    stops = [node("b", 2, action("takePhoto", "pb")), node("c", 4, action("takePhoto", "pc"), *at_c)]
    return order(node("a", 0, *rules), *stops, node("d", 6, action("takePhoto", "pd")))


def told(dog: Dog, kind: str = "wayBlocked") -> dict[str, str]:
    error = next(e for e in dog.report().errors if e.error_type == kind)
    return {r.reference_key: r.reference_value for r in error.error_references or []}


def state(dog: Dog) -> State:
    return compose(dog.report(), dog.situation, ADDRESS, dog.now)


def block(dog: Dog, *targets: tuple[float, float]) -> None:
    """One walk after another ends BLOCKED where it leads to one of ``targets``."""
    walk = dog._walk

    def walks(seconds: float) -> None:
        dog.stuck = dog.going is not None and (dog.going.x, dog.going.y) in targets
        walk(seconds)

    dog._walk = walks  # type: ignore[method-assign]


def stand(dog: Dog, seconds: float, waiting: str = "", seen: Obstruction | None = None) -> None:
    """The navigator neither gets on nor gives up."""
    going, dog.going = dog.going, None
    assert going is not None
    for _ in range(round(seconds / 0.1)):
        dog.step(0.1, [GoalProgress(going.goal, waiting, seen)])
    dog.going = going


def test_a_dog_that_does_not_get_on_says_so_within_ten_seconds_and_what_it_waits_for() -> None:
    dog = Dog()
    dog.tell(OrderCame(drawn()))
    dog.run(1)
    stand(dog, 7.0, "the way is blocked", BOX)
    assert dog.errors() == []
    stand(dog, 2.5, "the way is blocked", BOX)
    assert told(dog) == {"nodeId": "b", "x": "2.50", "y": "0.10", "length": "1.80", "width": "0.60"}
    dog.run(3)
    assert dog.errors() == []


def test_a_navigator_that_says_nothing_is_seen_to_stand_all_the_same() -> None:
    dog = Dog()
    dog.tell(OrderCame(drawn()))
    dog.run(1)
    stand(dog, 9.5)
    assert told(dog) == {"nodeId": "b"}


def test_a_dog_that_the_gate_holds_for_another_reason_is_not_called_blocked() -> None:
    dog = Dog()
    dog.tell(OrderCame(drawn()))
    dog.run(1)
    dog.situation = replace(dog.situation, safety=Safety(stopped=True, reasons=("SCAN_STALE",)))
    stand(dog, 9.5)
    assert dog.errors() == ["heldBySafety"]


def test_what_stood_in_the_way_is_told_between_the_tries() -> None:
    dog = Dog()
    dog.tell(OrderCame(drawn()))
    assert dog.going is not None
    dog.tell(GoalEnded(dog.going.goal, Outcome.BLOCKED, "the way is blocked", BOX))
    assert told(dog)["length"] == "1.80"
    assert told(dog)["tries"] == "1"


def test_a_checkpoint_that_cannot_be_reached_is_left_out_and_the_round_goes_on() -> None:
    dog = Dog()
    block(dog, (5.0, 0.0))
    dog.tell(OrderCame(drawn(rule("skip", 2))))
    dog.run(60)
    assert walked(dog) == [(5.0, 0.0), (5.0, 0.0), (5.0, 5.0), (0.0, 5.0)]
    assert dog.statuses() == {"rule": "FINISHED", "pb": "FAILED", "pc": "FINISHED", "pd": "FINISHED"}
    assert (dog.errors(), dog.held.busy, dog.held.last_node_id) == ([], False, "d")
    (told_of,) = [i for i in state(dog).information or [] if i.info_type == "skipped"]
    references = {r.reference_key: r.reference_value for r in told_of.info_references or []}
    assert references == {"orderId": "o1", "nodeId": "b", "sequenceId": "2"}
    assert "a box" in str(told_of.info_description)


def test_a_checkpoint_may_have_a_rule_of_its_own() -> None:
    dog = Dog()
    block(dog, (5.0, 0.0), (5.0, 5.0))
    dog.tell(OrderCame(drawn(rule("home", 1), at_c=(rule("skip", 1, "own"),))))
    dog.run(30)
    assert [s.node_id for s in dog.held.skipped] == []
    assert "orderAborted" in dog.errors()
    dog = Dog()
    block(dog, (5.0, 5.0))
    dog.tell(OrderCame(drawn(rule("home", 1), at_c=(rule("skip", 1, "own"),))))
    dog.run(40)
    assert ([s.node_id for s in dog.held.skipped], dog.held.last_node_id) == (["c"], "d")


def test_a_dog_that_shall_wait_waits_tries_on_ever_more_seldom_and_arrives() -> None:
    dog = Dog(stuck=True)
    dog.tell(OrderCame(drawn(rule("wait"))))
    dog.run(600)
    assert 10 < len(walked(dog)) < 25
    assert told(dog)["nodeId"] == "b"
    dog.stuck = False
    dog.run(120)
    assert dog.held.last_node_id == "d"


def test_an_order_that_says_nothing_is_broken_off_for_the_standard_lets_it_leave_out_no_node() -> None:
    dog = Dog(stuck=True)
    dog.tell(OrderCame(drawn()))
    dog.run(35)
    dog.stuck = False
    dog.run(30)
    assert (dog.errors(), dog.held.skipped) == (["orderAborted"], [])
    assert dog.place.distance(DOCK) < 0.1


def test_a_navigator_that_is_not_there_skips_nothing() -> None:
    dog = Dog()
    dog.tell(OrderCame(drawn(rule("skip", 1))))
    for _ in range(8):
        if isinstance(dog.going, Go) and dog.held.busy:
            dog.tell(GoalEnded(dog.going.goal, Outcome.REFUSED, "not there"))
            dog.run(10.5)
    assert dog.held.skipped == []


def test_tries_in_vain_are_counted_through_a_pause_and_a_restart_keeps_what_was_left_out() -> None:
    dog = Dog()
    block(dog, (5.0, 0.0))
    dog.tell(OrderCame(drawn(rule("skip", 2))))
    dog.run(3)
    dog.situation = replace(dog.situation, safety=Safety(stopped=True, reasons=("FALLEN",)))
    dog.run(2)
    dog.situation = replace(dog.situation, safety=Safety())
    dog.run(3)
    assert [s.node_id for s in dog.held.skipped] == ["b"]
    assert [s.node_id for s in again(dog).held.skipped] == ["b"]


def test_an_update_joins_on_at_a_last_node_that_was_left_out() -> None:
    dog = Dog()
    block(dog, (5.0, 0.0))
    dog.tell(OrderCame(order(node("a", 0, rule("skip", 1)), node("b", 2), node("c", 4, released=False))))
    dog.run(15)
    assert [s.node_id for s in dog.held.skipped] == ["b"]
    dog.tell(OrderCame(order(node("b", 2), node("c", 4), update=1)))
    dog.run(15)
    assert (dog.errors(), dog.held.last_node_id) == ([], "c")


@pytest.mark.parametrize("given", [{"policy": "fly"}, {"policy": "skip", "tries": 0}, {"policy": "skip", "tries": 1.5}])
def test_a_rule_that_is_none_is_refused_with_the_order(given: dict[str, object]) -> None:
    dog = Dog()
    dog.tell(OrderCame(drawn(action("onBlocked", "rule", BlockingType.NONE, **given))))
    assert dog.errors() == ["orderError"]
