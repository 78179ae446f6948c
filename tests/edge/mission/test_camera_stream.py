"""The camera, live, as instant actions: a lease that the station renews, and that ends by itself."""

from dataclasses import replace

import pytest

from edge.mission.events import Battery, CameraStreamTold, EndCameraStream, OrderCame, StreamCamera
from edge.mission.state import compose
from protocol.camera_stream import LEASE_S, RENEW_S, START_STREAM, STOP_STREAM, StreamEnd
from protocol.order import Action
from protocol.state import ActionStatus
from tests.edge.mission.world import ADDRESS, Dog, action, instant, node, order


def start(stream_id: str = "s1", **limits: float) -> Action:
    return action(START_STREAM, stream_id, token="open", **limits)


def status(dog: Dog, action_id: str = "s1") -> tuple[ActionStatus, str]:
    work = next(work for work in dog.held.works if work.action.action_id == action_id)
    return work.status, work.result


def ends(dog: Dog) -> list[StreamEnd]:
    return [each.why for each in dog.asked if isinstance(each, EndCameraStream)]


def orders(dog: Dog) -> list[StreamCamera]:
    return [each for each in dog.asked if isinstance(each, StreamCamera)]


def watched_dog() -> Dog:
    """Pictures flow."""
    dog = Dog()
    dog.tell(instant(start()))
    dog.tell(CameraStreamTold("s1"))
    return dog


def informed(dog: Dog) -> list[str]:
    state = compose(dog.report(), dog.situation, ADDRESS, dog.now)
    return [str(each.info_description) for each in state.information or [] if each.info_type == "cameraStream"]


def test_a_stream_is_running_until_pictures_flow_and_the_dog_says_that_it_is_watched() -> None:
    dog = Dog()
    assert informed(dog) == []
    dog.tell(instant(start(fps=10.0, kbps=500.0)))
    assert status(dog) == (ActionStatus.RUNNING, "")
    (asked,) = orders(dog)
    assert (asked.order.stream_id, asked.order.token, asked.order.fps, asked.order.kbps) == ("s1", "open", 10.0, 500.0)
    dog.tell(CameraStreamTold("s1"))
    assert status(dog)[0] is ActionStatus.FINISHED, "a running one would keep the dog from orders"
    assert informed(dog) == ["s1"]


def test_it_ends_by_itself_when_it_is_not_renewed() -> None:
    dog = watched_dog()
    dog.run(LEASE_S - 1.0)
    assert ends(dog) == []
    dog.run(2.0)
    assert ends(dog) == [StreamEnd.UNWATCHED]
    assert informed(dog) == []


def test_it_goes_on_while_it_is_renewed_under_its_own_id() -> None:
    dog = watched_dog()
    for _ in range(20):
        dog.run(RENEW_S)
        dog.tell(instant(start()))
    assert ends(dog) == []
    assert len(orders(dog)) == 21
    assert len([work for work in dog.held.works if work.action.action_type == START_STREAM]) == 1


def test_the_token_is_not_kept() -> None:
    assert "open" not in repr(watched_dog().held)


def test_it_is_stopped_at_once_and_what_comes_late_does_not_begin_it_again() -> None:
    dog = watched_dog()
    dog.tell(instant(action(STOP_STREAM, "x", streamId="another")))
    assert ends(dog) == []
    dog.tell(instant(action(STOP_STREAM, "y", streamId="s1")))
    assert ends(dog) == [StreamEnd.STOPPED]
    dog.tell(instant(start()))
    assert len(orders(dog)) == 1
    assert status(dog, "y")[0] is ActionStatus.FINISHED


def test_a_low_battery_ends_it_and_begins_none_but_at_the_charger() -> None:
    dog = watched_dog()
    dog.situation = replace(dog.situation, battery=Battery(0.12, 26.0, charging=False))
    dog.step()
    assert ends(dog) == [StreamEnd.BATTERY_LOW]
    dog.tell(instant(start("s2")))
    assert status(dog, "s2") == (ActionStatus.FAILED, "BATTERY_LOW")
    dog.situation = replace(dog.situation, battery=Battery(0.12, 26.0, charging=True))
    dog.tell(instant(start("s3")))
    dog.step()
    assert status(dog, "s3")[0] is ActionStatus.RUNNING


@pytest.mark.parametrize("why", StreamEnd)
def test_why_it_never_began_stands_with_the_action(why: StreamEnd) -> None:
    dog = Dog()
    dog.tell(instant(start()))
    dog.tell(CameraStreamTold("s1", why))
    assert status(dog) == (ActionStatus.FAILED, why)
    assert informed(dog) == []


def test_a_dog_without_perception_says_so() -> None:
    dog = Dog()
    for _ in range(8):
        dog.tell(instant(start()))
        dog.run(RENEW_S)
    assert status(dog) == (ActionStatus.FAILED, "NO_CAMERA")


def test_another_stream_takes_its_place() -> None:
    dog = watched_dog()
    dog.tell(instant(start("s2")))
    assert ends(dog) == [StreamEnd.REPLACED]
    dog.tell(CameraStreamTold("s1", StreamEnd.REPLACED))
    dog.tell(CameraStreamTold("s2"))
    assert informed(dog) == ["s2"]


def test_a_dog_walks_its_round_while_it_is_watched() -> None:
    dog = watched_dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    for _ in range(6):
        dog.run(RENEW_S)
        dog.tell(instant(start()))
    assert dog.held.last_node_id == "b"
    assert informed(dog) == ["s1"]


@pytest.mark.parametrize(
    "wrong", [{"fps": 0.0}, {"fps": 1e9}, {"kbps": -1.0}, {"kbps": 1e9}, {"fps": "many"}, {"more": 1.0}]
)
def test_limits_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    dog = Dog()
    dog.tell(instant(start(**wrong)))
    assert status(dog)[0] is ActionStatus.FAILED
    assert orders(dog) == []
    assert "instantActionError" in dog.errors()
