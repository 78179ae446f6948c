"""Single rules of the standard's text that no story tells by the way; docs/vda5050.md names them."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_struct

from edge.mission.events import OrderCame
from edge.mission.node_position import is_at
from edge.mission.state import compose
from edge.types import Pose2D
from protocol.order import BlockingType, NodePosition
from protocol.state import MapStatus
from tests.edge.mission.test_mission import here, references
from tests.edge.mission.world import ADDRESS, Dog, action, instant, node, order


def test_an_order_of_another_major_version_is_refused() -> None:
    for version, errors in (("1.1.0", ["validationError"]), ("3.0.0", ["validationError"]), ("2.0.0", [])):
        dog = Dog()
        dog.tell(OrderCame(replace_struct(order(node("a", 0)), version=version)))
        assert dog.errors() == errors, version


def test_a_node_is_passed_within_its_deviation_and_not_outside() -> None:
    place = NodePosition(x=1.0, y=0.0, map_id="yard", allowed_deviation_xy=0.3)
    there = replace_struct(node("a", 0), node_position=place)
    assert is_at(there, Pose2D(1.2, 0.2, 3.0))
    assert not is_at(there, Pose2D(1.3, 0.2, 0.0))


def test_a_heading_is_met_within_its_deviation() -> None:
    place = NodePosition(x=0.0, y=0.0, map_id="yard", theta=3.1, allowed_deviation_theta=0.2)
    there = replace_struct(node("a", 0), node_position=place)
    assert is_at(there, Pose2D(0.0, 0.0, -3.1))
    assert not is_at(there, Pose2D(0.0, 0.0, 2.8))


def test_the_state_names_the_map_in_use() -> None:
    dog = Dog()
    dog.situation = replace(dog.situation, map_version="7")
    (told,) = compose(dog.report(), dog.situation, ADDRESS, dog.now).maps or []
    assert (told.map_id, told.map_version, told.map_status) == ("yard", "7", MapStatus.ENABLED)


def test_each_event_of_the_text_tells_the_state_at_once() -> None:
    watch = {1: [action("dwell", "w", BlockingType.NONE, seconds=1)]}
    dog = Dog()
    dog.step()

    def told() -> bool:
        said, dog.told = dog.told, False
        return said

    told()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4, released=False), on_edge=watch)))
    assert told(), "an order, a node passed, driving, an action begun"
    dog.run(0.5)
    assert not told(), "nothing has happened"
    dog.run(1)
    assert told(), "an action has ended"
    dog.run(2)
    told()
    dog.tell(OrderCame(order(node("b", 2), node("d", 4), update=1)))
    assert told(), "an order update"
    dog.tell(OrderCame(order(node("b", 2), node("d", 4), order_id="other")))
    assert told(), "a warning"
    dog.run(0.1)
    assert not told()
    dog.run(2)
    assert told(), "a node reached"


def test_an_error_about_an_order_names_topic_header_and_order() -> None:
    dog = Dog()
    wrong = order(node("a", 0, action("chase", "x")), update=0)
    dog.tell(OrderCame(replace_struct(wrong, header_id=41)))
    named = {("topic", "order"), ("headerId", "41"), ("orderId", "o1"), ("orderUpdateId", "0"), ("actionId", "x")}
    assert named <= set(references(dog))
    dog = Dog()
    dog.tell(instant(action("chase", "y")))
    assert {("topic", "instantActions"), ("actionId", "y")} <= set(references(dog))


def test_action_states_stay_until_a_new_order_and_a_running_instant_action_outlives_it() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action("takePhoto", "p")))))
    dog.run(1)
    dog.tell(instant(action("stateRequest", "s"), action("startCharging", "c")))
    dog.run(60)
    assert dog.statuses() == {"p": "FINISHED", "s": "FINISHED", "c": "FAILED"}
    dog.tell(instant(action("startCharging", "again")))
    dog.tell(OrderCame(here(dog)))
    assert set(dog.statuses()) == {"again"}


@pytest.mark.parametrize("released", [True, False])
def test_an_order_of_one_node_without_an_edge_is_enough(released: bool) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, released=released))))
    assert dog.errors() == ([] if released else ["validationError"])
