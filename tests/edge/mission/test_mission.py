"""Stories of orders: walked, worked, refused, interrupted."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.mission.events import (
    Battery,
    Go,
    Halt,
    MalformedCame,
    OrderCame,
    Phase,
    Safety,
    SendFactsheet,
    SetEmergencyStop,
    SetPose,
)
from edge.mission.mission import Mission
from edge.types import Pose2D, PoseEstimate
from protocol.codec import decode, encode
from protocol.order import BlockingType, Order
from protocol.state import ActionStatus
from tests.edge.mission.world import DOCK, Dog, action, instant, node, order

ROUND = order(
    node("a", 0), node("b", 2, action("takePhoto", "p")), node("c", 4, action("dwell", "w", seconds=2)), node("d", 6)
)


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


def test_an_order_starts_anywhere_on_the_map_that_the_dog_can_walk_to() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("c", 0), node("d", 2))))
    dog.run(30)
    assert walked(dog)[0] == (5.0, 5.0)
    assert dog.held.last_node_id == "d"


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
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), update=3)))
    dog.tell(OrderCame(order(node("b", 2), node("c", 4), update=2)))
    assert dog.errors() == ["orderUpdateError"]


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
        (order(node("a", 0, action("dwell", "x", seconds="3"))), "orderError"),
        (order(node("a", 0, action("dwell", "x", seconds=-1))), "orderError"),
    ],
)
def test_an_order_that_cannot_be_done_is_refused_whole_with_what_is_wrong(bad: Order, type_of_error: str) -> None:
    dog = Dog()
    dog.tell(OrderCame(bad))
    assert dog.errors() == [type_of_error]
    assert dog.report().errors[0].error_references
    assert dog.held.order_id == ""


def test_canceling_stops_the_dog_fails_what_was_due_and_lets_it_take_another() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    dog.tell(instant(action("cancelOrder", "stop", BlockingType.HARD)))
    assert isinstance(dog.asked[-1], Halt)
    dog.run(1)
    assert dog.statuses() == {"p": "FAILED", "w": "FAILED", "stop": "FINISHED"}
    assert (dog.held.order_id, dog.held.nodes) == ("o1", [])
    dog.tell(OrderCame(order(node("a", 0), order_id="o2")))
    assert dog.held.order_id == "o2"


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
    assert (dog.report().phase, dog.statuses()["w"], walked(dog)) == (Phase.PAUSED, "RUNNING", [])
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
    dog.tell(instant(action("initPosition", "i", x=1.0, y=2.0, theta=0.5, mapId="yard")))
    assert dog.asked[-1] == SetPose(Pose2D(1.0, 2.0, 0.5))
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
    dog.run(25)
    dog.stuck = False
    dog.run(30)
    assert dog.errors() == ["orderAborted"]
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
    assert again.report().notes == ("resumed after a restart",)
    again.run(30)
    assert again.held.last_node_id == "d"
    assert set(again.statuses().values()) == {ActionStatus.FINISHED}


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
