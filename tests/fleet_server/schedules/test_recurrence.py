from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fleet_server.schedules.recurrence import Misruled, Recurrence, next_local

BERLIN = "Europe/Berlin"  # clocks change on 28 March and 31 October 2027
YEAR = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def rule(
    text: str, start: str = "2027-01-01T22:30:00", zone: str = BERLIN, but_not: set[date] | None = None
) -> Recurrence:
    return Recurrence(text, datetime.fromisoformat(start), zone, frozenset(but_not or ()))


def clocks(recurrence: Recurrence, since: datetime, until: datetime) -> list[str]:
    return [f"{each.astimezone(ZoneInfo(recurrence.zone)):%m-%d %H:%M%z}" for each in recurrence.between(since, until)]


def test_half_past_ten_every_day_but_friday_is_that_on_the_clock_all_year() -> None:
    due = rule("FREQ=DAILY;BYDAY=SA,SU,MO,TU,WE,TH").between(*YEAR)
    local = [each.astimezone(ZoneInfo(BERLIN)) for each in due]
    days = {date(2027, 1, 1) + timedelta(days=day) for day in range(365)}
    assert {(each.hour, each.minute) for each in local} == {(22, 30)}
    assert [each.date() for each in local] == sorted(day for day in days if day.weekday() != 4)
    assert {each.hour for each in due} == {20, 21}


def test_a_time_that_the_clock_leaves_out_is_an_hour_later_on_it() -> None:
    due = rule("FREQ=DAILY", "2027-03-26T02:30:00")
    assert clocks(due, datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 30, tzinfo=UTC)) == [
        "03-27 02:30+0100",
        "03-28 03:30+0200",
        "03-29 02:30+0200",
    ]


def test_a_time_that_comes_twice_is_the_first_and_once() -> None:
    due = rule("FREQ=DAILY", "2027-10-29T02:30:00")
    assert clocks(due, datetime(2027, 10, 30, tzinfo=UTC), datetime(2027, 11, 2, tzinfo=UTC)) == [
        "10-30 02:30+0200",
        "10-31 02:30+0200",
        "11-01 02:30+0100",
    ]


@pytest.mark.parametrize(("night", "hours"), [("2027-03-27", 23), ("2027-10-30", 25), ("2027-06-01", 24)])
def test_a_rule_by_the_hour_keeps_its_pace_when_the_clocks_change(night: str, hours: int) -> None:
    begin = datetime.fromisoformat(night + "T12:00:00").replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)
    due = rule("FREQ=HOURLY", "2027-01-01T00:00:00").between(begin, begin + timedelta(hours=hours))
    assert len(due) == hours
    assert {b - a for a, b in pairwise(due)} == {timedelta(hours=1)}


def test_the_29th_of_february_comes_in_leap_years_alone() -> None:
    due = rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29T08:00:00", "Asia/Shanghai")
    found = due.between(datetime(2027, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC))
    assert [each.date() for each in found] == [date(year, 2, 29) for year in (2028, 2032, 2036, 2040)]


def test_the_last_of_each_month_is_the_29th_in_a_leap_years_february() -> None:
    due = rule("FREQ=MONTHLY;BYMONTHDAY=-1", "2028-01-31T12:00:00", "UTC")
    found = due.between(datetime(2028, 1, 1, tzinfo=UTC), datetime(2028, 5, 1, tzinfo=UTC))
    assert [f"{each:%m-%d}" for each in found] == ["01-31", "02-29", "03-31", "04-30"]


def test_every_day_is_365_rounds_or_366() -> None:
    due = rule("FREQ=DAILY", "2026-01-01T05:00:00")
    for year, days in ((2027, 365), (2028, 366)):
        first, last = (datetime(each, 1, 1, tzinfo=UTC) for each in (year, year + 1))
        assert len(due.between(first, last)) == days


def test_excepted_days_are_left_out_by_the_local_date() -> None:
    """23:30 in New York is the next day already in UTC."""
    due = rule("FREQ=DAILY", "2027-12-23T23:30:00", "America/New_York", {date(2027, 12, 25)})
    found = clocks(due, datetime(2027, 12, 24, tzinfo=UTC), datetime(2027, 12, 28, tzinfo=UTC))
    assert [each[:5] for each in found] == ["12-23", "12-24", "12-26"]


def test_until_in_utc_ends_it_by_the_instant() -> None:
    due = rule("FREQ=DAILY;UNTIL=20270103T213000Z")
    assert len(due.between(*YEAR)) == 3
    assert len(rule("FREQ=DAILY;UNTIL=20270103T212959Z").between(*YEAR)) == 2


def test_count_is_counted_from_the_start_however_late_one_asks() -> None:
    due = rule("FREQ=DAILY;COUNT=10")
    assert len(due.between(*YEAR)) == 10
    assert len(due.between(datetime(2027, 1, 8, tzinfo=UTC), YEAR[1])) == 3


