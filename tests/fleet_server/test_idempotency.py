"""What is asked twice under one key is done once: side by side, after a restart, when a process ends in the middle."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from fleet_server.audit.log import append
from fleet_server.audit.tables import AuditEntry
from fleet_server.core.clock import utc_now
from fleet_server.core.idempotency import (
    ATTEMPT,
    LIFE,
    STALE,
    IdempotencyKey,
    KeptAnswer,
    begin,
    forget_old,
    give_up,
    keep,
    note_done,
)
from fleet_server.core.once_route import REPLAYED
from fleet_server.core.problems import Refusal
from fleet_server.core.rights import Role
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_hostile_http import UNUSED_PORT
from tests.fleet_server.test_problems import problem
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, database_in, route_body, serving, settings, sign_in, station_of

KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
LATER = timedelta(seconds=1) + STALE
ANSWER = KeptAnswer(201, {"content-type": "application/json"}, b"{}")


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield sign_in(client)


def create(client: TestClient, *checkpoints: str, **headers: str) -> httpx.Response:
    return client.post(f"{API}/routes", json=route_body(*checkpoints), headers=KEY | headers)


def routes(client: TestClient) -> int:
    return len(client.get(f"{API}/routes").json())


def test_what_is_asked_again_is_done_once_and_answered_the_same_also_after_a_restart(tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    with serving(chosen) as client:
        before = routes(sign_in(client))
        first, second = create(client, "cp_1"), create(client, "cp_1")
        quoted = create(client, "cp_1", **{"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'})
        assert (first.status_code, REPLAYED.lower() in first.headers) == (201, False)
    with serving(chosen) as client:
        third = create(sign_in(client), "cp_1")
        assert routes(client) == before + 1
        for again in (second, quoted, third):
            assert (again.status_code, again.content) == (201, first.content)
            assert again.headers[REPLAYED] == "true"
            assert again.headers["etag"] == first.headers["etag"]
            assert again.headers["content-type"] == first.headers["content-type"]
        problem(create(client, "cp_2"), 422, "idempotency-key-reused")
        elsewhere = client.post(f"{API}/schedules", json=route_body("cp_1"), headers=KEY)
        problem(elsewhere, 422, "idempotency-key-reused")
        assert create(client, "cp_2", **{"Idempotency-Key": "another"}).status_code == 201


def test_anothers_key_is_another_and_who_may_not_is_told_nothing_of_what_was_answered(alone: TestClient) -> None:
    first = create(alone, "cp_1")
    make(alone, "wang", Role.OPERATOR)
    make(alone, "auditor", Role.AUDITOR)
    with signed_in_as(alone, "wang") as wang, signed_in_as(alone, "auditor") as auditor:
        _others_have_their_own(alone, wang, auditor, first)


def _others_have_their_own(alone: TestClient, wang: TestClient, auditor: TestClient, first: httpx.Response) -> None:
    second = create(wang, "cp_1")
    assert (second.status_code, REPLAYED.lower() in second.headers) == (201, False)
    assert second.json()["routeId"] != first.json()["routeId"]
    problem(create(auditor, "cp_1"), 403, "not-allowed")
    problem(create(TestClient(alone.app), "cp_1"), 401, "not-signed-in")
    alone.patch(f"{API}/accounts/wang", json={"role": "auditor"})
    problem(create(wang, "cp_1"), 403, "not-allowed")
    alone.patch(f"{API}/accounts/auditor", json={"role": "operator"})
    assert create(auditor, "cp_1").status_code == 201  # that it was refused was not kept


def test_of_many_at_once_one_does_it_and_all_are_answered_the_same_in_the_end(alone: TestClient) -> None:
    before = routes(alone)

    def ask(_: int) -> httpx.Response:
        while (answer := create(alone, "cp_1")).status_code == 409:
            problem(answer, 409, "request-under-way")
            assert answer.headers["retry-after"] == "1"
        return answer

    with ThreadPoolExecutor(8) as side_by_side:
        answers = list(side_by_side.map(ask, range(8)))
    assert {each.content for each in answers} == {answers[0].content}
    assert [REPLAYED.lower() in each.headers for each in answers].count(False) == 1
    assert routes(alone) == before + 1


def test_a_refusal_is_answered_the_same_too_and_a_fault_leaves_the_key_free(
    alone: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = create(alone, "moon"), create(alone, "moon")
    assert problem(first, 422, "invalid-request")["detail"] == second.json()["detail"]
    assert second.headers[REPLAYED] == "true"
    assert second.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = {"siteId": "yard", "x": 3.0, "y": 4.0, "reason": "glass", "dogId": "nobody"}
    asked = [alone.post(f"{API}/calls", json=body, headers={"Idempotency-Key": "c"}) for _ in range(2)]
    assert [each.status_code for each in asked] == [asked[0].status_code] * 2
    assert REPLAYED in asked[1].headers
    station, key = station_of(alone), {"Idempotency-Key": "f"}
    with monkeypatch.context() as broken:
        broken.setattr(station, "tell", lambda _: 1 // 0)  # after its deed is done
        with pytest.raises(ZeroDivisionError):
            create(alone, "cp_1", **key)
    problem(create(alone, "cp_1", **key), 409, "request-under-way")
    with monkeypatch.context() as broken:
        broken.setattr("fleet_server.routes.api.append", lambda *_, **__: 1 // 0)  # before
        with pytest.raises(ZeroDivisionError):
            create(alone, "cp_1", **{"Idempotency-Key": "g"})
    assert create(alone, "cp_1", **{"Idempotency-Key": "g"}).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 129, 'a"b', '"a', "ключ".encode().decode("latin-1"), "a b"])
def test_a_key_that_is_none_is_refused_and_nothing_is_done(alone: TestClient, key: str) -> None:
    before = routes(alone)
    answer = alone.post(
        f"{API}/routes",
        json=route_body("cp_1"),
        headers=[("Idempotency-Key", key.encode("latin-1"))],  # type: ignore[arg-type]
    )
    problem(answer, 400, "bad-idempotency-key")
    assert routes(alone) == before


def test_a_stop_is_carried_out_each_time_whatever_its_key(client: TestClient, dog: Dog) -> None:
    for n in (1, 2):
        assert client.post(f"{API}/dogs/{dog.name}/emergency-stop", headers=KEY).status_code == 202
        stops = [each for each in client.get(f"{API}/audit").json() if "stop" in each["action"]]
        assert len(stops) == n, "each stop is in the audit log"
    first, second = (client.post(f"{API}/dogs/{dog.name}/release-emergency-stop", headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert REPLAYED in second.headers


def test_every_route_says_whether_it_takes_a_key_and_what_answers_a_secret_takes_none(alone: TestClient) -> None:
    document = alone.app.openapi()  # type: ignore[attr-defined]
    taking = {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))
    }
    assert {each.split()[0] for each in taking} == {"POST"}
    assert {"POST /patrols", "POST /calls", "POST /routes", "POST /schedules"} <= taking
    assert "POST /incidents/{incident_id}/comments" in taking
    secret = ("/accounts", "/tokens", "/centers", "/identities", "/session", "/enrolment", "/package")
    assert [each for each in taking if each.endswith(secret) or "emergency-stop" in each] == [
        "POST /dogs/{dog_id}/release-emergency-stop"
    ]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = database_in(tmp_path)
    migrate(made.engine)
    made.before_commit = note_done
    return made


def do(database: Database, attempt: str, now: datetime) -> None:
    """A deed, as part of an attempt; raises Refusal where another has taken over."""
    inside = ATTEMPT.set(attempt)
    try:
        with database.write() as session:
            append(session, now, "wang", "test.deed", "d")
    finally:
        ATTEMPT.reset(inside)


def deeds(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(AuditEntry.action == "test.deed")) or 0


def kind(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.kind.code


def test_an_attempt_from_which_nothing_came_is_taken_over_and_can_do_nothing_when_it_wakes(database: Database) -> None:
    now = utc_now()
    first = begin(database, "wang", "k", "h", now)
    assert isinstance(first, str)
    with pytest.raises(Refusal) as refused:
        begin(database, "wang", "k", "h", now + STALE / 2)
    assert kind(refused) == "request-under-way"
    second = begin(database, "wang", "k", "h", now + LATER)
    assert isinstance(second, str)
    with pytest.raises(Refusal):
        do(database, first, now)
    assert deeds(database) == 0
    do(database, second, now)
    keep(database, first, KeptAnswer(409, {}, b"old"))
    give_up(database, first)
    keep(database, second, ANSWER)
    assert begin(database, "wang", "k", "h", now + LATER) == ANSWER
    assert deeds(database) == 1


def test_a_deed_whose_answer_is_lost_is_not_done_again(database: Database) -> None:
    now = utc_now()
    first = begin(database, "wang", "k", "h", now)
    assert isinstance(first, str)
    do(database, first, now)
    give_up(database, first)
    with pytest.raises(Refusal) as refused:
        begin(database, "wang", "k", "h", now + LATER)
    assert kind(refused) == "answer-lost"


def test_a_key_is_forgotten_after_a_day(database: Database) -> None:
    now = utc_now()
    for key, age in (("old", LIFE), ("new", LIFE - timedelta(minutes=1))):
        attempt = begin(database, "wang", key, "h", now - age)
        assert isinstance(attempt, str)
        keep(database, attempt, ANSWER)
    assert begin(database, "wang", "new", "h", now) == ANSWER
    assert isinstance(begin(database, "wang", "old", "other", now), str), "of a day ago: free, if nobody cleaned yet"
    forget_old(database, now + timedelta(minutes=5))
    with database.read() as session:
        assert session.scalars(select(IdempotencyKey.key)).all() == ["old"]


@pytest.mark.parametrize("seed", range(6))
def test_whenever_processes_end_or_sleep_it_is_done_once_at_most(database: Database, seed: int) -> None:
    """Two processes, each with its own way to the database; attempts die, stall and wake at chance."""
    chance, now = random.Random(seed), utc_now()
    other = Database(database.engine.url)
    other.before_commit = note_done
    for key in range(10):
        before, stalled, answered = deeds(database), list[str](), 0
        for _ in range(12):
            process = chance.choice((database, other))
            now += chance.choice((timedelta(), STALE / 2, LATER))
            try:
                begun = begin(process, "wang", f"{seed}.{key}", "h", now)
                if isinstance(begun, KeptAnswer):
                    answered += 1
                    continue
                stalled.append(begun)
                woken = chance.choice(stalled)
                fate = chance.choice(("dies", "dies after", "answers", "gives up"))
                if fate in ("dies after", "answers"):
                    do(process, woken, now)
                if fate == "answers":
                    keep(process, woken, ANSWER)
                if fate == "gives up":
                    give_up(process, woken)
            except Refusal:
                continue
        done = deeds(database) - before
        assert done <= 1
        assert not answered or done == 1
    other.close()
