"""A dog in a person's hand: its patrol waits and is not lost, and nothing but a person or the battery moves it on."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from edge.mission.events import Battery, DriverLost, Go, Halt, LetDrive, LinkHeard, OrderCame, Phase, Safety
from edge.mission.mission import Mission
from edge.mission.order_progress import OrderProgress
from edge.mission.state import compose
from edge.types import STILL, Pose2D, Twist2D
from protocol.manual_driving import START, STOP
from protocol.order import BlockingType
from protocol.state import OperatingMode, State
from tests.edge.mission.test_mission import ROUND, walked
from tests.edge.mission.world import ADDRESS, Dog, action, instant, node, order, situation

FIRST, SECOND = "the-first-drive-01", "the-second-drive-2"


def take(dog: Dog, session: str = FIRST, action_id: str = "take") -> str:
    """The status of the action by which somebody takes the hand."""
    dog.tell(instant(action(START, action_id, BlockingType.NONE, sessionId=session)))
    return dog.statuses()[action_id]


def give_back(dog: Dog) -> None:
    dog.tell(instant(action(STOP, "back", BlockingType.NONE)))


def told(dog: Dog) -> State:
    return compose(dog.report(), dog.situation, ADDRESS, dog.now)


def drives(dog: Dog) -> list[str]:
    return [command.session_id for command in dog.asked if isinstance(command, LetDrive)]


def put(dog: Dog, x: float, y: float) -> None:
    """Driven there."""
    dog.situation = replace(dog.situation, pose=situation(x, y).pose)


def test_a_patrol_waits_while_a_person_drives_and_goes_on_from_where_they_left_the_dog() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    assert told(dog).operating_mode is OperatingMode.AUTOMATIC
    assert take(dog) == "FINISHED"
    assert (drives(dog), dog.asked[-1], dog.going) == ([FIRST], Halt(), None)
    state = told(dog)
    assert (state.operating_mode, state.paused, dog.report().phase) == (OperatingMode.MANUAL, True, Phase.MANUAL)
    assert (state.order_id, len(state.node_states)) == ("o1", 3), "paused, not lost"
    put(dog, 3.0, 4.0)
    dog.run(30)
    assert (dog.going, dog.errors()) == (None, [])
    give_back(dog)
    assert told(dog).operating_mode is OperatingMode.AUTOMATIC
    dog.run(40)
    assert walked(dog)[-3:] == [(5.0, 0.0), (5.0, 5.0), (0.0, 5.0)]
    assert (dog.held.last_node_id, dog.errors(), set(dog.statuses().values())) == ("d", [], {"FINISHED"})


def test_work_that_a_driver_interrupted_goes_on_at_its_node_and_not_where_the_driver_left_the_dog() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("dwell", "watch", seconds=20.0)), node("c", 4))))
    dog.run(8)
    assert dog.statuses()["watch"] == "RUNNING"
    take(dog)
    assert dog.statuses()["watch"] == "PAUSED"
    put(dog, 2.0, 2.0)
    dog.run(60)
    assert dog.statuses()["watch"] == "PAUSED"
    give_back(dog)
    dog.step()
    assert isinstance(dog.asked[-1], Go)
    assert (dog.asked[-1].x, dog.asked[-1].y) == (5.0, 0.0)
    dog.run(40)
    assert (dog.statuses()["watch"], dog.held.last_node_id) == ("FINISHED", "c")


def test_the_patrol_is_cancelled_where_the_driver_wants_that() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    take(dog)
    dog.situation = replace(dog.situation, twist=Twist2D(0.5, 0.0, 0.0))
    dog.tell(instant(action("cancelOrder", "c")))
    assert dog.statuses()["c"] == "RUNNING", "until it stands"
    dog.situation = replace(dog.situation, twist=STILL)
    dog.step()
    assert (dog.statuses()["c"], dog.held.busy, told(dog).paused) == ("FINISHED", False, False)
    give_back(dog)
    dog.run(5)
    assert dog.going is None


def test_a_driver_who_has_gone_leaves_a_dog_that_stands_and_says_so_until_a_person_decides() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    take(dog)
    dog.tell(DriverLost("another-drive-0123"))
    assert dog.errors() == []
    dog.tell(DriverLost(FIRST))
    dog.run(600)
    assert (dog.errors(), dog.going, told(dog).operating_mode) == (["driverLost"], None, OperatingMode.MANUAL)
    assert take(dog, SECOND, "again") == "FINISHED"
    assert (dog.errors(), drives(dog)) == ([], [FIRST, SECOND])
    dog.tell(DriverLost(SECOND))
    give_back(dog)
    dog.run(40)
    assert (dog.errors(), dog.held.last_node_id) == ([], "d")


def test_a_second_driver_takes_the_place_of_the_first_and_a_repetition_changes_nothing() -> None:
    dog = Dog()
    take(dog)
    take(dog)
    take(dog, SECOND, "over")
    assert drives(dog) == [FIRST, SECOND]
    dog.tell(DriverLost(FIRST))
    assert dog.errors() == []


def test_a_link_that_is_lost_under_the_driver_does_not_send_the_dog_off() -> None:
    dog = Dog()
    policy = action("onLinkLoss", "rule", BlockingType.NONE, policy="home")
    dog.tell(OrderCame(order(node("a", 0, policy), node("b", 2), node("c", 4))))
    dog.run(2)
    take(dog)
    dog.tell(LinkHeard(False), DriverLost(FIRST))
    dog.run(300)
    assert (dog.going, dog.held.busy, dog.errors()) == (None, True, ["driverLost"])


@pytest.mark.parametrize("charge", [0.15, 0.05])
def test_with_what_the_way_home_takes_the_hand_is_taken_back(charge: float) -> None:
    dog = Dog()
    take(dog)
    dog.situation = replace(dog.situation, battery=Battery(charge, 27.0, charging=False))
    dog.run(1)
    assert told(dog).operating_mode is OperatingMode.AUTOMATIC
    assert (dog.going is not None) is (charge > 0.08), "home, or where it is"
    assert take(dog, SECOND, "again") == "FAILED"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"safety": Safety(stopped=True, reasons=("EMERGENCY_STOP",), emergency_stop=True)}, "emergency stop"),
        ({"safety": Safety(stopped=True, reasons=("FALLEN",))}, "fallen"),
        ({"battery": None}, "battery"),
    ],
)
def test_the_hand_cannot_be_taken_where_driving_would_harm(how: dict[str, Any], why: str) -> None:
    dog = Dog()
    dog.situation = replace(dog.situation, **how)
    dog.step()
    assert take(dog) == "FAILED"
    assert why in dog.held.works[-1].result
    assert told(dog).operating_mode is OperatingMode.AUTOMATIC
    assert drives(dog) == []


def test_an_order_is_refused_while_a_person_drives_and_its_repetition_is_passed_over() -> None:
    dog = Dog()
    take(dog)
    dog.tell(OrderCame(ROUND))
    assert (dog.held.order_id, dog.errors()) == ("", ["orderError"])
    give_back(dog)
    dog.tell(OrderCame(ROUND))
    take(dog, SECOND, "again")
    dog.tell(OrderCame(ROUND))
    assert (dog.held.order_id, dog.errors()) == ("o1", [])


def test_a_dog_that_starts_again_in_a_persons_hand_stands_and_says_so() -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(2)
    take(dog)
    kept = msgspec.json.decode(msgspec.json.encode(dog.held), type=OrderProgress)
    again = Dog(Mission(held=kept), situation=situation(2.0, 0.0), now=dog.now + 60)
    again.run(60)
    assert (again.going, again.errors(), told(again).operating_mode) == (None, ["driverLost"], OperatingMode.MANUAL)
    give_back(again)
    again.run(40)
    assert again.held.last_node_id == "d"


def test_a_session_that_anybody_could_guess_is_refused() -> None:
    dog = Dog()
    assert take(dog, "1") == "FAILED"
    assert drives(dog) == []


def test_a_driven_dog_tells_that_it_moves() -> None:
    dog = Dog()
    take(dog)
    assert told(dog).driving is False
    dog.situation = replace(dog.situation, twist=Twist2D(0.3, 0.0, 0.0), pose=situation().pose)
    assert told(dog).driving is True
    assert Pose2D(0.0, 0.0, 0.0) == dog.place
