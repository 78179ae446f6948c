"""Each expectation is judged by what was told and by what truly happened."""

from pathlib import Path

import pytest

from tests.scenarios.outcome_by_hand import SCENARIO, dog, error, incident, outcome, patrol, wall
from xiaotian.scenarios.event_record import timed
from xiaotian.scenarios.judge import Verdict, judge
from xiaotian.scenarios.scenario_run import Outcome


def again(made: Outcome) -> Verdict:
    """The verdict, the record having been told more."""
    made.timeline = timed(made.record.entries, made.time_of)
    return judge(made)


def wrong(verdict: Verdict) -> dict[str, str]:
    return {finding.about: finding.found for finding in verdict.wrong}


def test_what_went_well_passes_in_all(tmp_path: Path) -> None:
    verdict = judge(outcome(tmp_path))
    assert wrong(verdict) == {}
    found = {finding.about: finding.found for finding in verdict.findings}
    assert found["incidents"] == "after 12.4 s"
    assert found["incidents.within_m"] == "0.50 m"
    assert found["checkpoints"] == "dog1: 2 of 2"
    assert found["battery_never_under"] == "79% at its lowest"
    assert found["walks"] == "2.0 m"


def test_a_stack_that_did_not_run_fails_whatever_else(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.error = "server ended with 1"
    assert wrong(judge(made)) == {"run": "server ended with 1"}


def test_a_machine_that_is_too_slow_is_named_as_the_reason(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.stuck = True
    assert wrong(judge(made)) == {"run": "20 s, at a real-time factor of 2.0"}


def test_a_patrol_that_failed_is_told_with_its_reason(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.record.patrols["p"] = patrol("FAILED", "charging_bay") | {"reason": "fallen"}
    assert wrong(judge(made)) == {
        "patrol": "dog1: failed (fallen)",
        "checkpoints": "dog1: 1 of 2; not armory_view",
    }


def test_a_patrol_that_never_was_is_missed(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.record.patrols.clear()
    assert wrong(judge(made))["patrol"].startswith("0; ")


def test_silence_about_an_incident_fails(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.record.incidents.clear()
    assert wrong(judge(made)) == {"incidents": "none"}


def test_an_incident_too_late_fails(tmp_path: Path) -> None:
    made = outcome(tmp_path, SCENARIO.replace("within_s: 20", "within_s: 10"))
    assert wrong(judge(made)) == {"incidents": "after 12.4 s"}


def test_an_incident_s_seconds_count_from_what_it_is_about(tmp_path: Path) -> None:
    made = outcome(tmp_path, SCENARIO.replace("within_s: 20", "within_s: 10, since: gone"))
    assert wrong(judge(made)) == {}


def test_an_incident_far_from_anybody_fails(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    for row in made.report["truth"]:
        row["people"] = {"guard": [25.0, 11.0, 0.0, "stand"]}
    assert wrong(judge(made)) == {"incidents.within_m": "3.00 m"}


def test_an_incident_where_nobody_is_fails(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    for row in made.report["truth"]:
        row["people"] = {}
    assert wrong(judge(made)) == {"incidents.within_m": "nobody was there"}


def test_a_picture_that_never_came_is_missed(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.pictures.clear()
    assert wrong(judge(made)) == {"incidents.picture": "none"}


def test_a_second_incident_is_one_too_many(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.record.take("incident", incident(incidentId="j"), wall(14.0))
    assert wrong(again(made)) == {"no_other_incidents": "armory_yard at (22.0, 11.0)"}


def test_an_error_that_nobody_expected_fails(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.record.take("dogs", [dog(errors=[error("wayBlocked")])], wall(15.0))
    assert wrong(again(made)) == {"no_other_errors": "dog1 wayBlocked at 15.0 s (no way)"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("{error: wayBlocked, since: gone, within_s: 13}", {}),
        ("{error: wayBlocked, since: gone, within_s: 11}", {"errors": "after 12.0 s (no way)"}),
        ("{error: wayBlocked, gone_within_s: 3}", {}),
        ("{error: wayBlocked, gone_within_s: 1}", {"errors.gone_within_s": "after 2.0 s"}),
        (
            "{error: fallen}",
            {"errors": "never", "no_other_errors": "dog1 wayBlocked at 15.0 s (no way)"},
        ),
    ],
)
def test_an_expected_error_comes_and_goes_in_time(tmp_path: Path, wanted: str, found: dict[str, str]) -> None:
    made = outcome(tmp_path, SCENARIO.replace("  checkpoints", f"  errors: [{wanted}]\n  checkpoints"))
    made.record.take("dogs", [dog(errors=[error("wayBlocked")])], wall(15.0))
    made.record.take("dogs", [dog()], wall(17.0))
    assert wrong(again(made)) == found


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"collisions": 1, "collided_with": [{"t": 3.0, "with": "bollard"}]}, "collisions"),
        ({"falls": 1}, "falls"),
        ({"nearest_approach_m": 0.4}, "nearest_approach_m"),
    ],
)
def test_what_the_body_suffers_is_the_simulator_s_to_tell(
    tmp_path: Path, change: dict[str, object], about: str
) -> None:
    made = outcome(tmp_path)
    made.report["dogs"]["dog1"] |= change
    assert list(wrong(judge(made))) == [about]


def test_a_battery_that_was_low_once_was_low(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.record.take("dogs", [dog(batteryCharge=30.0)], wall(5.0))
    made.record.take("dogs", [dog(batteryCharge=80.0)], wall(6.0))
    assert wrong(judge(made)) == {"battery_never_under": "30% at its lowest"}


def test_a_dog_that_stood_did_not_walk(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.report["dogs"]["dog1"]["path"] = [[row[0], 5.0, 8.0, 0.0] for row in made.report["dogs"]["dog1"]["path"]]
    assert wrong(judge(made)) == {"walks": "0.0 m"}


def test_the_wrong_order_says_what_was_not_in_its_place(tmp_path: Path) -> None:
    order = "order: [checkpoint:armory_view, event:gone]"
    made = outcome(tmp_path, SCENARIO.replace("order: [event:gone, checkpoint:armory_view, patrol:completed]", order))
    assert wrong(judge(made)) == {"order": "event:gone < checkpoint:armory_view; event:gone not in its place"}
