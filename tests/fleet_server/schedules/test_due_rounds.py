"""A year of a station's nights, second thoughts included: every round that was asked for ends in exactly one row."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fleet_server.schedules.due_rounds import ASLEEP, Begun, Round, RoundStatus, Schedule, newly_due, update
from fleet_server.schedules.missed_rounds import MissedPolicy, Patience
from fleet_server.schedules.recurrence import Recurrence

START = datetime(2027, 1, 1, tzinfo=UTC)


def schedule(
    name: str, rule: str, policy: MissedPolicy = MissedPolicy.SKIP, late_min: float = 0.0, hour: int = 22
) -> Schedule:
    when = Recurrence(rule, datetime.fromisoformat(f"2027-01-01T{hour:02}:30"), "Europe/Berlin")
    return Schedule(name, "route", when, Patience(policy, timedelta(minutes=late_min)))


def lived(
    schedules: list[Schedule], nows: list[datetime], free: "np.ndarray | None" = None
) -> dict[tuple[str, datetime], Round]:
    """What all rounds are in the end, asked at ``nows``; a dog is free at the i-th where ``free[i]``."""
    rounds: dict[tuple[str, datetime], Round] = {}
    looked = START
    for number, now in enumerate(nows):

        def begin(asked: Schedule, due: Round, number: int = number) -> Begun | str:
            return (
                Begun(f"patrol of {due.due}")
                if free is None or free[number]
                else f"no dog is free for {asked.route_id}"
            )

        waiting = [each for each in rounds.values() if each.status is RoundStatus.WAITING]
        for each in update([(one, looked) for one in schedules], waiting, begin, now):
            rounds[(each.schedule_id, each.due)] = each
        looked = now
    return rounds


def every_minutes(minutes: float, days: int) -> list[datetime]:
    return [START + timedelta(minutes=minutes * number) for number in range(1, int(days * 1440 / minutes) + 1)]


def test_a_year_of_nights_is_one_patrol_for_each_asked_for() -> None:
    rule = schedule("night", "FREQ=DAILY;BYDAY=SA,SU,MO,TU,WE,TH")
    nows = [now + timedelta(minutes=5) for now in every_minutes(60, 365)]
    rounds = lived([rule], nows)
    assert {each.status for each in rounds.values()} == {RoundStatus.MISSED}  # 35 minutes late is not punctual
    rule = schedule("night", "FREQ=DAILY;BYDAY=SA,SU,MO,TU,WE,TH", MissedPolicy.LATE, 45)
    rounds = lived([rule], nows)
    assert sorted(each.due for each in rounds.values()) == rule.when.between(START, START + timedelta(days=365))
    assert {each.status for each in rounds.values()} == {RoundStatus.BEGUN}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_befalls_the_dogs_and_the_station_no_round_is_lost_or_doubled(seed: int) -> None:
    random = np.random.default_rng(seed)
    schedules = [
        schedule("skip", "FREQ=DAILY"),
        schedule("late", "FREQ=HOURLY;INTERVAL=7", MissedPolicy.LATE, 30),
        schedule("next", "FREQ=DAILY;BYHOUR=2,6,14", MissedPolicy.UNTIL_NEXT),
    ]
    nows, now = [], START
    while now < START + timedelta(days=120):  # from the second to days of sleep
        now += timedelta(minutes=float(random.choice([0.5, 1, 3, 30, 600, 5000], p=[0.1, 0.1, 0.2, 0.5, 0.08, 0.02])))
        nows.append(now)
    rounds = lived(schedules, nows, random.random(len(nows)) < 0.4)
    for each in schedules:
        asked = each.when.between(START + timedelta(microseconds=1), now + timedelta(microseconds=1))
        rows = sorted((row for row in rounds.values() if row.schedule_id == each.schedule_id), key=lambda row: row.due)
        assert [row.due for row in rows] == asked
        assert all(row.patrol_id for row in rows if row.status is RoundStatus.BEGUN)
        assert all(row.reason for row in rows if row.status is not RoundStatus.BEGUN)
        assert all(row.until >= now for row in rows if row.status is RoundStatus.WAITING)


def test_a_round_that_is_skipped_says_what_stood_in_its_way() -> None:
    nows = every_minutes(1, 2)
    rounds = lived([schedule("night", "FREQ=DAILY")], nows, np.zeros(len(nows), dtype=bool))
    assert {each.reason for each in rounds.values()} == {"no dog is free for route"}
    assert {each.status for each in rounds.values()} == {RoundStatus.MISSED}


def test_a_late_round_begins_as_soon_as_a_dog_is_free() -> None:
    nows = every_minutes(1, 1)
    free = np.array([now >= datetime(2027, 1, 1, 21, 50, tzinfo=UTC) for now in nows])
    (late,) = lived([schedule("night", "FREQ=DAILY", MissedPolicy.LATE, 30)], nows, free).values()
    assert (late.due, late.status) == (datetime(2027, 1, 1, 21, 30, tzinfo=UTC), RoundStatus.BEGUN)
    (missed,) = lived([schedule("night", "FREQ=DAILY", MissedPolicy.LATE, 15)], nows, free).values()
    assert missed.status is RoundStatus.MISSED


def test_until_the_next_one_is_due_it_is_tried_and_no_longer() -> None:
    nows = every_minutes(5, 3)
    rounds = lived(
        [schedule("next", "FREQ=HOURLY;INTERVAL=6", MissedPolicy.UNTIL_NEXT)], nows, np.zeros(len(nows), dtype=bool)
    )
    waits = [each for each in rounds.values() if each.status is RoundStatus.WAITING]
    assert len(waits) == 1
    assert all(each.until - each.due == timedelta(hours=6) for each in rounds.values())


def test_a_station_that_slept_says_so_of_each_round() -> None:
    rounds = lived([schedule("night", "FREQ=DAILY")], [START + timedelta(days=5)])
    assert len(rounds) == 5
    assert {each.reason for each in rounds.values()} == {ASLEEP}


def test_a_schedule_that_is_gone_leaves_no_round_waiting() -> None:
    due = Round("gone", START, START + timedelta(hours=1))
    (after,) = update([], [due], lambda *_: "never asked", START + timedelta(minutes=1))
    assert (after.status, after.reason) == (RoundStatus.MISSED, "its schedule is gone")


def test_nothing_is_said_twice() -> None:
    rule = schedule("night", "FREQ=DAILY", MissedPolicy.LATE, 60)
    now = datetime(2027, 1, 1, 21, 31, tzinfo=UTC)
    (waits,) = update([(rule, START)], [], lambda *_: "no dog is free", now)
    assert update([(rule, now)], [waits], lambda *_: "no dog is free", now + timedelta(seconds=1)) == []
    assert newly_due(rule, now, now) == []
