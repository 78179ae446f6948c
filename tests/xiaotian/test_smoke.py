"""The smoke's own arithmetic and verdict."""

import pytest

from xiaotian.smoke import faults, wall_time

GOOD = {
    "patrol": "completed",
    "checkpoints": 6,
    "incidents": 1,
    "alert_latency_s": 0.4,
    "collisions": 0,
    "falls": 0,
    "distance_m": 91.0,
}


def test_a_good_line_has_no_faults() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("patrol", "failed", "not completed"),
        ("checkpoints", 5, "checkpoints"),
        ("incidents", 0, "incident"),
        ("incidents", 2, "incident"),
        ("alert_latency_s", None, "latency"),
        ("collisions", 1, "collision"),
        ("falls", 1, "fall"),
        ("distance_m", 79.9, "walked"),
    ],
)
def test_each_thing_that_goes_wrong_is_a_fault_of_its_own(field: str, value: object, says: str) -> None:
    (fault,) = faults(GOOD | {field: value})
    assert says in fault


def test_a_simulated_time_is_found_on_the_walls_clock() -> None:
    clock = [[100.0, 10.0], [102.0, 11.0], [103.0, 12.0]]
    assert wall_time(10.5, clock) == pytest.approx(101.0)
    assert wall_time(11.25, clock) == pytest.approx(102.25)
    assert wall_time(12.5, clock) == pytest.approx(103.5)
