from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from fleet_server.schedules.plan_backtest import NEAR, Place, Stop, Thing, Verdict, Walk, backtest, walk
from fleet_server.sites.line_of_sight import LineOfSight

NIGHT = datetime(2026, 11, 26, 14, tzinfo=UTC)
ROOM = np.zeros((200, 400), np.bool_)  # 20 x 40 m in cells of 0.1 m
ROOM[:150, 200] = True  # a wall, with a gap in the north
SIGHT = LineOfSight(ROOM, 0.1, (0.0, 0.0))


def straight(a: Place, b: Place) -> Sequence[Place]:
    return [a, b]


def along_the_south(stays_s: float = 15.0) -> Walk:
    """From x = 1 to 19 at 1 m/s, and some seconds at its end."""
    return walk((1.0, 2.0), [Stop((19.0, 2.0), stays_s)], straight, 1.0)


def thing(x: float, y: float, first_min: float, last_min: float) -> Thing:
    return Thing("it", (x, y), NIGHT + timedelta(minutes=first_min), NIGHT + timedelta(minutes=last_min))


def test_a_round_sees_what_stands_beside_its_way_while_it_passes_and_says_from_when_until_when() -> None:
    rounds = {"night": ("south", [NIGHT])}
    (found,) = backtest([thing(10.0, 5.0, 0, 10)], {"south": along_the_south()}, rounds, 5.0, SIGHT.seen_from)
    assert found.verdict is Verdict.SEEN
    assert (found.schedule_id, found.distance_m) == ("night", pytest.approx(3.0, abs=0.1))
    assert found.begins is not None
    assert found.ends is not None
    assert (found.begins - NIGHT).total_seconds() == pytest.approx(5.0, abs=0.6)  # at x = 6, 4 m to the west of it
    assert (found.ends - NIGHT).total_seconds() == pytest.approx(13.0, abs=0.6)


def test_a_round_that_comes_too_late_or_too_early_says_by_how_much() -> None:
    walks, rounds = {"south": along_the_south()}, {"night": ("south", [NIGHT])}
    before, after, long_before, long_after = backtest(
        [thing(10, 5, -20, -10), thing(10, 5, 10, 20), thing(10, 5, -200, -100), thing(10, 5, 100, 200)],
        walks, rounds, 5.0, SIGHT.seen_from,
    )  # fmt: skip
    assert (before.verdict, after.verdict) == (Verdict.NEAR, Verdict.NEAR)
    assert before.off.total_seconds() == pytest.approx(605, abs=1)
    assert after.off.total_seconds() == pytest.approx(-587, abs=1)
    assert (long_before.verdict, long_after.verdict) == (Verdict.ANOTHER_TIME, Verdict.ANOTHER_TIME)


def test_what_stands_behind_a_wall_is_not_passed_and_what_no_round_is_due_for_is_told_apart() -> None:
    walks = {"south": along_the_south()}
    behind, far = backtest(
        [thing(21, 2, 0, 9), thing(38, 18, 0, 9)], walks, {"n": ("south", [NIGHT])}, 5.0, SIGHT.seen_from
    )
    assert (behind.verdict, behind.hidden, behind.distance_m) == (Verdict.NOT_PASSED, True, pytest.approx(2.0))
    assert (far.verdict, far.hidden) == (Verdict.NOT_PASSED, False)
    (unplanned,) = backtest([thing(10, 5, 0, 9)], walks, {}, 5.0, SIGHT.seen_from)
    assert (unplanned.verdict, unplanned.route_id) == (Verdict.NO_ROUND, "south")
    assert backtest([thing(10, 5, 0, 9)], {}, {}, 5.0, SIGHT.seen_from)[0].verdict is Verdict.NOT_PASSED


