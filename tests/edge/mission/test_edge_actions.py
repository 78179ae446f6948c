"""Work on edges, and several works at once: begun on entering, ended on leaving, held by their blocking types."""

from dataclasses import replace

import pytest

from edge.mission.events import CompareToReference, OrderCame, TakePhoto
from edge.mission.mission import Mission
from edge.mission.state import compose
from protocol.order import BlockingType
from tests.edge.mission.test_mission import again, walked
from tests.edge.mission.world import ADDRESS, Dog, action, instant, node, order

NONE, SOFT, HARD = BlockingType.NONE, BlockingType.SOFT, BlockingType.HARD


def test_an_edge_action_begins_on_the_edge_and_is_finished_on_leaving_it() -> None:
    dog = Dog()
    watch = action("dwell", "w", NONE, seconds=600)
    dog.tell(
        OrderCame(order(node("a", 0, action("dwell", "first", HARD, seconds=1)), node("b", 2), on_edge={1: [watch]}))
    )
    dog.run(0.5)
    assert dog.statuses() == {"first": "RUNNING", "w": "WAITING"}
    dog.run(2)
    assert dog.statuses() == {"first": "FINISHED", "w": "RUNNING"}
    assert walked(dog) == [(5.0, 0.0)]
    dog.run(6)
    assert dog.statuses()["w"] == "FINISHED"
    assert (dog.held.last_node_id, dog.held.busy) == ("b", False)


@pytest.mark.parametrize("blocking", [SOFT, HARD])
def test_an_edge_action_that_holds_the_dog_is_done_before_it_walks_on(blocking: BlockingType) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [action("dwell", "w", blocking, seconds=2)]})))
    dog.run(1)
    assert (dog.statuses(), walked(dog)) == ({"w": "RUNNING"}, [])
    dog.run(10)
    assert (dog.statuses(), dog.held.last_node_id) == ({"w": "FINISHED"}, "b")


def test_a_picture_is_taken_on_the_edge() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [action("takePhoto", "p", NONE)]})))
    dog.run(10)
    assert [c for c in dog.asked if isinstance(c, TakePhoto)] == [TakePhoto("p", "ab")]
    assert dog.statuses() == {"p": "FINISHED"}


def test_a_comparison_ends_with_what_came_of_it_and_fails_where_the_dog_sees_nothing() -> None:
    for camera, ended in ((True, ("FINISHED", "as it was")), (False, ("FAILED", "no camera"))):
        dog = Dog()
        dog.camera = camera
        dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("compareToReference", "c", HARD)))))
        dog.run(10)
        assert [c for c in dog.asked if isinstance(c, CompareToReference)] == [CompareToReference("c", "b")]
        (told,) = compose(dog.report(), dog.situation, ADDRESS, dog.now).action_states
        assert (told.action_status, told.result_description) == ended


def test_a_picture_that_does_not_come_before_the_edge_is_left_has_failed() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [action("takePhoto", "p", NONE)]})))
    for _ in range(80):
        dog.coming = [each for each in dog.coming if not hasattr(each, "success")]
        dog.step()
    assert (dog.statuses(), dog.held.last_node_id) == ({"p": "FAILED"}, "b")


def test_an_edge_between_two_nodes_in_one_place_is_not_skipped_with_its_work() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("a", 2), on_edge={1: [action("takePhoto", "p", HARD)]})))
    dog.run(2)
    assert dog.statuses() == {"p": "FINISHED"}
    assert dog.held.last_node_sequence_id == 2


def test_the_work_of_a_horizons_edge_waits_and_goes_with_it() -> None:
    dog = Dog()
    ahead = {3: [action("dwell", "w", NONE, seconds=1)]}
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), node("c", 4, released=False), on_edge=ahead)))
    dog.run(10)
    assert dog.statuses() == {"w": "WAITING"}
    dog.tell(OrderCame(order(node("b", 2), node("d", 4), update=1)))
    assert dog.statuses() == {}
    dog.run(20)
    assert (dog.held.last_node_id, dog.errors()) == ("d", [])


def test_an_edge_action_outlives_the_process() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [action("dwell", "w", NONE, seconds=600)]})))
    dog.run(2)
    later = again(dog)
    assert isinstance(later.mission, Mission)
    later.run(10)
    assert (later.statuses(), later.held.last_node_id) == ({"w": "FINISHED"}, "b")


def test_none_and_soft_run_together_a_hard_one_waits_for_both_and_what_follows_waits_for_it() -> None:
    dog = Dog()
    kinds = (NONE, SOFT, HARD, NONE)
    works = [action("dwell", name, kind, seconds=2) for name, kind in zip("abcd", kinds, strict=True)]
    dog.tell(OrderCame(order(node("a", 0, *works), node("b", 2))))
    seen: list[str] = []
    for _ in range(90):
        dog.step()
        running = "".join(name for name, status in dog.statuses().items() if status == "RUNNING")
        if running and (not seen or seen[-1] != running):
            seen.append(running)
    assert seen == ["ab", "c", "d"]
    assert walked(dog) == [(5.0, 0.0)]


def test_a_pause_pauses_the_work_of_an_edge_too() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [action("dwell", "w", NONE, seconds=600)]})))
    dog.run(2)
    dog.tell(instant(action("startPause", "p1")))
    dog.run(1)
    assert dog.statuses()["w"] == "PAUSED"
    for report in (dog.report(), replace(dog.report(), schema_bound=True)):
        (told, _) = compose(report, dog.situation, ADDRESS, dog.now).action_states
        assert told.action_status == ("RUNNING" if report.schema_bound else "PAUSED")
    dog.tell(instant(action("stopPause", "p2")))
    dog.run(1)
    assert dog.statuses()["w"] == "RUNNING"


def test_a_cancellation_fails_the_work_of_an_edge() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [action("dwell", "w", NONE, seconds=600)]})))
    dog.run(2)
    dog.tell(instant(action("cancelOrder", "c")))
    dog.run(1)
    assert dog.statuses() == {"w": "FAILED", "c": "FINISHED"}
