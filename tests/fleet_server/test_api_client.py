"""The Python client: held to the document, at work on the real server, and before servers that misbehave."""

import json
import random
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin
from uuid import uuid4

import httpx
import msgspec
import pytest
from fastapi.testclient import TestClient

from bench._station_history import Past, write_past
from fleet_server.core.clock import utc_now
from tests.console.running_station import PASSWORD as RUNNING_PASSWORD
from tests.console.running_station import running_station
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, PASSWORD, eventually, hear, serving, settings, sign_in, station_of
from tests.shared import ROOT
from tools.client_models import DOCUMENT, MODELS, models
from xiaotian.api_client import ApiProblem, Client, Operation
from xiaotian.api_client import operation as op
from xiaotian.api_client.models import (
    CallBody,
    CommentBody,
    Credentials,
    DogView,
    IncidentStatus,
    IncidentView,
    PatrolStatus,
    PatrolView,
    ReasonBody,
    RouteBody,
    ScheduleBody,
    StopBody,
    TextBody,
)
from xiaotian.local_stack import free_port

GUIDE = (ROOT / "docs" / "api_client.md").read_text(encoding="utf-8")
OPERATIONS = {name: each for name, each in vars(op).items() if isinstance(each, Operation)}
PATHS: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
NAME = TextBody(zh="东线", en="East")


def test_the_models_are_those_of_the_document() -> None:
    pytest.importorskip("datamodel_code_generator", reason="of requirements/python.txt, which `make` installs")
    assert MODELS.read_text(encoding="utf-8") == models(), "run: python tools/client_models.py"


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_is_in_the_document_as_it_says(name: str) -> None:
    known = OPERATIONS[name]
    said = PATHS[API + known.path][known.method.lower()]
    parameters = said.get("parameters", [])
    assert set(re.findall(r"{(\w+)}", known.path)) == {p["name"] for p in parameters if p["in"] == "path"}
    assert set(known.query) == {p["name"] for p in parameters if p["in"] == "query"}
    assert known.once == any(p["name"] == "Idempotency-Key" for p in parameters)
    body = said.get("requestBody", {"required": False})
    assert body.get("required", False) == (known.body is not None)
    if known.body is not None:
        assert named(body["content"]["application/json"]["schema"]) == known.body.__name__
    (answer,) = (each for status, each in said["responses"].items() if status.startswith("2"))
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    if get_origin(known.answer) is list:
        assert schema["type"] == "array"
        assert named(schema["items"]) == get_args(known.answer)[0].__name__
    elif known.answer is type(None):
        assert "$ref" not in schema
        assert schema.get("type") in (None, "null")
    else:
        assert named(schema) == known.answer.__name__


