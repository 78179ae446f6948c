"""Stories of people near a restricted yard, x 10..20 and y -5..5, seen at 5 frames a second."""

from edge.perception.detector import Box, Detection
from edge.perception.locate import Located
from edge.perception.rules import Alert, Intrusion
from edge.perception.tracking import Track
from edge.perception.zones import Zones
from protocol.site import ZoneKind
from tests.edge.perception.test_zones import at, zone

ALWAYS = Zones.of([zone()], "Asia/Shanghai")
NIGHTLY = Zones.of([zone(ZoneKind.RESTRICTED, ("22:00", "06:00"))], "Asia/Shanghai")
NOON = at(12)


def somebody(x: float, y: float = 0.0, number: int = 1, score: float = 0.8, deviation: float = 0.3) -> Track:
    place = Located(x, y, deviation**2, 0.0, deviation**2)
    return Track(number, Detection(Box(0, 0, 10, 30), score), score, 5, place)


class Story:
    """Frames in a row; tells how many alerts each stretch of them raised."""

    def __init__(self, zones: Zones = ALWAYS, start: float = NOON) -> None:
        self.rule, self.zones, self.now = Intrusion(0.25), zones, start

    def frames(self, count: int, *tracks: Track) -> list[Alert]:
        found = []
        for _ in range(count):
            self.now += 0.2
            found += self.rule.update(list(tracks), self.zones, self.now)
        return found

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_a_person_inside_is_told_once_however_long_it_stays() -> None:
    alerts = Story().frames(300, somebody(15))
    assert len(alerts) == 1
    assert alerts[0].zone_id == "yard"


def test_two_frames_are_not_enough() -> None:
    assert Story().frames(2, somebody(15)) == []


def test_a_person_on_the_street_outside_is_not_told() -> None:
    assert Story().frames(100, somebody(7)) == []


def test_a_person_who_may_as_well_stand_outside_is_not_told() -> None:
    assert Story().frames(100, somebody(10.3, deviation=2.0)) == []


def test_a_track_whose_median_score_is_low_is_not_told() -> None:
    assert Story().frames(100, somebody(15, score=0.2)) == []


def test_by_day_the_night_zone_is_quiet_and_at_night_it_is_not() -> None:
    assert Story(NIGHTLY, at(12)).frames(50, somebody(15)) == []
    assert len(Story(NIGHTLY, at(23)).frames(50, somebody(15))) == 1


def test_somebody_still_there_when_the_hours_begin_is_told_then() -> None:
    story = Story(NIGHTLY, at(21, 59))
    assert story.frames(100, somebody(15)) == []
    story.wait(60)
    assert len(story.frames(100, somebody(15))) == 1


def test_two_people_are_told_of_twice() -> None:
    assert len(Story().frames(50, somebody(13, number=1), somebody(17, number=2))) == 2


def test_a_track_lost_and_found_nearby_under_another_number_is_the_same_person() -> None:
    story = Story()
    assert len(story.frames(20, somebody(15, number=1))) == 1
    story.wait(4)
    assert story.frames(50, somebody(16, 1.5, number=9)) == []


def test_a_dog_that_comes_round_the_corner_a_minute_later_sees_the_same_loiterer() -> None:
    story = Story()
    story.frames(20, somebody(15, number=1))
    story.wait(60)
    assert story.frames(50, somebody(18, -2, number=9)) == []


def test_a_second_person_who_comes_while_the_first_is_in_view_is_told() -> None:
    story = Story()
    story.frames(20, somebody(15, number=1))
    assert len(story.frames(20, somebody(15, number=1), somebody(16, number=2))) == 1


def test_stepping_out_for_ten_seconds_is_not_a_new_visit() -> None:
    story = Story()
    story.frames(20, somebody(15))
    assert story.frames(50, somebody(7)) == []
    assert story.frames(20, somebody(15)) == []


def test_returning_after_more_than_thirty_seconds_outside_is_a_new_visit() -> None:
    story = Story()
    story.frames(20, somebody(15))
    story.frames(160, somebody(7))
    assert len(story.frames(20, somebody(15))) == 1


def test_swaying_on_the_edge_is_told_once() -> None:
    story = Story()
    alerts = [alert for n in range(200) for alert in story.frames(1, somebody(10.9 if n % 2 else 9.8))]
    assert len(alerts) == 1


def test_a_person_that_cannot_be_located_is_not_judged() -> None:
    unplaced = Track(1, Detection(Box(0, 0, 10, 30), 0.9), 0.9, 5, None)
    assert Story().frames(50, unplaced) == []
