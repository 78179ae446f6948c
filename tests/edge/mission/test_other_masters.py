"""What other makers' masters (NVIDIA's, npm's, inorbit's) make of a dog's states, and what they ask for."""

import random
from dataclasses import replace

import numpy as np
import pytest
from msgspec import UNSET, UnsetType
from msgspec.structs import replace as with_fields

from edge.mission.events import Go, GoalEnded, OrderCame, Outcome
from edge.mission.factsheet import factsheet
from edge.mission.node_position import LEAST_DEVIATION, LEAST_HEADING
from edge.mission.state import compose
from edge.types import STILL, Pose2D, PoseEstimate, Twist2D
from protocol.order import Node, NodePosition
from protocol.state import ActionStatus
from tests.edge.mission.world import ADDRESS, NOW, Dog, action, instant, node, order, situation


def exact(
    name: str, sequence_id: int, xy: float | UnsetType, turn: float | UnsetType, theta: float | UnsetType = 0.0
) -> Node:
    made = node(name, sequence_id)
    assert isinstance(made.node_position, NodePosition)
    place = with_fields(made.node_position, allowed_deviation_xy=xy, allowed_deviation_theta=turn, theta=theta)
    return with_fields(made, node_position=place)


def stands(dog: Dog, x: float, y: float, theta: float = 0.0) -> None:
    dog.situation = replace(
        dog.situation, pose=PoseEstimate(Pose2D(x, y, theta), np.eye(3) * 0.01, 0.9, dog.now), twist=situation().twist
    )


def goal(dog: Dog) -> Go:
    return [command for command in dog.asked if isinstance(command, Go)][-1]


@pytest.mark.parametrize("turn", [0.0, -0.0, UNSET])
def test_an_allowed_deviation_of_0_leaves_it_to_the_dog(turn: float | UnsetType) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(exact("a", 0, 0.0, turn), exact("b", 2, 0.0, turn))))
    dog.run(10)
    assert (dog.errors(), dog.held.busy, dog.held.last_node_id) == ([], False, "b")


@pytest.mark.parametrize(
    ("xy", "turn", "field"),
    [
        (0.02, UNSET, "allowedDeviationXY"),
        (LEAST_DEVIATION - 0.001, UNSET, "allowedDeviationXY"),
        (0.5, 0.01, "allowedDeviationTheta"),
        (0.5, 0.001 - LEAST_HEADING, "allowedDeviationTheta"),
    ],
)
def test_what_the_dog_cannot_keep_to_is_refused_and_the_least_stands_in_its_factsheet(
    xy: float, turn: float | UnsetType, field: str
) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), exact("b", 2, xy, turn))))
    (error,) = dog.report().errors
    assert error.error_type == "orderError"
    assert error.error_references
    assert {"nodeId": "b", "field": field}.items() <= {
        each.reference_key: each.reference_value for each in error.error_references
    }.items()
    told = {p.parameter.rpartition(".")[2]: p for p in factsheet(ADDRESS, NOW).protocol_features.optional_parameters}
    assert str({"allowedDeviationXY": 0.2, "allowedDeviationTheta": 0.15}[field]) in str(told[field].description)


def test_a_deviation_in_theta_counts_for_nothing_where_no_theta_is_asked_for() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), exact("b", 2, 0.5, 0.01, theta=UNSET))))
    dog.run(10)
    assert (dog.errors(), dog.held.last_node_id) == ([], "b")


@pytest.mark.parametrize(("off", "turned"), [(0.25, 0.0), (0.0, 0.2), (0.0, -3.0)])
def test_what_the_navigator_calls_reached_and_lies_beyond_what_is_allowed_is_walked_again_and_told(
    off: float, turned: float
) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), exact("b", 2, LEAST_DEVIATION, LEAST_HEADING))))
    for _ in range(4):
        dog.going = None
        stands(dog, 5.0 + off, 0.0, turned)
        dog.tell(GoalEnded(goal(dog).goal, Outcome.REACHED))
        assert dog.held.last_node_id == "a"
        before = len(dog.asked)
        if not dog.held.busy:
            break
        while len(dog.asked) == before:
            dog.step()
    assert dog.errors() == ["orderAborted"]
    assert "are allowed" in str(dog.report().errors[0].error_description)


@pytest.mark.parametrize("seed", range(40))
def test_a_dog_that_stops_within_its_own_tolerance_has_met_the_least_that_may_be_asked(seed: int) -> None:
    chance = random.Random(seed)
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), exact("b", 2, LEAST_DEVIATION, LEAST_HEADING))))
    dog.going = None
    stands(dog, 5.0 + chance.uniform(-0.14, 0.14), chance.uniform(-0.05, 0.05), chance.uniform(-0.1, 0.1))
    dog.tell(GoalEnded(goal(dog).goal, Outcome.REACHED))
    assert (dog.errors(), dog.held.last_node_id) == ([], "b")