def test_every_third_day_stays_every_third_day_years_later() -> None:
    due = rule("FREQ=DAILY;INTERVAL=3", "2020-01-01T06:00:00", "UTC")
    found = due.between(*YEAR)
    assert all((each.date() - date(2020, 1, 1)).days % 3 == 0 for each in found)
    assert len(found) in (121, 122)


ZONES = [BERLIN, "Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"]
RULES = ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SU", "FREQ=HOURLY;INTERVAL=5", "FREQ=MINUTELY;INTERVAL=45"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", RULES)
def test_asked_bit_by_bit_it_is_what_it_is_asked_at_once(zone: str, text: str) -> None:
    random = np.random.default_rng([ZONES.index(zone), RULES.index(text)])
    start = datetime.fromisoformat("2026-10-01") + timedelta(seconds=int(random.integers(170 * 86400)))
    due = Recurrence(text, start, zone)
    begin = datetime(2027, 3, 26, tzinfo=UTC)
    end = begin + timedelta(days=12)  # Lord Howe's clocks change by half an hour a week after Europe's
    parts, at = [], begin
    while at < end:
        later = min(at + timedelta(minutes=float(random.uniform(1, 600))), end)
        parts += due.between(at, later)
        at = later
    assert parts == due.between(begin, end)
    assert len(parts) > 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "none of RFC 5545"),
        ("FREQ=FORTNIGHTLY", "none of RFC 5545"),
        ("FREQ=SECONDLY", "not by the second"),
        ("FREQ=MINUTELY", "at least 5 minutes apart"),
        ("FREQ=DAILY;BYMINUTE=0,1,2", "at least 5 minutes apart"),
        ("FREQ=HOURLY;BYMINUTE=58,0", "at least 5 minutes apart"),
        ("FREQ=DAILY;BYSECOND=0,30", "at least 5 minutes apart"),
        ("FREQ=DAILY;COUNT=9999", "COUNT is at most"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is no number"),
        ("FREQ=DAILY;INTERVAL=999999999", "INTERVAL=999999999 is no number from 1 to 10000"),
        ("FREQ=DAILY;UNTIL=2027", "UNTIL=2027 is no time"),
        ("FREQ=DAILY;COUNT=many", "COUNT=MANY is no number"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270201T000000", "not by both"),
        ("FREQ=DAILY;UNTIL=yesterdayZ", "UNTIL"),
        ("INTERVAL=2", "how often"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "none of RFC 5545"),
        ("FREQ=DAILY;BYHOUR=25", "none of RFC 5545"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(Misruled, match=why):
        rule(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31",
        "FREQ=HOURLY;BYMONTHDAY=32",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=YEARLY;BYYEARDAY=366",
        "FREQ=DAILY;COUNT=3;BYMONTH=13",
    ],
)
def test_what_may_never_come_is_refused_and_not_looked_for(text: str) -> None:
    with pytest.raises(Misruled):
        rule(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2027-01-29"),
        ("FREQ=MONTHLY;BYDAY=5SU", "2027-01-31"),
        ("FREQ=MONTHLY;BYDAY=-1SA", "2027-01-30"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2027-01-12"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "2027-12-24"),
        ("FREQ=DAILY;BYMONTH=7", "2027-07-01"),
    ],
)
def test_the_rules_of_calendars_are_kept(text: str, first: str) -> None:
    found = rule(text).after(datetime(2027, 1, 2, tzinfo=UTC))
    assert found is not None
    assert f"{found:%Y-%m-%d}" == first


def test_the_next_is_found_though_it_is_years_away() -> None:
    due = rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29T08:00:00", "UTC")
    assert due.after(datetime(2028, 3, 1, tzinfo=UTC)) == datetime(2032, 2, 29, 8, tzinfo=UTC)
    assert rule("FREQ=DAILY;COUNT=2").after(datetime(2027, 3, 1, tzinfo=UTC)) is None


def test_a_zone_that_is_none_is_named() -> None:
    with pytest.raises(Misruled, match="Europe/Atlantis"):
        rule("FREQ=DAILY;UNTIL=20270101T000000Z", zone="Europe/Atlantis").between(*YEAR)


def test_six_in_the_morning_follows_ten_in_the_evening_whatever_the_clocks_do() -> None:
    for day, hours in ((date(2027, 3, 27), 7), (date(2027, 10, 30), 9), (date(2027, 7, 1), 8)):
        evening = datetime.combine(day, time(22), ZoneInfo(BERLIN)).astimezone(UTC)
        assert next_local(evening, time(6), BERLIN) - evening == timedelta(hours=hours)


@pytest.mark.parametrize("year", ["0001", "1999", "9999"])
def test_a_start_long_ago_or_far_ahead_is_refused(year: str) -> None:
    with pytest.raises(Misruled, match="years 2000 to 2200"):
        rule("FREQ=MONTHLY", f"{year}-12-31T22:30:00")