def test_a_stop_that_cannot_be_reached_is_left_out_and_the_rest_is_walked() -> None:
    def path(a: Place, b: Place) -> Sequence[Place] | None:
        return None if b[0] > 30 else [a, b]

    walked = walk(None, [Stop((1, 1), 5), Stop((35, 1), 5), Stop((1, 11), 5)], path, 2.0)
    assert (walked.unreached, walked.length_m, walked.lasts_s) == ((1,), 10.0, 15.0)
    assert walk(None, [], straight, 1.0).lasts_s == 0.0


def test_it_agrees_with_looking_at_every_place_of_every_round_one_by_one() -> None:
    for seed in range(4):
        random = Random(seed)

        def place(random: Random = random) -> Place:
            return random.uniform(0.5, 39.5), random.uniform(0.5, 19.5)

        def stops(random: Random = random) -> list[Stop]:
            return [Stop((random.uniform(0.5, 39.5), random.uniform(0.5, 19.5)), 20.0) for _ in range(3)]

        walks = {name: walk(place(), stops(), straight, 0.65) for name in "ab"}
        dues = {name: sorted(NIGHT + timedelta(minutes=random.uniform(-300, 300)) for _ in range(4)) for name in "xyz"}
        rounds = {"x": ("a", dues["x"]), "y": ("b", dues["y"]), "z": ("a", dues["z"])}
        things = [
            Thing(
                str(n),
                place(),
                NIGHT + timedelta(minutes=at),
                NIGHT + timedelta(minutes=at + random.choice((0, 3, 40))),
            )
            for n, at in enumerate(random.uniform(-300, 300) for _ in range(12))
        ]
        for found in backtest(things, walks, rounds, 8.0, SIGHT.seen_from):
            offs = [
                off
                for route, due in rounds.values()
                for each in due
                if (off := one_by_one(walks[route], each, found.thing))
            ]
            if not offs:
                assert found.verdict in (Verdict.NOT_PASSED, Verdict.NO_ROUND)
                continue
            least = min(offs, key=abs)
            assert abs(found.off) == abs(least[0])
            assert (found.verdict is Verdict.SEEN) == (not least[0])
            assert (found.verdict is Verdict.NEAR) == (timedelta() < abs(least[0]) <= NEAR)


class _Off(tuple[timedelta]):
    """One that is true also when it is nothing."""

    def __bool__(self) -> bool:
        return True

    def __abs__(self) -> timedelta:
        return abs(self[0])


def one_by_one(walked: Walk, due: datetime, it: Thing) -> _Off | None:
    """How far the round is from seeing it, by each of its places; None where it never is in sight."""
    offs = []
    for (x, y), arrives, leaves in zip(walked.places, walked.arrives_s, walked.leaves_s, strict=True):
        if np.hypot(x - it.place[0], y - it.place[1]) <= 8.0 and is_seen(x, y, it.place):
            begins, ends = due + timedelta(seconds=float(arrives)), due + timedelta(seconds=float(leaves))
            offs.append(max(begins - it.last, it.first - ends, timedelta()))
    return _Off((min(offs),)) if offs else None


def is_seen(x: float, y: float, there: Place) -> bool:
    places: NDArray[np.float64] = np.array([[x, y]])
    return bool(SIGHT.seen_from(*there, places)[0])


def test_the_line_of_sight_ends_at_walls_and_nowhere_else() -> None:
    random = Random(7)
    for _ in range(300):
        a = random.uniform(0.5, 39.5), random.uniform(0.5, 19.5)
        b = random.uniform(0.5, 39.5), random.uniform(0.5, 19.5)
        across = (a[0] < 20.05) != (b[0] < 20.05)
        crossing = a[1] + (b[1] - a[1]) * (20.05 - a[0]) / (b[0] - a[0]) if across else None
        if abs(b[0] - 20.05) < 1.5 or (crossing is not None and abs(crossing - 15.0) < 1.0):
            continue  # by the wall itself, and by the edge of the gap
        assert is_seen(*a, b) == (crossing is None or crossing > 15.0), (a, b)