def test_the_first_state_with_a_new_order_names_the_node_on_which_the_dog_stands() -> None:
    """NVIDIA's dispatcher calls an order done by its id and the last node: the last order's node is none of it."""
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), order_id="first")))
    dog.run(10)
    turned = exact("b", 8, 0.5, 0.3, theta=2.0)
    dog.tell(OrderCame(order(turned, node("a", 10), order_id="second")))
    told = compose(dog.report(), dog.situation, ADDRESS, NOW)
    assert (told.order_id, told.last_node_id, told.last_node_sequence_id) == ("second", "b", 8)
    assert [n.sequence_id for n in told.node_states] == [8, 10]


def test_a_refused_order_leaves_the_last_node_alone() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), order_id="first")))
    dog.run(10)
    dog.tell(OrderCame(order(node("d", 0), node("a", 2), order_id="second")))
    assert (dog.errors(), dog.held.order_id, dog.held.last_node_id) == (["noRouteError"], "first", "b")


@pytest.mark.parametrize("seed", range(60))
def test_what_is_ahead_stays_in_the_state_until_its_cancellation_is_finished(seed: int) -> None:
    """npm's vda-5050-lib reads an empty `nodeStates` before that as 'processed, not canceled'."""
    chance = random.Random(seed)
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action("dwell", "w", seconds=1)), node("b", 2), node("c", 4), node("d", 6))))
    dog.run(chance.uniform(0, 14))
    assert dog.held.nodes
    dog.tell(instant(action("cancelOrder", "stop")))
    moving = replace(dog.situation, twist=Twist2D(0.3, 0.0, 0.0))  # a dog needs a while to stand
    for n in range(20):
        dog.situation = moving if n < 5 else replace(moving, twist=STILL)
        told = compose(dog.report(), dog.situation, ADDRESS, NOW)
        (cancel,) = (a for a in told.action_states if a.action_id == "stop")
        assert bool(told.node_states) is (cancel.action_status is not ActionStatus.FINISHED)
        assert bool(told.edge_states) <= bool(told.node_states)
        dog.step(chance.uniform(0.01, 0.3))
    assert dog.statuses()["stop"] == "FINISHED"
    stands(dog, 0.0, 0.0)
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), order_id="next")))
    assert dog.held.order_id == "next"


def test_an_update_of_an_order_that_is_being_canceled_is_refused() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4, released=False))))
    dog.run(2)
    dog.tell(instant(action("cancelOrder", "stop")), OrderCame(order(node("b", 2), node("c", 4), update=1)))
    assert "orderUpdateError" in dog.errors()
    dog.run(1)
    assert (dog.held.nodes, dog.statuses()["stop"]) == ([], "FINISHED")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("1e0", 1.0),
        (" 2", None),
        ("two", None),
        ("nan", None),
        ("1e400", None),
        ("", None),
        (True, None),
        ("-1", None),
    ],
)
def test_a_number_written_as_a_text_is_taken_and_told_and_what_is_no_number_is_refused(
    written: object, seconds: float | None
) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action("dwell", "w", seconds=written)), node("b", 2))))
    if seconds is None:
        assert dog.errors() == ["orderError"]
        return
    assert (dog.errors(), dog.held.works[0].action.parameter("seconds")) == ([], seconds)
    note = "taken, though not to the letter: dwell.seconds: a number written as a text"
    assert note in dog.report().notes
    dog.run(15)
    assert (dog.statuses(), dog.held.last_node_id) == ({"w": "FINISHED"}, "b")


def test_a_position_written_as_texts_is_taken() -> None:
    dog = Dog()
    dog.tell(instant(action("initPosition", "i", x="1.5", y="-2", theta="0", mapId="yard", lastNodeId="7")))
    dog.run(1)
    assert (dog.statuses(), dog.place.x, dog.place.y, dog.held.last_node_id) == ({"i": "FINISHED"}, 1.5, -2.0, "7")


def test_a_node_without_a_map_is_on_the_one_that_the_dog_has() -> None:
    def nowhere(made: Node) -> Node:
        assert isinstance(made.node_position, NodePosition)
        return with_fields(made, node_position=with_fields(made.node_position, map_id=""))

    dog = Dog()
    dog.tell(OrderCame(order(nowhere(node("a", 0)), node("b", 2))))
    dog.run(10)
    assert (dog.errors(), dog.held.last_node_id) == ([], "b")
    assert any("mapId" in note for note in dog.report().notes)
