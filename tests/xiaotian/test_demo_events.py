"""Something happens in the demo every few minutes, for as long as it runs."""

import random
from itertools import pairwise

from xiaotian.demo_events import EVERY_S, DemoEvents
from xiaotian.demo_plan import Cue, Happening, Variant

WALKER = Happening(name="walker", events=[{}])
CAR = Happening(name="car", events=[{}, {}])
VISITOR = Happening(name="visitor", events=[{}], after=320.0)
LEAVES = Happening(name="leaves", events=[{}], first=True)
NAMES = {1: "walker", 2: "walker", 3: "car", 4: "car", 5: "visitor"}
VARIANTS = [
    Variant(LEAVES, (Cue(0.0, 0),)),
    Variant(WALKER, (Cue(0.0, 1),)),
    Variant(WALKER, (Cue(0.0, 2),)),
    Variant(CAR, (Cue(0.0, 3), Cue(100.0, 4))),
    Variant(VISITOR, (Cue(0.0, 5),)),
]


def lived(seed: int, seconds: int) -> list[tuple[float, int]]:
    """When which entry was due, looked at once a second."""
    happenings = DemoEvents(VARIANTS, random.Random(seed))
    return [(float(now), entry) for now in range(seconds) for entry in happenings.update(float(now))[0]]


def test_within_an_hour_everything_has_happened_and_there_was_never_nothing_for_long() -> None:
    for seed in range(30):
        came = lived(seed, 3600)
        assert {NAMES[entry] for _, entry in came} == {"walker", "car", "visitor"}
        times = [0.0, *(at for at, _ in came), 3600.0]
        assert max(b - a for a, b in pairwise(times)) < EVERY_S[1] + 2.0


def test_what_has_to_wait_does() -> None:
    assert all(at >= 320.0 for seed in range(30) for at, entry in lived(seed, 1000) if entry == 5)


def test_a_car_that_came_leaves_before_the_next_thing_happens() -> None:
    for seed in range(30):
        came = [entry for _, entry in lived(seed, 3600)]
        assert all(after == 4 for entry, after in pairwise(came) if entry == 3)


def test_the_same_does_not_happen_twice_in_a_row() -> None:
    for seed in range(30):
        names = [NAMES[entry] for _, entry in lived(seed, 3600) if entry != 4]
        assert all(a != b for a, b in pairwise(names))


def test_what_comes_first_comes_once_when_it_is_called() -> None:
    happenings = DemoEvents(VARIANTS, random.Random(0))
    assert happenings.begin_first(10.0) == ["leaves"]
    assert happenings.begin_first(11.0) == []
    assert happenings.update(12.0)[0] == [0]
