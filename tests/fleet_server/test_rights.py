"""Who may do what: every route states its right, and each role is held to its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import update
from starlette.websockets import WebSocketDisconnect

from fleet_server.accounts.tables import User
from fleet_server.app import _check_rights
from fleet_server.core.current_user import RIGHT
from fleet_server.core.rights import RIGHTS, Right, Role
from tests.fleet_server.world import API, hear, serving, settings, sign_in, station_of

UNUSED_PORT = 25099  # nothing listens there: these tests need no broker
PASSWORD = "a-long-enough-one"
NUMBER = "6f0bd2f6-6d0e-4d6c-9a39-9a2d5c3a6a11"
DOORS = {
    ("GET", f"{API}/health"),
    ("POST", f"{API}/session"),
    ("GET", f"{API}/session"),  # who is signed in, for whoever is
    ("DELETE", f"{API}/session"),
    ("GET", f"{API}/sign-in-methods"),
    ("GET", f"{API}/session/openid"),  # by the provider's word
    ("GET", f"{API}/session/openid/callback"),
    ("GET", f"{API}/session/openid/sign-out"),
    ("POST", f"{API}/centers/{{name}}/messages"),  # by a signature
    ("POST", f"{API}/enrolment"),  # by a one-time code
    ("GET", f"{API}/enrolment/authority"),
    ("HEAD", f"{API}/evidence/{{evidence_id}}"),  # by a dog's upload token
    ("PATCH", f"{API}/evidence/{{evidence_id}}"),
}


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield sign_in(client)


@contextmanager
def signed_in_as(admin: TestClient, username: str) -> Iterator[TestClient]:
    """A second browser at the same station."""
    client = TestClient(admin.app)
    answer = client.post(f"{API}/session", json={"username": username, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    yield client


def make(admin: TestClient, username: str, role: Role) -> None:
    body = {"username": username, "role": role, "password": PASSWORD}
    answer = admin.post(f"{API}/accounts", json=body)
    assert (answer.status_code, answer.json()) == (201, {"username": username, "password": None})


def operations(client: TestClient) -> dict[tuple[str, str], str | None]:
    """The right of each operation of the OpenAPI document."""
    document = client.app.openapi()  # type: ignore[attr-defined]
    return {
        (method.upper(), path): about.get(RIGHT)
        for path, methods in document["paths"].items()
        for method, about in methods.items()
    }


def test_every_operation_states_its_right_but_the_doors_that_are_named_here(admin: TestClient) -> None:
    stated = operations(admin)
    assert {operation for operation, right in stated.items() if right is None} == DOORS
    assert {right for right in stated.values() if right} == set(Right)


def test_a_route_that_states_no_right_keeps_the_server_from_starting() -> None:
    router = APIRouter()
    router.get("/secrets")(lambda: "all")
    with pytest.raises(ValueError, match="/secrets states no right"):
        _check_rights(router)


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_its_rights_say_and_nothing_else(admin: TestClient, role: Role) -> None:
    make(admin, "somebody", role)
    with signed_in_as(admin, "somebody") as client:
        for (method, path), right in operations(admin).items():
            if right is None:
                continue
            answer = client.request(method, re.sub(r"{\w+}", NUMBER, path))
            refused = answer.status_code == 403
            assert refused is (Right(right) not in RIGHTS[role]), f"{method} {path}: {answer.status_code}"
            assert answer.status_code != 401
            if refused:
                assert answer.json()["detail"] == f"the role {role} has not the right {right!r}"


def test_a_role_that_nobody_knows_may_do_nothing(admin: TestClient) -> None:
    make(admin, "odd", Role.OPERATOR)
    with station_of(admin).database.write() as session:
        session.execute(update(User).where(User.username == "odd").values(role="janitor"))
    with signed_in_as(admin, "odd") as client:
        assert {client.get(f"{API}/{room}").status_code for room in ("dogs", "incidents", "audit", "accounts")} == {403}
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"{API}/live"):
            pass


def test_another_role_counts_at_once_in_a_session_that_is_open(admin: TestClient) -> None:
    make(admin, "mei", Role.OPERATOR)
    with signed_in_as(admin, "mei") as mei:
        assert mei.get(f"{API}/audit").status_code == 403
        assert admin.patch(f"{API}/accounts/mei", json={"role": "auditor"}).json()["role"] == "auditor"
        assert mei.get(f"{API}/audit").status_code == 200
        assert mei.post(f"{API}/routes", json={}).status_code == 403


def test_who_is_disabled_is_out_at_once_and_comes_back_only_when_enabled(admin: TestClient) -> None:
    make(admin, "li", Role.OPERATOR)
    credentials = {"username": "li", "password": PASSWORD}
    with signed_in_as(admin, "li") as li:
        assert admin.patch(f"{API}/accounts/li", json={"disabled": True}).json()["disabledAt"] is not None
        assert li.get(f"{API}/dogs").status_code == 401
        assert li.post(f"{API}/session", json=credentials).status_code == 401
        admin.patch(f"{API}/accounts/li", json={"disabled": False})
        assert li.get(f"{API}/dogs").status_code == 401, "the session of before has ended"
        assert li.post(f"{API}/session", json=credentials).status_code == 200


def test_a_new_password_ends_the_sessions_and_a_made_up_one_is_told_once(admin: TestClient) -> None:
    make(admin, "li", Role.OPERATOR)
    with signed_in_as(admin, "li") as li:
        told = admin.put(f"{API}/accounts/li/password", json={}).json()["password"]
        assert li.get(f"{API}/dogs").status_code == 401
        assert li.post(f"{API}/session", json={"username": "li", "password": PASSWORD}).status_code == 401
        assert li.post(f"{API}/session", json={"username": "li", "password": told}).status_code == 200
    assert told not in admin.get(f"{API}/accounts").text + admin.get(f"{API}/audit").text


def test_there_is_always_an_administrator_who_can_come_in(admin: TestClient) -> None:
    for body in ({"disabled": True}, {"role": "operator"}):
        answer = admin.patch(f"{API}/accounts/admin", json=body)
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            "'admin' is the last administrator who can come in",
        )
    make(admin, "second", Role.ADMINISTRATOR)
    admin.patch(f"{API}/accounts/second", json={"disabled": True})
    assert admin.patch(f"{API}/accounts/admin", json={"disabled": True}).status_code == 409
    admin.patch(f"{API}/accounts/second", json={"disabled": False})
    assert admin.patch(f"{API}/accounts/admin", json={"disabled": True}).status_code == 200
    assert admin.get(f"{API}/dogs").status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"username": "ADMIN", "role": "operator"}, 409, "already"),
        ({"username": "server", "role": "operator"}, 422, "the audit log calls the server itself so"),
        ({"username": "a/b", "role": "operator"}, 422, "username"),
        ({"username": "li", "role": "janitor"}, 422, "role"),
        ({"username": "li", "role": "operator", "password": "changeme"}, 422, "well-known"),
        ({"username": "li", "role": "operator", "password": "short"}, 422, "8"),
    ],
)
def test_an_account_that_cannot_be_is_refused(admin: TestClient, body: dict[str, str], status: int, why: str) -> None:
    answer = admin.post(f"{API}/accounts", json=body)
    assert answer.status_code == status
    assert why in answer.json()["detail"]
    assert [account["username"] for account in admin.get(f"{API}/accounts").json()] == ["admin"]


def test_another_page_hears_that_an_account_is_another_and_of_whom_it_is_not_told(admin: TestClient) -> None:
    make(admin, "wang", Role.OPERATOR)
    with signed_in_as(admin, "wang") as operator, operator.websocket_connect(f"{API}/live") as page:
        hear(page, "snapshot")
        make(admin, "lin", Role.AUDITOR)
        assert hear(page, "accounts") == {}
        admin.patch(f"{API}/accounts/lin", json={"disabled": True}).raise_for_status()
        assert hear(page, "accounts") == {}


def test_what_is_done_with_accounts_is_in_the_audit_log_with_before_and_after(admin: TestClient) -> None:
    make(admin, "王伟", Role.SUPERVISOR)
    admin.patch(f"{API}/accounts/王伟", json={"role": "auditor"})
    admin.put(f"{API}/accounts/王伟/password", json={"password": "another-long-one"})
    assert admin.patch(f"{API}/accounts/nobody", json={"disabled": True}).status_code == 404
    entries = [e for e in admin.get(f"{API}/audit").json() if e["target"] == "王伟"]
    assert [(e["action"], e["actor"], e["details"]) for e in reversed(entries)] == [
        ("account.created", "admin", {"role": "supervisor"}),
        (
            "account.changed",
            "admin",
            {"before": {"role": "supervisor", "disabled": False}, "after": {"role": "auditor", "disabled": False}},
        ),
        ("password.changed", "admin", {}),
    ]
