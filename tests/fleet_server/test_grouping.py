from datetime import UTC, datetime, timedelta
from typing import Any

from fleet_server.incidents.grouping import Seen, joins, sameness

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def seen(after_s: float = 0.0, x: float = 0.0, **more: Any) -> Seen:
    fields: dict[str, Any] = {"dog_id": "dog1", "order_id": "o", "track_id": 1} | more
    return Seen(observed_at=NOON + timedelta(seconds=after_s), x=x, y=0.0, **fields)


def test_the_same_place_soon_after_is_the_same_visit() -> None:
    assert joins(seen(50, 5, dog_id="dog2"), [seen()])


def test_too_late_or_too_far_is_another() -> None:
    assert not joins(seen(61, dog_id="dog2"), [seen()])
    assert not joins(seen(10, 6.5, dog_id="dog2"), [seen()])


def test_a_person_who_walks_is_followed_from_the_last_sighting() -> None:
    assert joins(seen(100, 10, dog_id="dog3"), [seen(), seen(50, 5, dog_id="dog2")])
    assert not joins(seen(100, 0, dog_id="dog3"), [seen(), seen(50, 10, dog_id="dog2")])


def test_another_dog_sees_the_same_person() -> None:
    assert joins(seen(5, 2, dog_id="dog2", track_id=1), [seen()])


def test_one_track_is_one_person_however_far() -> None:
    assert joins(seen(10, 20), [seen()])


def test_two_tracks_at_once_are_two_people_and_one_after_another_are_one_who_was_lost_and_found() -> None:
    assert not joins(seen(0, 1, track_id=2), [seen()])
    assert not joins(seen(0.4, 1, track_id=2), [seen()])
    assert joins(seen(10, 1, track_id=2), [seen()])
    assert not joins(seen(10, 6.5, track_id=2), [seen()])


def test_the_same_dog_on_its_next_patrol_may_see_the_same_person() -> None:
    assert joins(seen(20, 1, order_id="next", track_id=2), [seen()])


def test_what_a_world_that_began_anew_shows_is_no_part_of_what_the_old_one_did() -> None:
    """A simulation's time starts at zero each time: the same second of it, in another run, is another time."""
    years = -56 * 365.25 * 86400.0
    old = [seen(clock_skew_s=years), seen(20, 2, clock_skew_s=years - 30, dog_id="dog2")]
    assert joins(seen(30, clock_skew_s=years - 40), old), "a slow simulation's clock falls behind, and is the same"
    assert not joins(seen(0, clock_skew_s=years - 300), old), "the same dog, track and order"
    assert not joins(seen(5, 2, clock_skew_s=years - 300, dog_id="dog2"), old)
    assert joins(seen(5, 2, clock_skew_s=None, dog_id="dog2"), old)


def test_a_dog_whose_clock_jumps_by_years_ends_what_was_open_on_it() -> None:
    assert not joins(seen(10, clock_skew_s=1.8e9), [seen(clock_skew_s=0.0)])


def test_what_comes_late_joins_where_it_belongs() -> None:
    assert joins(seen(-30, 3, dog_id="dog2"), [seen(), seen(40, 6)])


def test_who_lies_is_the_same_for_the_next_round_and_another_dog_but_not_somebody_elsewhere() -> None:
    lying = sameness("PERSON_LYING")
    later = seen(20 * 60, 1.5, order_id="next", track_id=7)
    assert joins(later, [seen()], lying)
    assert joins(seen(20 * 60, 1.5, dog_id="dog2", order_id="other"), [seen()], lying)
    assert not joins(later, [seen()])
    assert not joins(seen(20 * 60, 4.0, order_id="next", track_id=7), [seen()], lying)
    assert not joins(seen(1, 1.5, track_id=2), [seen()], lying)
    assert sameness("SOMETHING_NEW") == sameness("PERSON_IN_RESTRICTED_ZONE")


def test_two_tracks_that_the_dog_knows_to_be_two_people_are_two_however_near_and_whenever_they_are_told() -> None:
    assert joins(seen(5, 1, track_id=2), [seen()])
    assert not joins(seen(5, 1, track_id=2, other_than=(1,)), [seen()])
    assert not joins(seen(-5, 1, track_id=2), [seen(other_than=(2,))])


def test_what_a_dog_knows_of_its_tracks_says_nothing_of_another_dogs_or_patrols() -> None:
    assert joins(seen(5, 1, track_id=2, dog_id="dog2", other_than=(1,)), [seen()])
    assert joins(seen(5, 1, track_id=2, order_id="next", other_than=(1,)), [seen()])


def test_six_people_one_after_another_through_one_room_are_six() -> None:
    incidents: list[list[Seen]] = []
    for number in range(1, 7):
        new = seen(23.0 * number, number % 2, track_id=number, other_than=tuple(range(1, number)))
        assert not any(joins(new, incident) for incident in incidents)
        incidents.append([new])
