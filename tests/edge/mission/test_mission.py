"""Stories of orders: walked, worked, refused, interrupted."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from edge.mission.events import (
    Battery,
    Go,
    GoalEnded,
    Halt,
    MalformedCame,
    OrderCame,
    Outcome,
    Phase,
    Safety,
    SendFactsheet,
    SetEmergencyStop,
    SetPose,
)
from edge.mission.mission import Mission
from edge.mission.order_progress import MOST_INSTANT, OrderProgress
from edge.mission.order_validation import MOST_NODES
from edge.mission.state import compose
from edge.types import STILL, Pose2D, PoseEstimate
from protocol.codec import MalformedMessage, decode, encode
from protocol.order import BlockingType, Node, NodePosition, Order
from protocol.state import ActionStatus, State
from tests.edge.mission.world import ADDRESS, DOCK, NOW, Dog, action, instant, node, order, situation

ROUND = order(
    node("a", 0), node("b", 2, action("takePhoto", "p")), node("c", 4, action("dwell", "w", seconds=2)), node("d", 6)
)


def references(dog: Dog) -> list[tuple[str, str]]:
    """Those of the first error."""
    return [(r.reference_key, r.reference_value) for r in dog.report().errors[0].error_references or []]


def here(dog: Dog, *more: Node, order_id: str = "o2") -> Order:
    """An order that begins where the dog stands."""
    place = NodePosition(x=dog.place.x, y=dog.place.y, map_id="yard")
    return order(replace_struct(node("a", 0), node_id="here", node_position=place), *more, order_id=order_id)


def walked(dog: Dog) -> list[tuple[float, float]]:
    return [(go.x, go.y) for go in dog.asked if isinstance(go, Go)]


def test_an_order_is_walked_node_by_node_and_worked_at_each() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(30)
    assert walked(dog) == [(5.0, 0.0), (5.0, 5.0), (0.0, 5.0)]
    assert dog.statuses() == {"p": "FINISHED", "w": "FINISHED"}
    assert (dog.held.last_node_id, dog.held.last_node_sequence_id, dog.held.nodes, dog.held.edges) == ("d", 6, [], [])
    assert dog.report().phase is Phase.IDLE
    assert dog.errors() == []


def test_the_dog_stands_while_a_hard_action_runs() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action("dwell", "w", seconds=3)), node("b", 2))))
    dog.run(2.5)
    assert dog.report().phase is Phase.ACTING
    assert walked(dog) == []
    dog.run(1.5)
    assert walked(dog) == [(5.0, 0.0)]


def test_an_action_that_blocks_nothing_runs_while_the_dog_walks() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action("dwell", "w", BlockingType.NONE, seconds=3)), node("b", 2))))
    dog.run(1)
    assert dog.statuses() == {"w": "RUNNING"}
    assert walked(dog) == [(5.0, 0.0)]
    dog.run(3)
    assert dog.statuses() == {"w": "FINISHED"}


def test_two_hard_actions_come_one_after_the_other_and_two_soft_ones_together() -> None:
    for blocking, both in ((BlockingType.HARD, "WAITING"), (BlockingType.SOFT, "RUNNING")):
        dog = Dog()
        works = [action("dwell", name, blocking, seconds=2) for name in ("first", "second")]
        dog.tell(OrderCame(order(node("a", 0, *works))))
        dog.run(1)
        assert dog.statuses() == {"first": "RUNNING", "second": both}
        dog.run(4)
        assert dog.statuses() == {"first": "FINISHED", "second": "FINISHED"}


def test_a_photo_that_could_not_be_taken_fails_and_the_round_goes_on() -> None:
    dog = Dog(camera=False)
    dog.tell(OrderCame(ROUND))
    dog.run(30)
    assert dog.statuses()["p"] == "FAILED"
    assert dog.held.last_node_id == "d"


def test_an_order_that_begins_where_the_dog_is_not_is_refused_unless_the_first_node_allows_for_it() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("c", 0), node("d", 2))))
    assert dog.errors() == ["noRouteError"]
    assert ("nodeId", "c") in references(dog)
    assert dog.held == OrderProgress()
    wide = replace_struct(node("c", 0), node_position=NodePosition(x=5, y=5, map_id="yard", allowed_deviation_xy=8))
    dog.tell(OrderCame(order(wide, node("d", 2))))
    dog.run(30)
    assert (dog.errors(), walked(dog), dog.held.last_node_id) == ([], [(0.0, 5.0)], "d")


def test_a_dog_that_does_not_know_where_it_is_takes_no_new_order() -> None:
    dog = Dog(situation=replace(situation(), pose=None))
    dog.tell(OrderCame(ROUND))
    assert dog.errors()[0] == "noRouteError"
    assert dog.held.order_id == ""


def test_the_same_order_twice_is_walked_once() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(3)
    before = dog.held
    dog.tell(OrderCame(ROUND))
    assert dog.held == before
    assert dog.errors() == []


def test_another_order_is_refused_while_one_is_walked() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.tell(OrderCame(order(node("a", 0), node("d", 2), order_id="o2")))
    assert dog.errors() == ["orderError"]
    assert dog.held.order_id == "o1"


def test_a_refusal_stands_until_an_order_is_taken() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 1), node("b", 3))))
    dog.run(60)
    assert dog.errors() == ["validationError"]
    dog.tell(OrderCame(ROUND))
    assert dog.errors() == []


def test_the_dog_walks_its_base_and_waits_there_for_more() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4, released=False))))
    dog.run(10)
    assert dog.held.last_node_id == "b"
    assert dog.report().phase is Phase.WAITING
    assert walked(dog) == [(5.0, 0.0)]


def test_an_update_is_stitched_at_the_last_released_node() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4, released=False))))
    dog.run(2)
    dog.tell(OrderCame(order(node("b", 2), node("d", 4), update=1)))
    assert [n.node_id for n in dog.held.nodes] == ["b", "d"]
    dog.run(20)
    assert dog.held.last_node_id == "d"
    assert dog.errors() == []


def test_an_update_that_starts_elsewhere_is_refused_and_the_walk_goes_on() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4, released=False))))
    dog.tell(OrderCame(order(node("c", 4), node("d", 6), update=1)))
    assert dog.errors() == ["orderUpdateError"]
    dog.run(10)
    assert dog.held.last_node_id == "b"


def test_an_update_older_than_the_order_is_refused() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    dog.tell(OrderCame(order(node("b", 2), node("c", 4), update=3)))
    before = dog.held
    dog.tell(OrderCame(order(node("c", 4), node("d", 6), update=2)))
    assert dog.errors() == ["orderUpdateError"]
    assert {("orderId", "o1"), ("orderUpdateId", "2")} <= set(references(dog))
    assert dog.held == before


def test_an_order_whose_beginning_was_not_heard_is_refused() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), update=3)))
    assert dog.errors() == ["orderUpdateError"]
    assert dog.held == OrderProgress()


def test_an_update_whose_action_has_the_id_of_another_is_refused_and_both_stay_what_they_are() -> None:
    dog = Dog()
    dog.tell(
        OrderCame(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=1)), node("c", 4, released=False)))
    )
    before = dog.held
    dog.tell(OrderCame(order(node("b", 2), node("d", 4, action("dwell", "w", seconds=1)), update=1)))
    assert dog.errors() == ["orderUpdateError"]
    assert dog.held == before


def test_a_horizon_that_is_released_keeps_its_actions_once() -> None:
    dog = Dog()
    ahead = action("dwell", "w", seconds=1)
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4, ahead, released=False))))
    assert dog.statuses() == {"w": "WAITING"}
    dog.tell(OrderCame(order(node("b", 2), node("c", 4, ahead), update=1)))
    dog.run(20)
    assert (dog.statuses(), dog.errors(), dog.held.last_node_id) == ({"w": "FINISHED"}, [], "c")


def test_more_base_is_asked_for_before_the_dog_has_to_stand() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4), node("d", 6, released=False))))
    assert not compose(dog.report(), dog.situation, ADDRESS, NOW).new_base_request
    dog.run(6)
    assert (dog.held.last_node_id, dog.report().phase) == ("b", Phase.DRIVING)
    assert compose(dog.report(), dog.situation, ADDRESS, NOW).new_base_request


def test_an_order_that_is_done_goes_on_from_where_it_ended() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    dog.run(10)
    dog.tell(OrderCame(order(node("b", 2), node("c", 4), update=1)))
    dog.run(10)
    assert dog.held.last_node_id == "c"


@pytest.mark.parametrize(
    ("bad", "type_of_error"),
    [
        (order(node("a", 0), node("b", 2), node("c", 2)), "validationError"),
        (order(node("a", 0, action("dwell", "x", seconds=1), action("dwell", "x", seconds=1))), "validationError"),
        (order(node("a", 0, released=False)), "validationError"),
        (order(node("a", 0, action("chase", "x"))), "orderError"),
        (order(node("a", 0, action("dwell", "x"))), "orderError"),
        (order(node("a", 0, action("dwell", "x", seconds="three"))), "orderError"),
        (order(node("a", 0, action("dwell", "x", seconds=-1))), "orderError"),
    ],
)
def test_an_order_that_cannot_be_done_is_refused_whole_with_what_is_wrong(bad: Order, type_of_error: str) -> None:
    dog = Dog()
    dog.tell(OrderCame(bad))
    assert dog.errors() == [type_of_error]
    assert dog.report().errors[0].error_references
    assert dog.held.order_id == ""


def test_a_node_where_no_dog_can_stand_is_refused_unless_the_dog_stands_there() -> None:
    dog = Dog(situation=replace(situation(), can_stand=lambda x, y: (x, y) == (5.0, 0.0)))
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4))))
    assert dog.errors() == ["noRouteError"]
    assert ("nodeId", "c") in [(r.reference_key, r.reference_value) for r in dog.report().errors[0].error_references]
    assert dog.held.order_id == ""
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    assert dog.errors() == []


def test_a_dog_without_a_map_takes_no_order() -> None:
    dog = Dog(situation=replace(situation(), map_id=""))
    dog.tell(OrderCame(order(replace_struct(node("a", 0), node_position=NodePosition(x=1e308, y=0, map_id="")))))
    assert dog.errors() == ["orderError"]


def test_what_strangers_write_cannot_make_the_state_outgrow_the_wire() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), order_id="o" * 1_000_000)))
    dog.tell(instant(action("x" * 1_000_000, "a1"), action("stateRequest", "y" * 1_000_000)))
    dog.tell(MalformedCame("order" * 100_000, "z" * 1_000_000))
    assert len(dog.report().errors) == 4
    for number in range(200):
        dog.tell(instant(action("stateRequest", f"s{number}")))
    assert len(dog.held.works) == MOST_INSTANT
    assert len(encode(compose(dog.report(), dog.situation, ADDRESS, NOW))) < 20_000


def test_a_thousand_nodes_in_one_place_are_passed_at_once() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(*(node("a", 2 * n) for n in range(MOST_NODES)))))
    assert dog.held.last_node_sequence_id == 2 * (MOST_NODES - 1)
    assert dog.report().phase is Phase.IDLE


def test_canceling_stops_the_dog_fails_what_was_due_and_lets_it_take_another() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    dog.tell(instant(action("cancelOrder", "stop", BlockingType.HARD)))
    assert isinstance(dog.asked[-1], Halt)
    dog.run(1)
    assert dog.statuses() == {"p": "FAILED", "w": "FAILED", "stop": "FINISHED"}
    assert (dog.held.order_id, dog.held.nodes) == ("o1", [])
    dog.tell(OrderCame(here(dog)))
    assert dog.held.order_id == "o2"


def test_a_pause_is_finished_only_when_the_dog_stands() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    dog.mission.update([instant(action("startPause", "p1"))], dog.situation, dog.now)
    assert dog.statuses()["p1"] == "RUNNING"
    dog.going, dog.situation = None, replace(dog.situation, twist=STILL)
    dog.step()
    assert dog.statuses()["p1"] == "FINISHED"


def test_an_emergency_stop_holds_the_dog_at_once_and_is_finished_when_the_gate_says_so() -> None:
    dog = Dog(gate=False)
    dog.tell(OrderCame(ROUND))
    dog.run(1)
    dog.tell(instant(action("emergencyStop", "e")))
    assert (dog.going, dog.statuses()["e"]) == (None, "RUNNING")
    dog.situation = replace(dog.situation, safety=Safety(stopped=True, emergency_stop=True))
    dog.step()
    assert dog.statuses()["e"] == "FINISHED"


def test_a_gate_that_does_not_answer_is_told_and_the_dog_stands_until_released() -> None:
    dog = Dog(gate=False)
    dog.tell(OrderCame(ROUND))
    dog.tell(instant(action("emergencyStop", "e")))
    dog.run(10)
    assert (dog.statuses()["e"], dog.report().phase) == ("FAILED", Phase.STOPPED)
    dog.tell(instant(action("releaseEmergencyStop", "r")))
    dog.run(30)
    assert dog.held.last_node_id == "d"


def test_canceling_is_finished_only_when_the_dog_stands() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    moving = dog.situation.twist
    dog.mission.update([instant(action("cancelOrder", "stop"))], dog.situation, dog.now)
    assert moving.vx > 0
    assert dog.statuses()["stop"] == "RUNNING"


def test_canceling_nothing_fails_with_the_standards_error() -> None:
    dog = Dog()
    dog.tell(instant(action("cancelOrder", "stop")))
    assert dog.errors() == ["noOrderToCancel"]
    assert dog.statuses() == {"stop": "FAILED"}


def test_a_pause_stops_the_dog_and_its_dwell_and_its_end_lets_both_go_on() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action("dwell", "w", seconds=2)), node("b", 2))))
    dog.run(1)
    dog.tell(instant(action("startPause", "p1")))
    dog.run(30)
    assert (dog.report().phase, dog.statuses()["w"], walked(dog)) == (Phase.PAUSED, "PAUSED", [])
    dog.tell(instant(action("stopPause", "p2")))
    dog.run(10)
    assert dog.held.last_node_id == "b"


def test_an_unknown_instant_action_fails_and_is_told() -> None:
    dog = Dog()
    dog.tell(instant(action("chase", "x")))
    assert (dog.errors(), dog.statuses()) == (["instantActionError"], {"x": "FAILED"})


def test_requests_are_answered() -> None:
    dog = Dog()
    dog.tell(instant(action("factsheetRequest", "f"), action("emergencyStop", "e"), action("stateRequest", "s")))
    assert dog.asked == [SendFactsheet(), SetEmergencyStop(on=True)]
    dog.tell(instant(action("initPosition", "i", x=1.0, y=2.0, theta=0.5, mapId="yard", lastNodeId="gate")))
    assert SetPose(Pose2D(1.0, 2.0, 0.5)) in dog.asked
    dog.step()
    assert dog.held.last_node_id == "gate"
    assert set(dog.statuses().values()) == {"FINISHED"}


def test_bytes_that_were_no_message_are_told_as_a_validation_error() -> None:
    dog = Dog()
    dog.tell(MalformedCame("order", "Order: missing `nodes`"))
    assert dog.errors() == ["validationError"]


def test_a_way_that_is_blocked_is_tried_again_and_then_walked() -> None:
    dog = Dog(stuck=True)
    dog.tell(OrderCame(ROUND))
    dog.run(1)
    assert dog.errors() == ["wayBlocked"]
    dog.stuck = False
    dog.run(40)
    assert dog.held.last_node_id == "d"
    assert dog.errors() == []


def test_a_way_that_stays_blocked_ends_the_order_and_the_dog_goes_home() -> None:
    dog = Dog(stuck=True)
    dog.tell(OrderCame(ROUND))
    dog.run(35)
    assert len(walked(dog)) == 1 + 3 + 1  # the first walk, three more, and the way home
    dog.stuck = False
    dog.run(30)
    assert dog.errors() == ["orderAborted"]
    assert {ref.reference_key: ref.reference_value for ref in dog.report().errors[0].error_references} == {
        "orderId": "o1",
        "nodeId": "b",
    }
    assert set(dog.statuses().values()) == {"FAILED"}
    assert dog.place.distance(DOCK) < 0.1


def test_a_dog_with_a_low_battery_breaks_off_reports_and_goes_home() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(3)
    dog.situation = replace(dog.situation, battery=Battery(0.15, 25.0, charging=False))
    dog.run(30)
    assert set(dog.errors()) == {"orderAborted", "batteryLow"}
    assert dog.place.distance(DOCK) < 0.1


@pytest.mark.parametrize(
    ("worse", "told"),
    [
        ({"pose": None}, "localizationLost"),
        ({"pose": PoseEstimate(Pose2D(0, 0, 0), np.eye(3), 0.0, 0.0)}, "localizationLost"),
        ({"battery": Battery(0.05, 22.0, charging=False)}, "batteryCritical"),
        ({"battery": None}, "batteryUnknown"),
        ({"safety": Safety(stopped=True, reasons=("FALLEN",))}, "fallen"),
    ],
)
def test_what_it_does_not_understand_ends_in_standing_still_with_a_reason(worse: dict[str, object], told: str) -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    dog.situation = replace(dog.situation, **worse)  # type: ignore[arg-type]
    dog.step()
    assert dog.going is None
    assert dog.report().phase is Phase.STOPPED
    assert told in dog.errors()


def test_a_dog_that_finds_itself_again_goes_on() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    knows = dog.situation
    dog.situation = replace(knows, pose=None)
    dog.run(5)
    dog.situation = knows
    dog.run(30)
    assert dog.held.last_node_id == "d"


def test_an_emergency_stop_holds_the_dog_until_released() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(1)
    dog.situation = replace(
        dog.situation, safety=Safety(stopped=True, reasons=("EMERGENCY_STOP",), emergency_stop=True)
    )
    dog.run(3)
    assert dog.going is None
    dog.situation = replace(dog.situation, safety=Safety())
    dog.run(30)
    assert dog.held.last_node_id == "d"


def test_a_gate_that_holds_the_dog_for_long_is_told() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    dog.situation = replace(dog.situation, safety=Safety(stopped=True, reasons=("OBSTACLE_NEAR",)))
    dog.going = None
    for _ in range(120):
        dog.mission.update([], dog.situation, dog.now)
        dog.now += 0.1
    assert dog.errors() == ["heldBySafety"]


def test_an_order_outlives_the_process() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(5.5)
    again = Dog(mission=Mission(held=dog.held), situation=dog.situation, now=dog.now)
    again.step()
    assert again.report().notes == ("interrupted by a restart; goes on",)
    again.run(30)
    assert again.held.last_node_id == "d"
    assert set(again.statuses().values()) == {ActionStatus.FINISHED}


def again(dog: Dog) -> Dog:
    """The same dog after its process was killed: what it kept is read back."""
    kept = msgspec.json.decode(msgspec.json.encode(dog.held), type=OrderProgress)
    return Dog(mission=Mission(held=kept), situation=replace(dog.situation, twist=STILL), now=dog.now)


def test_a_paused_dog_that_starts_again_stays_paused() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(1)
    dog.tell(instant(action("startPause", "p1")))
    later = again(dog)
    later.run(20)
    assert (later.report().phase, later.report().paused, walked(later)) == (Phase.PAUSED, True, [])
    later.tell(instant(action("stopPause", "p2")))
    later.run(30)
    assert later.held.last_node_id == "d"


def test_a_dog_that_starts_again_on_its_way_home_still_says_why_and_gets_there() -> None:
    dog = Dog(stuck=True)
    dog.tell(OrderCame(ROUND))
    dog.run(35)
    later = again(dog)
    assert later.errors() == ["orderAborted"]
    later.run(30)
    assert later.errors() == ["orderAborted"]
    assert later.place.distance(DOCK) < 0.1
    assert not later.held.going_home


def test_a_cancellation_ends_even_if_the_dog_starts_again_meanwhile() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    dog.mission.update([instant(action("cancelOrder", "stop"))], dog.situation, dog.now)
    later = again(dog)
    later.run(1)
    assert later.statuses()["stop"] == "FINISHED"
    later.tell(OrderCame(here(later, node("b", 2))))
    later.run(20)
    assert later.held.last_node_id == "b"


def test_a_dog_that_starts_again_stands_until_it_knows_where_it_is() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    knows = dog.situation.pose
    later = again(dog)
    later.situation = replace(later.situation, pose=None)
    later.run(20)
    assert walked(later) == []
    assert "localizationLost" in later.errors()
    later.situation = replace(later.situation, pose=knows)
    later.run(30)
    assert later.held.last_node_id == "d"


def test_a_way_home_that_is_blocked_is_told_once_and_tried_on_while_the_battery_is_low() -> None:
    dog = Dog(stuck=True)
    dog.situation = replace(dog.situation, battery=Battery(0.15, 25.0, charging=False), pose=situation(5.0, 5.0).pose)
    dog.run(200)
    assert sorted(dog.errors()) == ["batteryLow", "noRouteError", "wayBlocked"]
    dog.stuck = False
    dog.run(30)
    assert dog.place.distance(DOCK) < 0.6


def test_an_order_is_refused_while_the_battery_is_low() -> None:
    dog = Dog()
    dog.situation = replace(dog.situation, battery=Battery(0.15, 25.0, charging=False))
    dog.step()
    dog.tell(OrderCame(ROUND))
    assert "orderError" in dog.errors()
    assert dog.held.order_id == ""


def test_a_navigator_that_gives_up_lost_is_not_counted_as_a_blocked_way() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    for _ in range(6):
        assert dog.going is not None
        dog.tell(GoalEnded(dog.going.goal, Outcome.LOST, "no match"))
        dog.going = None
        assert dog.errors() == ["wayBlocked"]
        for _ in range(101):
            dog.mission.update([], dog.situation, dog.now)
            dog.now += 0.1
        dog.step(0.0)
        dog.going = next(go for go in reversed(dog.asked) if isinstance(go, Go))
        dog.asked.clear()
    assert dog.held.order_id == "o1"


def test_a_change_is_told_at_once() -> None:
    dog = Dog()
    dog.step()
    assert not dog.mission.update([], dog.situation, dog.now).report
    low = replace(dog.situation, battery=Battery(0.15, 25.0, charging=False))
    assert dog.mission.update([], low, dog.now).report


texts = st.sampled_from(["a", "b", "c", "d"])
works = st.lists(
    st.builds(
        action,
        st.sampled_from(["takePhoto", "dwell", "chase"]),
        st.text("xyz", max_size=2),
        st.sampled_from(BlockingType),
        seconds=st.sampled_from([0, 1, -1, 1e9, "2", True]),
    ),
    max_size=2,
)
nodes = st.lists(
    st.builds(
        lambda name, number, doings, released: node(name, number, *doings, released=released),
        texts,
        st.integers(0, 8),
        works,
        st.booleans(),
    ),
    min_size=0,
    max_size=4,
)
orders = st.builds(
    lambda chain, name, update: order(*chain, order_id=name, update=update),
    nodes,
    st.sampled_from(["", "o1", "o2"]),
    st.integers(0, 2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(orders, min_size=1, max_size=4))
def test_no_order_whatever_is_half_taken_or_stops_the_mission(some: list[Order]) -> None:
    dog = Dog()
    for each in some:
        before = dog.held
        dog.tell(OrderCame(decode(encode(each), Order)))
        if dog.errors() and before.order_id == dog.held.order_id and before.order_update_id == dog.held.order_update_id:
            assert {n.sequence_id for n in dog.held.nodes} <= {n.sequence_id for n in before.nodes}
        dog.run(2)
        dog.report()


def everywhere(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The path to each value inside ``value``."""
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(deeper for key, item in inside for deeper in everywhere(item, (*path, key)))]


