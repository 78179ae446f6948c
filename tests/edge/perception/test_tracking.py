import math

import pytest

from edge.perception.tracking import Tracker
from tests.edge.perception.scene import person, view


def test_a_dog_that_turns_at_one_radian_a_second_keeps_the_persons_id() -> None:
    tracker, ids = Tracker(0.25), set()
    for frame in range(6):
        seen = view(theta=-0.5 + 0.2 * frame)
        ids |= {track.track_id for track in tracker.update([person(seen, 6.0, 0.0)], seen, 100 + 0.2 * frame)}
    assert len(ids) == 1


def test_turning_through_the_back_of_the_map_keeps_the_id() -> None:
    tracker, ids = Tracker(0.25), set()
    for frame in range(6):
        seen = view(theta=math.remainder(math.pi - 0.5 + 0.2 * frame, math.tau))
        ids |= {track.track_id for track in tracker.update([person(seen, -6.0, 0.0)], seen, 100 + 0.2 * frame)}
    assert len(ids) == 1


def test_two_people_have_two_ids_and_stay_apart() -> None:
    tracker = Tracker(0.25)
    for frame in range(8):
        seen = view(x=0.16 * frame)
        detections = [person(seen, 8.0, 1.5), person(seen, 8.0, -1.5)]
        tracks = tracker.update(detections, seen, 100 + 0.2 * frame)
    assert len({track.track_id for track in tracks}) == 2
    places = sorted(track.place.y for track in tracks if track.place)
    assert places == [pytest.approx(-1.5, abs=0.3), pytest.approx(1.5, abs=0.3)]


def test_the_score_of_a_track_is_the_median_of_its_looks() -> None:
    tracker, seen = Tracker(0.25), view()
    for frame, score in enumerate((0.8, 0.9, 0.3, 0.3, 0.3, 0.9)):  # the first look only begins the track
        tracks = tracker.update([person(seen, 6.0, 0.0, score=score)], seen, 100 + 0.2 * frame)
    assert tracks[0].score == pytest.approx(0.3)
    assert tracks[0].looks == 5


def test_a_weak_detection_alone_begins_no_track() -> None:
    tracker, seen = Tracker(0.25), view()
    for frame in range(5):
        assert tracker.update([person(seen, 6.0, 0.0, score=0.15)], seen, 100 + 0.2 * frame) == []


def test_a_person_lost_for_a_second_keeps_the_id() -> None:
    tracker, seen = Tracker(0.25), view()
    first = [tracker.update([person(seen, 6.0, 0.0)], seen, 100 + 0.2 * n) for n in range(4)][-1]
    for frame in range(4, 8):
        tracker.update([], seen, 100 + 0.2 * frame)
    again = tracker.update([person(seen, 6.0, 0.1)], seen, 101.8)
    assert [t.track_id for t in again] == [t.track_id for t in first]


def test_the_place_is_surer_after_several_looks() -> None:
    tracker, deviations = Tracker(0.25), []
    for frame in range(5):
        seen = view(y=0.3 * frame)
        tracks = tracker.update([person(seen, 9.0, 0.0)], seen, 100 + 0.2 * frame)
        deviations += [track.place.deviation for track in tracks if track.place]
    assert deviations[-1] < deviations[0]
