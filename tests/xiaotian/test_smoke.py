"""The smoke's own arithmetic and verdict."""

import pytest

from xiaotian.smoke import faults, met_at, wall_time

DOG = {
    "route": "demo_round",
    "patrol": "completed",
    "reason": "",
    "checkpoints": 7,
    "missed": [],
    "collisions": 0,
    "collided_with": [],
    "falls": 0,
}
GOOD = {"incidents": 1, "incidents_expected": 1, "alert_latency_s": 0.4, "dogs": {"dog1": DOG, "dog2": DOG}}


def test_a_good_line_has_no_faults() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"patrol": "failed", "reason": "wayBlocked"}, "dog2: the patrol was not completed but failed wayBlocked"),
        ({"patrol": "active"}, "dog2: the patrol was not completed but active"),
        ({"missed": ["gate", "car_park"]}, "dog2: not at gate, car_park"),
        ({"collisions": 2, "collided_with": ["dog1", "wall"]}, "dog2: 2 collisions with dog1, wall"),
        ({"falls": 1}, "dog2: 1 falls"),
    ],
)
def test_what_goes_wrong_with_either_dog_is_a_fault_that_names_it(wrong: dict[str, object], says: str) -> None:
    assert faults(GOOD | {"dogs": {"dog1": DOG, "dog2": DOG | wrong}}) == [says]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("incidents", 0, "0 incidents, not 1"),
        ("incidents", 2, "2 incidents, not 1"),
        ("alert_latency_s", None, "no alert latency"),
    ],
)
def test_what_the_operator_was_told_wrongly_is_a_fault(field: str, value: object, says: str) -> None:
    assert faults(GOOD | {field: value}) == [says]


def test_a_simulated_time_is_found_on_the_walls_clock() -> None:
    clock = [[100.0, 10.0], [102.0, 11.0], [103.0, 12.0]]
    assert wall_time(10.5, clock) == pytest.approx(101.0)
    assert wall_time(11.25, clock) == pytest.approx(102.25)
    assert wall_time(12.5, clock) == pytest.approx(103.5)


def test_how_near_two_dogs_came_counts_from_when_one_has_set_out() -> None:
    beside, away = (
        [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], [2.0, 0.0, 1.0, 0.0]],
        [
            [0.0, 0.0, 0.0, 0.0],
            [1.0, 0.5, 0.0, 0.0],
            [2.0, 2.0, 0.0, 0.0],
        ],
    )
    assert met_at([beside, away]) == pytest.approx(5**0.5, abs=0.01)
    assert met_at([beside, beside]) is None
    assert met_at([away]) is None
