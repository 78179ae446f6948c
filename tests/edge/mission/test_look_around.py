"""`lookAround`: once about itself, in quarters; whatever interrupts it, what was looked at is not looked at again."""

import math
from dataclasses import replace
from itertools import pairwise
from math import radians

import msgspec
import pytest
from msgspec import UNSET

from edge.mission.events import Go, OrderCame, Phase, Safety
from protocol.order import BlockingType
from tests.edge.mission.test_mission import again
from tests.edge.mission.world import Dog, action, instant, node, order

LOOK = action("lookAround", "l")


def headings(dog: Dog, x: float = 5.0) -> list[float]:
    """Degrees to which it was told to turn, where it stands."""
    turns = [each for each in dog.asked if isinstance(each, Go) and each.theta is not None]
    assert all((each.x, each.y) == (pytest.approx(x), 0.0) for each in turns)
    return [round(math.degrees(each.theta)) % 360 for each in turns if each.theta is not None]


def arrived(faced: float | None = None) -> Dog:
    """A dog at node b, in a look around that began as it faced so (degrees)."""
    dog, b = Dog(), node("b", 2, LOOK)
    if faced is not None and b.node_position is not UNSET:
        b = msgspec.structs.replace(b, node_position=msgspec.structs.replace(b.node_position, theta=radians(faced)))
    dog.tell(OrderCame(order(node("a", 0), b, node("c", 4))))
    while dog.held.last_node_id != "b":
        dog.step()
    return dog


def test_it_turns_once_about_itself_always_the_same_way_and_walks_on_from_where_it_began() -> None:
    dog = arrived()
    assert (dog.report().phase, dog.statuses()) == (Phase.ACTING, {"l": "RUNNING"})
    dog.run(3)
    assert headings(dog) == [90, 180, 270, 0]
    assert dog.statuses() == {"l": "FINISHED"}
    dog.run(10)
    assert (dog.held.last_node_id, dog.errors()) == ("c", [])


def test_it_turns_from_where_it_faces_over_the_seam_at_180_degrees() -> None:
    dog = arrived(120)
    dog.run(3)
    walked, *turned = headings(dog)
    assert (walked, turned) == (120, [210, 300, 30, 120])
    assert all((b - a) % 360 == 90 for a, b in pairwise(turned))


def test_a_pause_holds_it_and_after_it_the_rest_is_looked_at() -> None:
    dog = arrived()
    while len(headings(dog)) < 2:
        dog.step()
    dog.tell(instant(action("startPause", "p")))
    dog.run(2)
    before = len(headings(dog))
    assert (dog.statuses()["l"], dog.going) == ("PAUSED", None)
    dog.tell(instant(action("stopPause", "q")))
    dog.run(3)
    assert list(dict.fromkeys(headings(dog))) == [90, 180, 270, 0]
    assert 90 not in headings(dog)[before:]  # that quarter was at its end
    assert dog.statuses()["l"] == "FINISHED"


def test_a_dog_that_starts_again_looks_at_what_is_left() -> None:
    dog = arrived()
    while len(headings(dog)) < 3:
        dog.step()
    later = again(dog)
    later.run(10)
    assert len(headings(later)) <= 2
    assert headings(later)[-1] == 0
    assert (later.statuses(), later.held.last_node_id) == ({"l": "FINISHED"}, "c")


def test_one_that_has_no_room_to_turn_says_so_and_goes_on_with_its_order() -> None:
    dog = arrived()
    dog.stuck = True
    dog.run(15)
    assert dog.errors() == ["wayBlocked"]
    (told,) = dog.report().errors
    assert {r.reference_key: r.reference_value for r in told.error_references or []}["nodeId"] == "b"
    while not dog.held.works[0].ended:
        dog.step()
    work = next(each for each in dog.held.works if each.action.action_id == "l")
    assert (work.status, work.result) == ("FAILED", "it could not turn: BLOCKED a box")
    dog.stuck = False
    dog.run(10)
    assert (dog.held.last_node_id, dog.held.busy) == ("c", False)


def test_a_cancelled_order_ends_it_where_it_stands() -> None:
    dog = arrived()
    dog.tell(instant(action("cancelOrder", "c")))
    dog.run(2)
    assert (dog.statuses(), dog.going, dog.held.busy) == ({"l": "FAILED", "c": "FINISHED"}, None, False)


def test_an_emergency_stop_holds_it() -> None:
    dog = arrived()
    dog.situation = replace(dog.situation, safety=Safety(stopped=True, emergency_stop=True))
    dog.run(2)
    assert dog.going is None
    asked = len(dog.asked)
    dog.situation = replace(dog.situation, safety=Safety())
    dog.run(3)
    assert len(dog.asked) > asked
    assert dog.statuses()["l"] == "FINISHED"


@pytest.mark.parametrize(
    ("blocking", "taken"), [(BlockingType.SOFT, True), (BlockingType.HARD, True), (BlockingType.NONE, False)]
)
def test_it_is_refused_where_the_dog_would_walk_meanwhile(blocking: BlockingType, taken: bool) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("lookAround", "l", blocking)))))
    assert dog.held.busy is taken
    assert (dog.errors() == []) is taken


def test_it_is_none_of_an_edge() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [LOOK]})))
    assert not dog.held.busy
