"""The station out of reach: what the order wants, obeyed by the dog alone, and told when it is back."""

from collections.abc import Sequence
from typing import Any

import pytest

from edge.mission.events import LinkHeard, OrderCame, Phase
from edge.mission.link_loss import GRACE_S, SILENT_S, LinkLoss, Verdict
from edge.mission.state import compose
from protocol.on_link_loss import LinkLossPolicy as Policy
from protocol.order import BlockingType
from tests.edge.mission.test_mission import again
from tests.edge.mission.world import ADDRESS, DOCK, Dog, action, instant, node, order


def sent(policy: str, minutes: float | None = None, seconds: float = 600) -> Dog:
    """A dog that is on a long order with this policy, and whose station is there."""
    given: dict[str, Any] = {"policy": policy} | ({} if minutes is None else {"minutes": minutes})
    rule = action("onLinkLoss", "rule", BlockingType.NONE, **given)
    dog = Dog()
    dog.tell(LinkHeard(True))
    dog.tell(OrderCame(order(node("a", 0, rule), node("b", 2, action("dwell", "w", seconds=seconds)), node("c", 4))))
    dog.run(8)
    return dog


def pass_time(dog: Dog, seconds: float, connected: bool) -> None:
    """The link speaks every five seconds."""
    for _ in range(round(seconds / 5)):
        dog.tell(LinkHeard(connected))
        dog.run(5)


def notes(dog: Dog) -> Sequence[str]:
    state = compose(dog.report(), dog.situation, ADDRESS, dog.now)
    return [str(i.info_description) for i in state.information or [] if i.info_type == "linkLost"]


def test_the_rule_is_taken_at_the_first_node_and_holds_nothing_up() -> None:
    dog = sent("home")
    assert dog.statuses()["rule"] == "FINISHED"
    assert dog.held.link_loss == LinkLoss(Policy.HOME)
    assert dog.held.last_node_id == "b"


@pytest.mark.parametrize(
    ("policy", "lost_s", "verdict"),
    [
        (LinkLoss(), 1e6, Verdict.GO_ON),
        (LinkLoss(Policy.STAND), GRACE_S - 1, Verdict.GO_ON),
        (LinkLoss(Policy.STAND), GRACE_S, Verdict.STAND),
        (LinkLoss(Policy.HOME), GRACE_S, Verdict.HOME),
        (LinkLoss(Policy.CARRY_ON_THEN_HOME, 30), 1799, Verdict.GO_ON),
        (LinkLoss(Policy.CARRY_ON_THEN_HOME, 30), 1800, Verdict.HOME),
        (LinkLoss(Policy.CARRY_ON_THEN_HOME, 0), GRACE_S - 1, Verdict.GO_ON),
    ],
)
def test_each_policy_by_time(policy: LinkLoss, lost_s: float, verdict: Verdict) -> None:
    assert policy.verdict(lost_s) is verdict


def test_a_dog_carries_on_for_its_minutes_then_goes_home_and_tells_it_when_the_station_is_back() -> None:
    dog = sent("carryOnThenHome", minutes=1)
    pass_time(dog, 50, connected=False)
    assert dog.report().phase is Phase.ACTING
    pass_time(dog, 40, connected=False)
    assert dog.place.distance(DOCK) < 0.1
    assert (dog.statuses()["w"], dog.errors()) == ("FAILED", ["linkLost"])
    assert notes(dog)[0].startswith("no station since 2026-")
    pass_time(dog, 5, connected=True)
    (note,) = notes(dog)
    assert note.startswith("no station from 2026-")
    assert note.endswith("broke off and went home: carryOnThenHome after 1 min")
    assert dog.errors() == ["linkLost"]


def test_a_dog_that_shall_stand_stands_until_the_station_is_back_and_then_goes_on() -> None:
    dog = sent("stand", seconds=15)
    pass_time(dog, 40, connected=False)
    assert (dog.report().phase, dog.statuses()["w"], dog.errors()) == (Phase.WAITING, "PAUSED", [])
    pass_time(dog, 30, connected=True)
    assert dog.held.last_node_id == "c"
    assert notes(dog)[0].endswith("stood: stand")


def test_a_link_that_blinks_sends_nobody_home() -> None:
    dog = sent("home")
    dog.tell(LinkHeard(False))
    dog.run(5)
    dog.tell(LinkHeard(True))
    dog.run(5)
    assert (dog.report().phase, dog.errors()) == (Phase.ACTING, [])


def test_a_link_that_is_silent_is_as_good_as_lost() -> None:
    dog = sent("home")
    dog.run(SILENT_S + 1)
    assert dog.errors() == ["linkLost"]


@pytest.mark.parametrize("policy", ["carryOn", None])
def test_a_dog_carries_on_to_its_last_released_node_where_the_order_says_nothing_else(policy: str | None) -> None:
    dog = sent("carryOn", seconds=30)
    if policy is None:
        dog = Dog()
        dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=30)), node("c", 4))))
    pass_time(dog, 3600, connected=False)
    assert (dog.held.last_node_id, dog.errors(), dog.held.busy) == ("c", [], False)


def test_the_minutes_go_on_through_a_restart_of_the_dog() -> None:
    dog = sent("carryOnThenHome", minutes=1)
    pass_time(dog, 40, connected=False)
    later = again(dog)
    pass_time(later, 10, connected=False)
    assert later.errors() == []
    pass_time(later, 20, connected=False)
    assert later.errors() == ["linkLost"]


def test_an_idle_dog_stays_where_it_is() -> None:
    dog = Dog()
    dog.tell(LinkHeard(False))
    dog.run(60)
    assert (dog.asked, dog.errors()) == ([], [])
    dog.tell(LinkHeard(True))
    assert notes(dog) == []


def test_a_new_order_forgets_the_rule_of_the_one_before() -> None:
    dog = sent("stand", seconds=1)
    dog.run(20)
    dog.tell(instant(action("stateRequest", "s")))
    start = node("c", 0)
    dog.tell(OrderCame(order(start, node("d", 2), order_id="o2")))
    assert (dog.held.order_id, dog.held.link_loss) == ("o2", LinkLoss())


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"policy": "chase"},
        {"policy": 3},
        {"policy": "carryOnThenHome"},
        {"policy": "carryOnThenHome", "minutes": -1},
        {"policy": "carryOnThenHome", "minutes": 1e9},
        {"policy": "carryOnThenHome", "minutes": "dawn"},
        {"policy": "home", "until": "dawn"},
    ],
)
def test_a_rule_that_is_none_is_refused_with_the_order(given: dict[str, object]) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action("onLinkLoss", "rule", BlockingType.NONE, **given)), node("b", 2))))
    assert (dog.errors(), dog.held.order_id) == (["orderError"], "")