PLAIN = msgspec.json.decode(
    encode(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=2)), node("c", 4, released=False)))
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper, max_size=3),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(everywhere(PLAIN)[1:]), st.just("remove") | JSON, st.booleans())
def test_an_order_with_any_one_place_broken_is_taken_whole_or_refused_with_a_reason(
    path: tuple[Any, ...], other: object, walking: bool
) -> None:
    dog = Dog(situation=replace(situation(), can_stand=lambda x, y: abs(x) < 10 and abs(y) < 10))
    if walking:
        dog.tell(OrderCame(here(dog, node("c", 2))))
        assert dog.held.order_id == "o2"
    before = dog.held
    message = msgspec.json.decode(msgspec.json.encode(PLAIN))
    place = message
    for key in path[:-1]:
        place = place[key]
    if other == "remove":
        del place[path[-1]]
    else:
        place[path[-1]] = other
    try:
        came = decode(msgspec.json.encode(message), Order)
    except MalformedMessage as error:
        dog.tell(MalformedCame("order", str(error)))
        assert dog.errors()[-1] == "validationError"
        assert dog.held == before
        return
    dog.tell(OrderCame(came))
    assert dog.errors() or dog.held.order_id == came.order_id
    if dog.errors():
        assert dog.held.order_id == before.order_id
        assert dog.held.nodes == before.nodes
    dog.run(5)
    decode(encode(compose(dog.report(), dog.situation, ADDRESS, NOW)), State)
