"""A small sample of `make bench NAME=encounters`; other seeds than the ones it was tuned by."""

import pytest

from bench.encounters import play


@pytest.mark.parametrize(
    ("kind", "seed"),
    [("head_on", 901), ("crossing", 902), ("doorway", 903), ("corridor", 904), ("runner", 905), ("walkers", 906)],
)
def test_dogs_meet_dogs_and_people_without_contact_and_arrive(kind: str, seed: int) -> None:
    outcome = play(kind, seed)
    assert outcome.tally.notes == []
    assert all(outcome.arrived), outcome.told
