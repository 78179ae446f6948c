"""Two who edit one thing: the second, who has not seen what the first did, undoes nothing and is told whose it was."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from fleet_server.core.api_schema import ChangedProblem
from fleet_server.core.versions import agrees, version_of
from tests.fleet_server.test_hostile_http import UNUSED_PORT
from tests.fleet_server.test_problems import problem
from tests.fleet_server.world import API, route_body, serving, settings, sign_in

SCHEDULE = {"routeId": "demo_round", "name": {"zh": "夜", "en": "Night"}, "rule": "FREQ=DAILY"}
SCHEDULE |= {"start": "2026-06-01T22:30:00"}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield sign_in(client)


def named(name: str) -> dict[str, Any]:
    return {"name": {"zh": name, "en": name}}


def route(client: TestClient) -> str:
    return f"/routes/{client.post(f'{API}/routes', json=route_body('cp_1')).json()['routeId']}"


def schedule(client: TestClient) -> str:
    return f"/schedules/{client.post(f'{API}/schedules', json=SCHEDULE).json()['scheduleId']}"


def escalation(client: TestClient) -> str:
    return "/sites/yard/escalation"


EDITED: dict[str, tuple[Callable[[TestClient], str], Callable[[int], dict[str, Any]]]] = {
    "a route": (route, lambda n: route_body("cp_2", "cp_3") | named(f"n{n}")),
    "a schedule": (schedule, lambda n: SCHEDULE | named(f"n{n}")),
    "an escalation": (escalation, lambda n: {"minutes": 5 + n}),
}


@pytest.mark.parametrize("what", EDITED)
def test_who_edits_what_another_has_changed_changes_nothing_and_is_told_who_and_when(
    alone: TestClient, what: str
) -> None:
    make, body = EDITED[what]
    url = API + make(alone)
    read = alone.get(url)
    tag = read.headers["etag"]
    assert tag == f'"{read.json()["version"]}"'
    first = alone.put(url, json=body(1), headers={"If-Match": tag})
    assert first.status_code == 200
    assert first.headers["etag"] == alone.get(url).headers["etag"] == f'"{first.json()["version"]}"'
    assert first.headers["etag"] != tag
    said = problem(alone.put(url, json=body(2), headers={"If-Match": tag}), 412, "changed-meanwhile")
    told = ChangedProblem.model_validate(said)
    assert (told.version, told.changed_by) == (first.json()["version"], "admin")
    assert f"by admin at {said['changedAt']}" in told.detail
    assert alone.get(url).json() == first.json()
    weak = {"If-Match": f"W/{first.headers['etag']}"}
    assert alone.put(url, json=body(2), headers=weak).status_code == 412
    several = {"If-Match": f'"other", {first.headers["etag"]}'}
    assert alone.put(url, json=body(2), headers=several).status_code == 200
    assert alone.put(url, json=body(3), headers={"If-Match": "*"}).status_code == 200
    assert alone.put(url, json=body(4)).status_code == 200


@pytest.mark.parametrize("what", ["a route", "a schedule"])
def test_what_another_has_changed_is_not_deleted_unseen(alone: TestClient, what: str) -> None:
    make, body = EDITED[what]
    url = API + make(alone)
    tag = alone.get(url).headers["etag"]
    now = alone.put(url, json=body(1)).headers["etag"]
    problem(alone.delete(url, headers={"If-Match": tag}), 412, "changed-meanwhile")
    assert alone.delete(url, headers={"If-Match": now}).status_code == 204
    assert alone.delete(url, headers={"If-Match": now}).status_code == 404


def test_of_many_who_save_at_once_one_does(alone: TestClient) -> None:
    url = API + route(alone)
    tag = alone.get(url).headers["etag"]

    def save(n: int) -> httpx.Response:
        return alone.put(url, json=route_body("cp_2") | named(f"n{n}"), headers={"If-Match": tag})

    with ThreadPoolExecutor(8) as side_by_side:
        answers = list(side_by_side.map(save, range(8)))
    saved = [each for each in answers if each.status_code == 200]
    assert [each.status_code for each in answers].count(412) == 7
    assert alone.get(url).json() == saved[0].json()


def test_an_account_of_which_another_has_made_something_else_stays_so(alone: TestClient) -> None:
    alone.post(f"{API}/accounts", json={"username": "wang", "role": "operator"})
    (known,) = (each for each in alone.get(f"{API}/accounts").json() if each["username"] == "wang")
    tag, url = {"If-Match": f'"{known["version"]}"'}, f"{API}/accounts/wang"
    changed = alone.patch(url, json={"role": "auditor"}, headers=tag)
    assert changed.status_code == 200
    said = problem(alone.patch(url, json={"disabled": True}, headers=tag), 412, "changed-meanwhile")
    assert said["version"] == changed.json()["version"]
    assert changed.headers["etag"] == f'"{said["version"]}"'
    assert alone.get(f"{API}/sites/yard").headers["etag"] == '"1"'


def test_a_version_is_of_what_was_said_whatever_its_order_and_agrees_with_no_weak_tag() -> None:
    assert version_of({"a": 1, "b": 2.5}) == version_of({"b": 2.5, "a": 1})
    assert version_of(1, 2) != version_of(12)
    assert version_of("\ud800")
    for if_match, known in ((None, True), ("*", True), ('"v"', True), ('"x", "v"', True), ("", False)):
        assert agrees(if_match, "v") is known
    assert not any(agrees(wrong, "v") for wrong in ('W/"v"', "v", '"V"', '"v', ","))
