"""Thousands of hostile messages harm neither a station nor a dog: both live, health is true, and what the dog saw is
stored."""

from pathlib import Path

import pytest

from tests.hostile.storm import BROKERS, Report, storm

MESSAGES = 400  # a taste; `python -m tests.hostile` throws more


def check(report: Report) -> None:
    """What holds after every storm."""
    assert report.health == []
    assert (report.last["status"], report.last["restarts"], report.last["failures"]) == ("ok", 0, 0)
    assert report.last["malformed"] > report.sent / 4
    assert report.dog["seen"] > 0
    assert (report.dog["left"], report.dog["parked"], report.dog["dropped"]) == (0, 0, 0)
    assert report.dogs_shown < 200
    assert report.log_bytes < 200_000
    assert report.server_mb < 500
    assert report.dog_mb < 300


@pytest.mark.slow  # a server, a dog and a broker, each a process of its own
@pytest.mark.parametrize("kind", BROKERS)
def test_a_station_and_a_dog_live_through_a_storm_of_nonsense(kind: str, tmp_path: Path) -> None:
    check(storm(tmp_path, kind, 1, MESSAGES))
