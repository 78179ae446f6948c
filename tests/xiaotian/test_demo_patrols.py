"""A dog of the demo is kept at work."""

from xiaotian.demo_patrols import AGAIN_S, CHARGE_AFTER, CHARGING_S, DOCKING_S, REST_S, DemoPatrols, Seen, Want

IDLE, WALKING, CHARGING = Seen(False, False), Seen(True, False), Seen(False, True)


def walk(rounds: DemoPatrols, now: float) -> float:
    """The next patrol, from the rest before it to its end; when that was."""
    assert rounds.update(IDLE, now + REST_S) is Want.PATROL
    rounds.sent(now + REST_S)
    assert rounds.update(WALKING, now + 60.0) is Want.NOTHING
    assert rounds.update(IDLE, now + 90.0) is Want.NOTHING
    return now + 90.0


def test_routes_are_walked_by_turns_and_again_from_the_beginning() -> None:
    rounds = DemoPatrols(["a", "b", "c"], 0.0, on_patrol=False)
    walked, now = [], 0.0
    while len(walked) < 5:
        now += 1.0
        match rounds.update(CHARGING if len(walked) % CHARGE_AFTER == 0 else IDLE, now):
            case Want.PATROL:
                walked.append(rounds.route)
                rounds.sent(now)
    assert walked == ["a", "b", "c", "a", "b"]


def test_a_dog_rests_between_two_patrols() -> None:
    rounds = DemoPatrols(["a"], 0.0, on_patrol=True)
    assert rounds.update(WALKING, 50.0) is Want.NOTHING
    assert rounds.update(IDLE, 51.0) is Want.NOTHING
    assert rounds.update(IDLE, 51.0 + REST_S - 1.0) is Want.NOTHING
    assert rounds.update(IDLE, 51.0 + REST_S) is Want.PATROL


def test_after_so_many_patrols_it_charges_and_comes_back() -> None:
    rounds, now = DemoPatrols(["a"], 0.0, on_patrol=False), -REST_S
    for _ in range(CHARGE_AFTER):
        now = walk(rounds, now)
    now += REST_S
    assert rounds.update(IDLE, now) is Want.EMPTY
    assert rounds.update(IDLE, now + 30.0) is Want.NOTHING
    assert rounds.update(CHARGING, now + 40.0) is Want.NOTHING
    assert rounds.update(CHARGING, now + 40.0 + CHARGING_S) is Want.FILL
    walk(rounds, now + 40.0 + CHARGING_S)


def test_a_dog_that_does_not_get_to_its_dock_goes_on_all_the_same() -> None:
    rounds, now = DemoPatrols(["a"], 0.0, on_patrol=False), -REST_S
    for _ in range(CHARGE_AFTER):
        now = walk(rounds, now)
    now += REST_S
    assert rounds.update(IDLE, now) is Want.EMPTY
    assert rounds.update(IDLE, now + DOCKING_S) is Want.FILL
    walk(rounds, now + DOCKING_S)


def test_a_dog_that_the_station_would_not_send_is_tried_again_with_the_same_route() -> None:
    rounds = DemoPatrols(["a", "b"], 0.0, on_patrol=False)
    assert rounds.update(IDLE, 0.0) is Want.PATROL
    rounds.refused(0.0)
    assert rounds.update(IDLE, AGAIN_S - 1.0) is Want.NOTHING
    assert rounds.update(IDLE, AGAIN_S) is Want.PATROL
    assert rounds.route == "a"


def test_a_dog_without_rounds_stands() -> None:
    rounds = DemoPatrols([], 0.0, on_patrol=True)
    assert {rounds.update(IDLE, float(now)) for now in range(1000)} == {Want.NOTHING}
