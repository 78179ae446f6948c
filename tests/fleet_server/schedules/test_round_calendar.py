from datetime import UTC, datetime, timedelta

from fleet_server.schedules.recurrence import Recurrence
from fleet_server.schedules.round_calendar import Conflict, DogForecast, PlannedRound, round_calendar

NOW = datetime(2027, 3, 27, 12, tzinfo=UTC)


def dog(name: str, charge: float = 90.0, rate: float = 20.0) -> DogForecast:
    return DogForecast(name, NOW, charge, rate, 20.0)


def planned(hours: float, lasts_min: float = 30.0, uses: float = 25.0, dogs: tuple[str, ...] = ()) -> PlannedRound:
    starts = NOW + timedelta(hours=hours)
    return PlannedRound("night", "route", starts, timedelta(minutes=lasts_min), uses, dogs)


def test_two_rounds_at_once_want_two_dogs() -> None:
    first, second = round_calendar([planned(1), planned(1.2)], [dog("a"), dog("b")])
    assert {first.dog_id, second.dog_id} == {"a", "b"}
    busy = round_calendar([planned(1), planned(1.2)], [dog("a")])[1]
    assert busy.conflict is Conflict.BUSY
    assert busy.reason == "all are on other rounds; a is free at 13:30Z"


def test_a_battery_that_does_not_suffice_is_foreseen_with_its_figures() -> None:
    entries = round_calendar([planned(number) for number in (1, 1.5, 2, 2.5)], [dog("a", charge=80.0, rate=0.0)])
    assert [entry.after_pct for entry in entries] == [55.0, 30.0, None, None]
    assert entries[2].conflict is Conflict.BATTERY
    assert entries[2].reason == "a would come back with 5 %, below its reserve of 20 %"


def test_at_the_dock_it_charges_and_no_further_than_full() -> None:
    first, second = round_calendar([planned(1), planned(3)], [dog("a", charge=50.0)])
    assert (first.before_pct, first.after_pct) == (70.0, 45.0)
    assert second.before_pct == 75.0  # an hour and a half at 20 % an hour
    assert round_calendar([planned(40)], [dog("a")])[0].before_pct == 100.0


def test_a_round_for_dogs_that_are_not_here_finds_none() -> None:
    (entry,) = round_calendar([planned(1, dogs=("c",))], [dog("a")])
    assert entry.conflict is Conflict.NO_DOG


def test_a_year_of_hourly_rounds_is_walked_by_three_dogs_and_not_by_one() -> None:
    due = Recurrence("FREQ=HOURLY", datetime.fromisoformat("2027-03-27T00:00"), "Europe/Berlin").between(
        NOW, NOW + timedelta(days=365)
    )
    rounds = [PlannedRound("all", "route", each, timedelta(minutes=40), 30.0) for each in due]
    with_three = round_calendar(rounds, [dog(name) for name in "abc"])
    assert len(with_three) == 365 * 24
    assert all(entry.conflict is None for entry in with_three)
    assert all(entry.after_pct is not None and entry.after_pct >= 20.0 for entry in with_three)
    alone = round_calendar(rounds, [dog("a")])
    assert {entry.conflict for entry in alone} == {None, Conflict.BATTERY}
    assert all(entry.after_pct is None or entry.after_pct >= 20.0 for entry in alone)
