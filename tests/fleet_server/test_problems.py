"""Every refusal of the API, whoever words it, is a problem as RFC 9457 has it."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import ValidationError
from starlette.routing import Route

from fleet_server.app import create_app
from fleet_server.console_files import HEADERS
from fleet_server.core.api_schema import Problem
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import MEDIA_TYPE, field_fault
from tests.fleet_server.test_hostile_http import MANY, UNUSED_PORT, answered, listening, request
from tests.fleet_server.world import API, route_body, serving, settings, sign_in
from tests.shared import ROOT

CODES = {each.value.code: each.value for each in Problems}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield client


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """What was answered, once it is found to be such a problem, whole and of this request."""
    said: dict[str, Any] = answer.json()
    Problem.model_validate(said)
    assert (answer.status_code, said["status"]) == (status, status)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert said["type"] == f"/docs/problems#{code}"
    assert said["title"] == CODES[code].title
    assert said["instance"] == f"urn:xiaotian:request:{answer.headers['x-request-id']}"
    return said


def test_whoever_refuses_it_is_a_problem(alone: TestClient) -> None:
    problem(alone.get(f"{API}/dogs"), 401, "not-signed-in")
    problem(alone.get(f"{API}/nothing"), 404, "not-found")
    problem(alone.post(f"{API}/nothing"), 405, "no-such-method")
    problem(alone.delete(f"{API}/dogs"), 405, "no-such-method")
    problem(alone.get("/metrics"), 401, "not-signed-in")
    problem(alone.get("/assets/none.js"), 404, "not-found")
    for _ in range(20):
        wrong = alone.post(f"{API}/session", json={"username": "admin", "password": "wrong-wrong"})
        if wrong.status_code == 429:
            break
        problem(wrong, 401, "not-signed-in")
    problem(wrong, 429, "too-many")
    assert int(wrong.headers["retry-after"]) > 0


def test_who_has_not_the_right_and_what_does_not_go_is_a_problem(alone: TestClient) -> None:
    sign_in(alone)
    problem(alone.get(f"{API}/routes/none"), 404, "not-found")
    problem(alone.post(f"{API}/accounts", json={"username": "admin", "role": "operator"}), 409, "conflict")
    token = alone.post(f"{API}/tokens", json={"name": "t", "scopes": ["see"], "days": 1}).json()["token"]
    program = TestClient(alone.app, headers={"authorization": f"Bearer {token}"})
    problem(program.post(f"{API}/routes", json=route_body("cp_1")), 403, "not-allowed")
    place = {"siteId": "yard", "x": 400.0, "y": 400.0, "reason": "glass"}
    assert "nearest" in problem(alone.post(f"{API}/calls", json=place), 409, "unreachable-place")


def test_every_field_at_fault_is_named_by_its_pointer_or_as_a_parameter(alone: TestClient) -> None:
    sign_in(alone)
    wrong = route_body("cp_1", "cp_2", strange=1)
    wrong["stops"][1]["actions"] = [{"type": "dance"}]
    said = problem(alone.post(f"{API}/routes", json=wrong), 422, "invalid-request")
    assert {each["pointer"] for each in said["errors"]} == {"#/stops/1/actions/0/type", "#/strange"}
    assert "stops.1.actions.0.type: " in said["detail"]
    said = problem(alone.post(f"{API}/routes", json=route_body("cp_1", "moon")), 422, "invalid-request")
    assert said["errors"] == [{"detail": "there is no checkpoint 'moon'", "pointer": "#/stops/1/checkpointId"}]
    assert said["detail"] == "stops.1.checkpointId: there is no checkpoint 'moon'"
    said = problem(alone.get(f"{API}/incidents?limit=0&status=LOST"), 422, "invalid-request")
    assert {each["parameter"] for each in said["errors"]} == {"limit", "status"}
    span = "siteId=yard&since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z"
    said = problem(alone.get(f"{API}/ledger/summary?{span}"), 422, "invalid-request")
    assert [each["parameter"] for each in said["errors"]] == ["since", "until"]
    said = problem(alone.post(f"{API}/routes", content="{"), 422, "invalid-request")
    assert said["errors"]
    problem(alone.post(f"{API}/incidents/i/comments", content=b'{"text": "\\ud800"}'), 422, "invalid-request")


def test_a_pointer_is_escaped_as_json_pointers_in_addresses_are() -> None:
    (fault,) = field_fault("a/b~c d%", "no").errors
    assert fault["pointer"] == "#/a~1b~0c%20d%25"


def test_a_body_that_is_too_large_is_a_problem_too_however_it_comes(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path, UNUSED_PORT), lambda _: None)
    with listening(app) as port:
        for path in (f"{API}/session", f"{API}/nothing", f"{API}/routes"):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(request("POST", path, f"Content-Length: {MANY}", "X-Request-Id: mine"))
                status, said = answered(connection)
            head, _, body = said.partition(b"\r\n\r\n")
            assert status == 413
            assert f"content-type: {MEDIA_TYPE}".encode() in head.lower()
            assert b"x-request-id: mine" in head.lower()
            assert all(f"{name.lower()}: ".encode() in head.lower() for name in HEADERS)
            told = Problem.model_validate_json(body)
            assert (told.status, told.type) == (413, "/docs/problems#too-large")
            assert told.instance == "urn:xiaotian:request:mine"


def test_a_fault_and_a_refusal_without_a_kind_are_problems(tmp_path: Path) -> None:
    app: FastAPI = create_app(settings(tmp_path, UNUSED_PORT), lambda _: None)
    app.router.routes.insert(0, Route("/fault", lambda _: 1 // 0))

    def teapot(_: object) -> None:
        raise HTTPException(418, "short and stout")

    app.router.routes.insert(0, Route("/teapot", teapot))
    with TestClient(app, raise_server_exceptions=False) as client:
        problem(client.get("/fault"), 500, "server-fault")
        said = client.get("/teapot").json()
    assert (said["type"], said["title"], said["status"]) == ("about:blank", "I'm a Teapot", 418)


def test_every_kind_has_its_place_on_the_servers_page_and_in_the_guide(alone: TestClient) -> None:
    page = alone.get("/docs/problems")
    assert page.status_code == 200
    assert re.findall(r'<tr id="([\w-]+)">', page.text) == list(CODES)
    assert len(CODES) == len(Problems)
    guide = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [code for code in CODES if f"| `{code}` | {CODES[code].status} |" not in guide] == []


def test_every_operation_of_the_document_says_how_it_refuses(alone: TestClient) -> None:
    document = alone.app.openapi()  # type: ignore[attr-defined]
    assert document is alone.app.openapi()  # type: ignore[attr-defined]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, (method, path)
            for status, response in operation["responses"].items():
                for media_type, content in response.get("content", {}).items():
                    problematic = str(content.get("schema", {}).get("$ref", "")).endswith("Problem")
                    assert problematic == (media_type == MEDIA_TYPE), (method, path, status)


def test_what_is_no_problem_is_told_apart() -> None:
    with pytest.raises(ValidationError):
        Problem.model_validate({"detail": "why"})