def named(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


@pytest.fixture
def station(client: TestClient) -> Client:
    made = Client(client)
    made.ask(op.SIGN_IN, Credentials(username="admin", password=PASSWORD))
    return made


def test_a_dog_is_sent_and_followed_and_called_back(station: Client, dog: Dog) -> None:
    site = station.ask(op.SITES)[0]
    stops = [StopBody(checkpoint_id=each.checkpoint_id) for each in site.checkpoints]
    route = station.ask(op.CREATE_ROUTE, RouteBody(site_id=site.site_id, name=NAME, stops=stops))
    assert station.ask(op.ROUTE, route_id=route.route_id) == route
    eventually(lambda: [each for each in station.ask(op.DOGS) if each.live and each.position])
    patrol = station.assign_patrol(route.route_id, dog.name)
    assert [each.checkpoint_id for each in patrol.checkpoints] == [each.checkpoint_id for each in site.checkpoints]
    assert patrol.created_at.tzinfo is not None
    with pytest.raises(ApiProblem, match=f"DELETE /routes/{route.route_id}: 409: ") as problem:
        station.ask(op.DELETE_ROUTE, route_id=route.route_id)
    assert problem.value.request_id
    assert problem.value.kind == "conflict"
    station.ask(op.CANCEL_PATROL, patrol_id=patrol.patrol_id)
    found = station.ask(op.PATROLS, query={"dogId": dog.name, "limit": 5})
    assert [each.patrol_id for each in found] == [patrol.patrol_id]
    call = station.ask(op.ASK_CALL, CallBody(site_id=site.site_id, x=3.0, y=4.0, reason="glass broke"))
    assert station.ask(op.CALL, call_id=call.call_id).reason == "glass broke"
    assert station.ask(op.CANCEL_CALL, call_id=call.call_id).call_id == call.call_id
    station.ask(op.STOP_DOG, dog_id=dog.name)
    station.ask(op.RELEASE_DOG, dog_id=dog.name)


def test_what_the_live_socket_says_are_the_same_models(client: TestClient, station: Client, dog: Dog) -> None:
    eventually(lambda: [each for each in station.ask(op.DOGS) if each.live and each.position])
    with client.websocket_connect(f"{API}/live", headers=station.live_headers) as live:
        assert msgspec.convert(hear(live, "snapshot")["dogs"], list[DogView])[0].dog_id == dog.name
        patrol = station.assign_patrol(station.ask(op.ROUTES)[0].route_id, dog.name)
        told = msgspec.convert(hear(live, "patrol"), PatrolView)
        assert (told.patrol_id, told.checkpoints) == (patrol.patrol_id, patrol.checkpoints)
        assert msgspec.convert(msgspec.to_builtins(patrol), PatrolView) == patrol


def test_what_is_planned_is_made_changed_and_deleted(station: Client) -> None:
    route = station.ask(op.ROUTES)[0]
    body = ScheduleBody(route_id=route.route_id, name=NAME, rule="FREQ=DAILY", start="2026-06-01T22:30:00")
    made = station.ask(op.CREATE_SCHEDULE, body)
    body.enabled = False
    assert made.enabled
    assert not station.ask(op.REPLACE_SCHEDULE, body, schedule_id=made.schedule_id).enabled
    assert station.ask(op.SCHEDULE, schedule_id=made.schedule_id) == station.ask(op.SCHEDULES)[0]
    station.ask(op.DELETE_SCHEDULE, schedule_id=made.schedule_id)
    with pytest.raises(ApiProblem, match="404"):
        station.ask(op.SCHEDULE, schedule_id=made.schedule_id)


def test_a_name_that_would_be_another_path_stays_a_name(station: Client) -> None:
    for name in ("7@acme", "a/b", "../sites", "x?limit=1", "%2e%2e", "狗", " "):
        with pytest.raises(ApiProblem) as problem:
            station.ask(op.STOP_DOG, dog_id=name)
        assert problem.value.status in (404, 405, 422), name
    for name in ("", ".", ".."):
        with pytest.raises(ValueError, match=r"dog_id: .* is no name"):
            station.ask(op.STOP_DOG, dog_id=name)
    assert not [dog for dog in station.ask(op.DOGS) if dog.stop_request]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A station with 150 patrols and 300 incidents behind it."""
    with serving(settings(tmp_path_factory.mktemp("past"), free_port())) as client:
        until = utc_now().replace(microsecond=0) - timedelta(hours=1)
        with station_of(client).database.write() as session:
            write_past(session, Past("yard", until, timedelta(days=3), patrols=150, incidents=300, dogs=3, seed=5))
        yield Client(sign_in(client))


@pytest.mark.parametrize("page", [1, 7, 50, 149, 150, 151, 200])
def test_every_patrol_of_the_ledger_comes_once_whatever_the_page(past: Client, page: int) -> None:
    since = utc_now() - timedelta(days=5)
    found = [line.patrol_id for line in past.ledger("yard", since, utc_now(), page=page)]
    assert (len(found), len(set(found))) == (150, 150)
    completed = list(past.ledger("yard", since, status=PatrolStatus.COMPLETED, page=page))
    assert 0 < len(completed) < 150
    assert {line.status for line in completed} == {PatrolStatus.COMPLETED}


def test_incidents_are_read_and_answered(past: Client) -> None:
    told = past.ask(op.INCIDENTS, query={"status": IncidentStatus.OPEN, "limit": 1000})
    assert told
    assert {each.status for each in told} == {IncidentStatus.OPEN}
    one = told[0]
    assert past.ask(op.ACKNOWLEDGE, incident_id=one.incident_id).status == IncidentStatus.ACKNOWLEDGED
    past.ask(op.COMMENT, CommentBody(text="the gardener"), incident_id=one.incident_id)
    answered = past.ask(op.CALL_FALSE, ReasonBody(reason="the gardener"), incident_id=one.incident_id)
    assert answered.status == IncidentStatus.FALSE_ALARM
    past.ask(op.EVIDENCE, query={"limit": 1000})


def test_who_is_nobody_is_told_so_and_a_token_is_somebody(past: Client) -> None:
    http = past._http
    assert isinstance(http, TestClient)
    stranger = Client(TestClient(http.app))
    with pytest.raises(ApiProblem, match="GET /dogs: 401: ") as problem:
        stranger.ask(op.DOGS)
    assert problem.value.status == 401
    token = http.post(f"{API}/tokens", json={"name": f"t-{uuid4()}"[:30], "scopes": ["see"], "days": 1}).json()
    program = TestClient(http.app, headers={"authorization": f"Bearer {token['token']}"})
    assert Client(program).ask(op.SITES) == past.ask(op.SITES)
    with pytest.raises(ApiProblem, match="403"):
        Client(program).ask(op.STOP_DOG, dog_id="dog1")
    with program.websocket_connect(f"{API}/live", headers=Client(program).live_headers) as live:
        told = msgspec.convert(hear(live, "snapshot")["incidents"], list[IncidentView])
    known = {each.incident_id: each for each in past.ask(op.INCIDENTS, query={"limit": 1000})}
    assert told
    for each in told:  # what was left unanswered may be escalated between the two
        assert msgspec.structs.replace(known[each.incident_id], escalated_at=each.escalated_at) == each


ANSWERS: dict[str, tuple[httpx.Response, str]] = {
    "a gateway's page": (httpx.Response(502, text="<html>Bad Gateway"), "GET /dogs: 502: <html>Bad Gateway"),
    "RFC 9457": (httpx.Response(409, json={"type": "about:blank", "title": "Conflict", "detail": "why"}), "409: why"),
    "a title alone": (httpx.Response(409, json={"title": "Conflict"}), "GET /dogs: 409: Conflict"),
    "nothing": (httpx.Response(500), "GET /dogs: 500: no reason was given"),
    "a list": (httpx.Response(400, json=["x"]), 'GET /dogs: 400: ["x"]'),
    "no JSON": (httpx.Response(200, text="{"), "the answer is none that this client knows"),
    "another form": (httpx.Response(200, json={"dogs": []}), "the answer is none that this client knows"),
    "a redirection": (httpx.Response(307, headers={"location": "http://elsewhere/"}), "GET /dogs: 307"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_whatever_a_server_answers_is_one_exception_that_says_where(case: str) -> None:
    answer, said = ANSWERS[case]
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer), base_url="http://station") as http:
        with pytest.raises(ApiProblem, match=re.escape(said)) as problem:
            Client(http).ask(op.DOGS)
        assert problem.value.status == answer.status_code


def test_what_takes_a_key_is_tried_again_under_it_and_done_once(past: Client) -> None:
    http = past._http
    assert isinstance(http, TestClient)
    keys, before = list[str](), len(past.ask(op.ROUTES))

    def lose_two_answers(request: httpx.Request) -> httpx.Response:
        """It reaches the server each time; its answer does so once."""
        keys.append(request.headers["idempotency-key"])
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        answer = http.request(request.method, request.url.path, content=request.content, headers=headers)
        if len(keys) < 3:
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(answer.status_code, content=answer.content)

    site = past.ask(op.SITES)[0]
    body = RouteBody(site_id=site.site_id, name=NAME, stops=[StopBody(checkpoint_id="cp_1")])
    with httpx.Client(transport=httpx.MockTransport(lose_two_answers), base_url="http://s") as lossy:
        made = Client(lossy).ask(op.CREATE_ROUTE, body)
    assert (len(keys), len(set(keys))) == (3, 1)
    assert len(past.ask(op.ROUTES)) == before + 1
    changed = past.ask(op.REPLACE_ROUTE, body, version=made.version, route_id=made.route_id)
    assert changed.version == made.version
    body.name = TextBody(zh="西线", en="West")
    past.ask(op.REPLACE_ROUTE, body, version=made.version, route_id=made.route_id)
    with pytest.raises(ApiProblem, match="412") as problem:
        past.ask(op.REPLACE_ROUTE, body, version=made.version, route_id=made.route_id)
    assert problem.value.kind == "changed-meanwhile"


def test_no_answer_at_all_has_no_status() -> None:
    with pytest.raises(ApiProblem) as problem, Client.signed_in(f"http://127.0.0.1:{free_port()}", "admin", "x"):
        pass
    assert problem.value.status is None
    assert "POST /session" in str(problem.value)


def test_no_altered_answer_raises_anything_else(past: Client) -> None:
    whole, chance = past.content(f"{API}/incidents"), random.Random(7)
    assert msgspec.json.decode(whole)
    for _ in range(300):
        at, length = chance.randrange(len(whole)), chance.choice((0, 1, 5, 200))
        spoiled = whole[:at] + chance.randbytes(length) + whole[at + chance.randrange(9) :]
        with (
            httpx.Client(
                transport=httpx.MockTransport(lambda _, body=spoiled: httpx.Response(200, content=body)),
                base_url="http://s",
            ) as http,
            suppress(ApiProblem),
        ):
            Client(http).ask(op.INCIDENTS)


def test_the_guides_lines_run_against_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    with running_station(tmp_path, free_port(), free_port()) as running:
        code = code.replace("http://127.0.0.1:8080", running.url).replace('"..."', repr(RUNNING_PASSWORD))
        exec(code, {})  # the guide's own
    said = capsys.readouterr().out
    assert "next at 20" in said
    assert "POST /patrols: 4" in said  # there is no dog
    assert "0.0 km" in said
