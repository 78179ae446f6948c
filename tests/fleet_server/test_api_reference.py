"""The API's reference: in both languages, with examples that hold, and for nobody who is not signed in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from fleet_server.app import create_app
from fleet_server.core.settings import Settings
from fleet_server.handbook.body_examples import CAP, EXAMPLES
from fleet_server.handbook.operations_chinese import OPERATIONS, ROOMS
from tests.fleet_server.world import API, PASSWORD, serving, settings, sign_in

UNUSED_PORT = 25099  # nothing listens there: these tests need no broker
HAN = re.compile("[\u4e00-\u9fff]")
PAGES = ("/docs", "/docs/openapi.json")


@pytest.fixture
def anybody(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield client


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings.load()).openapi()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_every_operation_is_described_in_chinese_and_then_in_english(document: dict[str, Any]) -> None:
    for operation in operations(document):
        chinese, _, english = operation["description"].partition("\n\n")
        assert HAN.search(chinese), operation["operationId"]
        assert english.strip(), operation["operationId"]
        assert not HAN.search(english), operation["operationId"]
    assert {operation["operationId"] for operation in operations(document)} == set(OPERATIONS)
    assert {room for operation in operations(document) for room in operation["tags"]} == set(ROOMS)


def test_every_body_has_an_example_which_is_one(document: dict[str, Any]) -> None:
    shown = set()
    for operation in operations(document):
        for media_type, content in operation.get("requestBody", {"content": {}})["content"].items():
            shown.add((media_type, operation["operationId"]))
            schema = content["schema"] | {"components": document["components"]}
            Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
                content["example"]
            )
    assert shown == {(media_type, name) for media_type, each in EXAMPLES.items() for name in each}


def test_the_server_finds_no_fault_in_the_form_of_an_example(anybody: TestClient) -> None:
    client = sign_in(anybody)
    document = client.app.openapi()  # type: ignore[attr-defined]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            example = operation.get("requestBody", {"content": {}})["content"].get("application/json", {})
            if "example" not in example:
                continue
            answer = client.request(method, re.sub(r"{\w+}", "none", path), json=example["example"])
            # the test's site is another: that a place or a route is not there is no fault of the form
            assert answer.status_code != 422 or "there is no" in answer.json()["detail"], (path, answer.text)
    alert = client.post(f"{API}/cap", content=CAP["take_cap"], headers={"content-type": "application/cap+xml"})
    assert alert.status_code in (200, 201), alert.text


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_gets_nothing_of_it(anybody: TestClient, page: str) -> None:
    for headers in ({}, {"Authorization": "Bearer none"}, {"Cookie": "xiaotian_session=none"}):
        answer = anybody.get(page, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert "paths" not in answer.json()
    beside = anybody.get(f"{page}/").text
    assert [words for words in ("operationId", "<h2 id") if words in beside] == []
    client = sign_in(anybody)
    assert client.get(page).headers["cache-control"] == "no-store"
    client.delete(f"{API}/session")
    assert client.get(page).status_code == 401


def test_the_page_has_every_operation_and_leads_only_to_what_is_there(anybody: TestClient) -> None:
    client = sign_in(anybody)
    page = client.get("/docs").text
    document = client.get("/docs/openapi.json").json()
    assert document == client.app.openapi()  # type: ignore[attr-defined]
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {operation["operationId"] for operation in operations(document)} <= set(ids)
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page
    targets = set(re.findall(r'href="([^"]+)"', page))
    assert {target[1:] for target in targets if target.startswith("#")} <= set(ids)
    for target in targets:
        if not target.startswith("#"):
            assert client.get(target).status_code == 200, target
    assert [words for words in ("src=", "<script", "url(") if words in page] == [], "a closed network has nothing else"
    assert PASSWORD not in page
