"""What a plan would have seen, asked of the real application."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from fleet_server.dispatch.coming_rounds import USES_PCT_M
from fleet_server.routes.tables import Route
from fleet_server.schedules.tables import ScheduleRow
from tests.fleet_server.test_store import _incident
from tests.fleet_server.world import API, station_of

ZONE = ZoneInfo("Asia/Shanghai")
YESTERDAY = datetime.now(UTC).replace(hour=14, minute=0, second=0, microsecond=0) - timedelta(days=1)  # 22:00 there
ASKED = {
    "siteId": "yard",
    "since": (YESTERDAY - timedelta(hours=14)).isoformat(),
    "until": (YESTERDAY + timedelta(hours=9)).isoformat(),
}


@pytest.fixture
def kept(client: TestClient) -> TestClient:
    """Yesterday somebody stood beside the second checkpoint from 22:00 on for four minutes, and again at noon."""
    with station_of(client).database.write() as session:
        for name, hours, more in (
            ("night", 0.0, {}),
            ("noon", -10.0, {}),
            ("false", 0.0, {"status": "FALSE_ALARM"}),
            ("before", -40.0, {}),
        ):
            row = _incident(name, YESTERDAY + timedelta(hours=hours, seconds=30), held=False)
            row.x, row.y, row.clock_skew_s = 6.0, 7.0, 30.0
            row.last_seen += timedelta(minutes=4)
            for field, value in more.items():
                setattr(row, field, value)
            session.add(row)
    return client


def asked(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(f"{API}/plan/backtest", json=ASKED | more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {each["incidentId"]: each["verdict"] for each in found["findings"]}


def nightly(**more: Any) -> dict[str, Any]:
    """A schedule that begins tomorrow."""
    start = datetime.now(ZONE).replace(hour=22, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=1)
    named = {"zh": "夜巡", "en": "Night round"}
    return {"routeId": "demo_round", "name": named, "rule": "FREQ=DAILY", "start": start.isoformat()} | more


def test_a_schedule_that_is_being_made_is_tried_on_yesterday_and_nothing_is_stored(kept: TestClient) -> None:
    bare = asked(kept)
    assert verdicts(bare) == {"night": "NO_ROUND", "noon": "NO_ROUND"}
    assert (bare["inSpan"], bare["seen"], bare["rounds"]) == (2, 0, 0)
    tried = asked(kept, schedule=nightly())
    assert verdicts(tried) == {"night": "SEEN", "noon": "ANOTHER_TIME"}
    night, noon = tried["findings"]
    assert night["scheduleName"] == {"zh": "夜巡", "en": "Night round"}
    assert datetime.fromisoformat(night["firstSeen"]) == YESTERDAY  # by the station's clock
    assert YESTERDAY <= datetime.fromisoformat(night["beginsAt"]) < YESTERDAY + timedelta(minutes=1)
    assert noon["offS"] == pytest.approx((10 * 60 - 4) * 60, abs=60)
    assert (tried["rounds"], [way["scheduled"] for way in tried["ways"]]) == (1, [True])
    assert verdicts(asked(kept)) == verdicts(bare)
    with station_of(kept).database.read() as session:
        assert session.query(ScheduleRow).count() == 0
        assert session.query(Route).count() == 1


def test_a_route_that_is_being_drawn_takes_the_place_of_its_own_and_a_saved_schedule_is_in_force(
    kept: TestClient,
) -> None:
    saved = kept.post(f"{API}/schedules", json=nightly()).json()
    assert verdicts(asked(kept))["night"] == "SEEN"
    stops = [{"checkpointId": "cp_1"}]
    near = asked(kept, withinM=2, route={"routeId": "demo_round", "stops": stops})
    assert verdicts(near)["night"] == "NOT_PASSED"
    assert near["findings"][0]["distanceM"] == pytest.approx(3.6, abs=0.5)
    assert verdicts(asked(kept, schedule=nightly(scheduleId=saved["scheduleId"], enabled=False)))["night"] == "NO_ROUND"
    moved = asked(kept, route={"stops": stops}, schedule=nightly(scheduleId=saved["scheduleId"], routeId="draft"))
    assert verdicts(moved)["night"] == "SEEN"
    (way,) = [each for each in moved["ways"] if each["routeId"] == "draft"]
    assert way["lengthM"] == pytest.approx(4.8, abs=0.6)  # from the dock at (1, 1)
    assert way["usesPct"] == pytest.approx(way["lengthM"] * USES_PCT_M)


def test_what_makes_no_sense_is_refused_in_a_sentence(kept: TestClient) -> None:
    for more, word in (
        ({"schedule": nightly(rule="FREQ=SECONDLY")}, "rule"),
        ({"schedule": nightly(routeId="none")}, "there is no route"),
        ({"until": ASKED["since"]}, "a span ends"),
        ({"since": "2026-01-01T00:00:00Z"}, "a span ends"),
        ({"since": "0001-01-01T00:00:00Z", "until": "0001-01-02T00:00:00Z"}, "since"),
        ({"since": "9999-12-30T00:00:00Z", "until": "9999-12-31T00:00:00Z"}, "since"),
    ):
        answer = kept.post(f"{API}/plan/backtest", json=ASKED | more)
        assert answer.status_code == 422, (more, answer.text)
        assert word in answer.json()["detail"]
    assert kept.post(f"{API}/plan/backtest", json=ASKED | {"siteId": "none"}).status_code == 404
