from datetime import datetime, timedelta
from random import Random

from fleet_server.schedules.backdating import backdated
from fleet_server.schedules.recurrence import Misruled, Recurrence

ZONE = "Europe/Berlin"
RULES = (
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "FREQ=HOURLY",
    "FREQ=HOURLY;INTERVAL=5", "FREQ=MINUTELY;INTERVAL=45", "FREQ=MONTHLY;BYMONTHDAY=13", "FREQ=MONTHLY;BYDAY=1FR",
    "FREQ=MONTHLY;INTERVAL=5", "FREQ=YEARLY", "FREQ=DAILY;BYDAY=MO,TU;BYHOUR=4,22",
)  # fmt: skip


def test_a_rule_that_begins_today_has_the_same_times_to_come_and_had_them_before() -> None:
    random = Random(3)
    compared = 0
    for _ in range(60):
        rule = random.choice(RULES)
        start = datetime(2026, 1, 1) + timedelta(minutes=random.randrange(365 * 1440))  # noqa: DTZ001
        before = start - timedelta(days=random.uniform(1, 60))
        moved_rule, moved = backdated(rule, start, before)
        assert moved < before
        old, new = Recurrence(rule, start, ZONE), Recurrence(moved_rule, moved, ZONE)
        since = old.after(Recurrence("FREQ=DAILY", start, ZONE).between(*day_of(start))[0])
        assert since is not None
        span = timedelta(days=40)
        assert old.between(since, since + span) == new.between(since, since + span), (rule, start)
        compared += len(old.between(since, since + span))
    assert compared > 500


def day_of(start: datetime) -> tuple[datetime, datetime]:
    from zoneinfo import ZoneInfo

    local = start.replace(tzinfo=ZoneInfo(ZONE))
    return local - timedelta(days=1), local + timedelta(days=2)


def test_a_rule_that_is_old_enough_stays_as_it_is_but_for_its_count() -> None:
    start = datetime(2026, 1, 1, 22)  # noqa: DTZ001
    assert backdated("FREQ=DAILY;COUNT=3", start, start + timedelta(days=300)) == ("FREQ=DAILY", start)


def test_the_29th_of_february_is_moved_to_another_one_and_what_is_too_rare_is_not_moved() -> None:
    leap = datetime(2028, 2, 29, 22)  # noqa: DTZ001
    assert backdated("FREQ=YEARLY", leap, leap - timedelta(days=60))[1] == datetime(2024, 2, 29, 22)  # noqa: DTZ001
    assert backdated("FREQ=YEARLY;INTERVAL=999", leap, leap)[1] == leap
    try:
        Recurrence(*backdated("FREQ=MONTHLY;INTERVAL=12", leap, leap), ZONE)
    except Misruled as error:
        raise AssertionError(error) from error
