"""The ledger's API on a past that is drawn by a seed, held against figures that are added up here, plainly."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from bench._station_history import Past, visits_of, write_past
from fleet_server.core.clock import utc_now
from fleet_server.incidents.tables import Incident
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount, PatrolTrack
from fleet_server.patrols.tables import Patrol
from fleet_server.retention.age_out import age_out
from tests.fleet_server.dog import Dog
from tests.fleet_server.ledger.conftest import DAYS, UNUSED_PORT
from tests.fleet_server.test_patrols import assign, patrol_now, reaches
from tests.fleet_server.world import API, eventually, serving, settings, sign_in, station_of


def asked(client: TestClient, page: str, **more: Any) -> Any:
    answer = client.get(f"{API}/ledger/{page}", params={"siteId": "yard"} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def span(hours_ago: float, hours: float) -> dict[str, str]:
    since = utc_now().replace(microsecond=0) - timedelta(hours=hours_ago)
    return {"since": since.isoformat(), "until": (since + timedelta(hours=hours)).isoformat()}


def patrols_in(client: TestClient, chosen: dict[str, str]) -> list[Patrol]:
    since, until = (datetime.fromisoformat(chosen[name]) for name in ("since", "until"))
    with station_of(client).database.read() as session:
        return [p for p in session.scalars(select(Patrol)) if since <= (p.started_at or p.created_at) < until]


@pytest.mark.parametrize("hours", [(60, 24), (72, 72), (30, 7)])
def test_the_sums_of_each_dog_are_those_of_its_patrols(past: TestClient, hours: tuple[float, float]) -> None:
    chosen = span(*hours)
    told = {each["dogId"]: each for each in asked(past, "summary", **chosen)["dogs"]}
    plain: dict[str, Counter[str]] = defaultdict(Counter)
    for patrol in patrols_in(past, chosen):
        records = patrol.checkpoints
        plain[patrol.dog_id] += Counter(
            patrols=1,
            completed=int(patrol.status == "COMPLETED"),
            checkpoints=len(records),
            reached=sum(each["reachedAt"] is not None for each in records),
            skipped=sum(each["status"] == "SKIPPED" for each in records),
            failed=sum(each["status"] == "FAILED" for each in records),
            seconds=round((patrol.ended_at - patrol.started_at).total_seconds()),  # type: ignore[operator]
        )
    assert plain
    assert {dog: {name: told[dog][name] for name in sums} for dog, sums in plain.items()} == plain
    assert all(each["walkedM"] > 0 and each["chargeUsedPct"] > 0 for each in told.values())


def test_the_incidents_and_how_fast_they_were_acknowledged(past: TestClient) -> None:
    chosen = span(50, 20)
    since, until = (datetime.fromisoformat(chosen[name]) for name in ("since", "until"))
    with station_of(past).database.read() as session:
        rows = [i for i in session.scalars(select(Incident)) if since <= i.received_at < until]
    for told in asked(past, "summary", **chosen)["incidents"]:
        mine = [i for i in rows if i.kind == told["kind"]]
        waits = [(i.acknowledged_at - i.received_at).total_seconds() for i in mine if i.acknowledged_at is not None]
        assert (told["incidents"], told["acknowledged"]) == (len(mine), len(waits))
        assert told["falseAlarms"] == sum(i.status == "FALSE_ALARM" for i in mine)
        assert told["open"] == sum(i.status in ("OPEN", "ACKNOWLEDGED", "DISPATCHED") for i in mine)
        assert told["answeredS"] == pytest.approx(sum(waits) / len(waits), abs=0.01)
        assert told["slowestS"] == pytest.approx(max(waits), abs=0.01)


def test_coverage_counts_the_visits_of_the_patrols_own_records(past: TestClient) -> None:
    chosen = span(48, 24)
    since, until = (datetime.fromisoformat(chosen[name]) for name in ("since", "until"))
    with station_of(past).database.read() as session:
        every = visits_of(session, "yard")
    told = asked(past, "coverage", **chosen)
    for place in told["places"]:
        times = sorted(at for at in every[place["checkpointId"]] if at < until)
        inside = [at for at in times if at >= since]
        last = max((at for at in times if at < since), default=since)
        gaps = [(b - a).total_seconds() for a, b in zip([last, *inside], [*inside, until], strict=True)]
        area = (sum(gap * gap for gap in gaps) - (since - last).total_seconds() ** 2) / 2
        assert place["visits"] == len(inside)
        assert place["worstS"] == pytest.approx(max(gaps))
        assert place["meanS"] == pytest.approx(area / (until - since).total_seconds())
    assert sum(hour["visits"] for hour in told["hours"]) == told["whole"]["visits"]
    assert told["cells"]
    assert (told["tracks"], told["patrols"]) == (len(patrols_in(past, chosen)),) * 2


def test_pages_follow_each_other_without_a_gap_and_the_filters_hold(past: TestClient) -> None:
    chosen = span(80, 80)
    pages, cursor = [], None
    while True:
        page = asked(past, "patrols", limit=40, **chosen, **({"cursor": cursor} if cursor else {}))
        pages.append(page["patrols"])
        if (cursor := page["next"]) is None:
            break
    ids = [each["patrolId"] for page in pages for each in page]
    assert [len(page) for page in pages] == [40, 40, 40, 30]
    assert len(set(ids)) == 150
    began = [each["beganAt"] for page in pages for each in page]
    assert began == sorted(began, reverse=True)
    failed = asked(past, "patrols", limit=200, dogId="dog2", status="FAILED", **chosen)["patrols"]
    assert failed
    assert {(each["dogId"], each["status"]) for each in failed} == {("dog2", "FAILED")}


def test_a_patrol_has_its_path_its_visits_with_reasons_and_its_incidents(past: TestClient) -> None:
    lines = asked(past, "patrols", limit=200, **span(80, 80))["patrols"]
    line = next(each for each in lines if each["skipped"] and each["incidents"])
    account = past.get(f"{API}/ledger/patrols/{line['patrolId']}").json()
    assert account["patrol"] == line
    assert len(account["planned"]) == line["checkpoints"] + 1
    assert [point["t"] for point in account["walked"]] == sorted(point["t"] for point in account["walked"])
    assert {v["reason"] for v in account["visits"] if v["status"] == "SKIPPED"} == {
        "the way to it was blocked; tried twice"
    }
    assert len(account["incidents"]) == line["incidents"]
    assert sum(visit["late"] for visit in account["visits"]) == line["late"]
    assert any(each["late"] for each in lines), "some of the past's dogs are slow"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"siteId": "nowhere"}, 404),
        ({}, 422),
        ({"siteId": "yard", "since": "2026-01-01T00:00:00"}, 422),
        ({"siteId": "yard", "since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, 422),
        ({"siteId": "yard", "since": "2020-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, 422),
        ({"siteId": "yard", "until": "0001-01-01T00:00:00Z"}, 422),
        ({"siteId": "yard", "since": "2026-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-14:00"}, 422),
    ],
)
def test_a_span_that_is_none_is_refused(past: TestClient, query: dict[str, str], status: int) -> None:
    for page in ("summary", "patrols", "coverage"):
        assert past.get(f"{API}/ledger/{page}", params=query).status_code == status


@pytest.mark.parametrize("cursor", ["", "x", "2026-01-01T00:00:00~a", "2026-01-01T00:00:00+00:00", "~"])
def test_a_cursor_that_is_none_is_refused(past: TestClient, cursor: str) -> None:
    answer = past.get(f"{API}/ledger/patrols", params={"siteId": "yard", "cursor": cursor})
    assert answer.status_code == 422


def test_a_walked_patrol_is_in_the_ledger_with_its_path_battery_and_visits(client: TestClient, dog: Dog) -> None:
    patrol = assign(client)
    order = dog.hear("order")

    def account() -> Any:
        answer = client.get(f"{API}/ledger/patrols/{patrol['patrolId']}")
        return answer.json() if answer.status_code == 200 else None

    dog.state(order, last=0)
    reaches(client, patrol, "ACTIVE")
    with station_of(client).database.read() as session:
        assert session.get(PatrolTrack, patrol["patrolId"]) is None
    dog.state(order, last=6, actions="FINISHED")
    reaches(client, patrol, "COMPLETED")
    told = eventually(lambda: (found := account()) and found["patrol"]["endedAt"] and found)
    assert told["patrol"]["status"] == "COMPLETED"
    assert [visit["status"] for visit in told["visits"]] == ["DONE", "DONE", "DONE"]
    assert all(visit["plannedAt"] for visit in told["visits"])
    assert told["patrol"]["reached"] == 3
    assert asked(client, "summary")["dogs"][0]["completed"] == 1
    assert patrol_now(client, patrol)["status"] == "COMPLETED"


def test_patrols_from_before_there_was_a_ledger_are_taken_into_it(past: TestClient, tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    with serving(chosen) as client, station_of(client).database.write() as session:
        write_past(session, Past("yard", utc_now(), DAYS, patrols=110, incidents=0))
        session.query(CheckpointVisit).delete()
        session.query(PatrolAccount).delete()
    with serving(chosen) as client:
        sign_in(client)
        eventually(lambda: sum(d["patrols"] for d in asked(client, "summary", **span(100, 120))["dogs"]) == 110)


def test_the_account_goes_with_its_patrol_when_its_time_is_up(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        now = utc_now()
        with station_of(client).database.write() as session:
            write_past(session, Past("yard", now, DAYS, patrols=60, incidents=0))
            age_out(session, now, timedelta(days=1))
        with station_of(client).database.read() as session:
            kept = set(session.scalars(select(Patrol.patrol_id)))
            assert len(kept) == 20
            for table in (PatrolAccount, CheckpointVisit, PatrolTrack):
                assert set(session.scalars(select(table.patrol_id))) <= kept
            assert session.scalar(select(func.count()).select_from(PatrolAccount)) == 20
