"""Programs come in by tokens: what each may do, for how long, how often, and what is kept of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from fleet_server.accounts.api_tokens import MOST_REQUESTS, WINDOW, TokenUse, bearer_of
from fleet_server.accounts.sign_in_limit import MOST_OF_ADDRESS
from fleet_server.accounts.tables import ApiToken
from fleet_server.core.clock import utc_now
from fleet_server.core.rights import Right
from tests.fleet_server.test_rights import NUMBER, operations
from tests.fleet_server.world import API, serving, settings, sign_in, station_of

UNUSED_PORT = 25099


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(settings(tmp_path_factory.mktemp("station"), UNUSED_PORT)) as client:
        yield sign_in(client)


def make(admin: TestClient, name: str, scopes: tuple[str, ...] = ("see", "command"), days: int = 30) -> Any:
    answer = admin.post(f"{API}/tokens", json={"name": name, "scopes": list(scopes), "days": days})
    assert answer.status_code == 201, answer.text
    return answer.json()


def by(admin: TestClient, token: str) -> TestClient:
    """A program that has no cookie."""
    return TestClient(admin.app, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("right", [Right.SEE, Right.COMMAND])  # roles are tried with all of them
def test_a_token_opens_what_its_scope_says_and_nothing_else(admin: TestClient, right: Right) -> None:
    program = by(admin, make(admin, f"may-{right}", (right,))["token"])
    for (method, path), needed in operations(admin).items():
        if needed is None or (method, path) == ("DELETE", f"{API}/session"):
            continue
        answer = program.request(method, re.sub(r"{\w+}", NUMBER, path))
        assert (answer.status_code == 403) is (needed != right), f"{method} {path}: {answer.status_code}"
        assert answer.status_code != 401


def test_a_token_signs_its_deeds_with_its_name(admin: TestClient) -> None:
    program = by(admin, make(admin, "center", ("see", "plan", "audit"))["token"])
    body = {"siteId": "yard", "name": {"zh": "东", "en": "East"}, "stops": [{"checkpointId": "cp_1"}]}
    assert program.post(f"{API}/routes", json=body).status_code == 201
    deeds = [(e["actor"], e["action"], e["target"]) for e in program.get(f"{API}/audit").json()]
    assert deeds[0][:2] == ("token:center", "route.created")
    assert ("admin", "token.created", "center") in deeds
    shown = program.get(f"{API}/session").json()
    assert (shown["username"], shown["rights"]) == ("token:center", ["audit", "plan", "see"])
    assert program.delete(f"{API}/session").status_code == 204


def test_a_token_is_told_once_and_only_its_hash_is_kept(admin: TestClient) -> None:
    token = make(admin, "kept")["token"]
    with station_of(admin).database.read() as session:
        row = session.scalars(select(ApiToken).where(ApiToken.name == "kept")).one()
        assert token not in str(vars(row))
    assert token not in admin.get(f"{API}/tokens").text + admin.get(f"{API}/audit").text
    for path in (tmp for tmp in station_of(admin).settings.data_dir.rglob("*") if tmp.is_file()):
        assert token.encode() not in path.read_bytes(), path


def test_a_token_ends_by_itself_or_is_revoked_at_once(admin: TestClient) -> None:
    made = make(admin, "first")
    program = by(admin, made["token"])
    assert program.get(f"{API}/dogs").status_code == 200
    with station_of(admin).database.write() as session:
        session.execute(
            update(ApiToken).where(ApiToken.name == "first").values(expires_at=utc_now() - timedelta(seconds=1))
        )
    assert program.get(f"{API}/dogs").status_code == 401
    second = make(admin, "second")
    other = by(admin, second["token"])
    assert other.get(f"{API}/dogs").status_code == 200
    assert admin.delete(f"{API}/tokens/{second['tokenId']}").status_code == 204
    assert admin.delete(f"{API}/tokens/{second['tokenId']}").status_code == 204
    assert other.get(f"{API}/dogs").status_code == 401
    assert admin.delete(f"{API}/tokens/none").status_code == 404
    revoked = {t["name"]: t["revokedAt"] is not None for t in admin.get(f"{API}/tokens").json()}
    assert (revoked["first"], revoked["second"]) == (False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": ["accounts"]},
        {"scopes": ["see", "accounts"]},
        {"scopes": []},
        {"scopes": ["fly"]},
        {"days": 0},
        {"days": 10**9},
        {"name": "a b"},
        {"name": "token:x"},
        {"name": "x" * 41},
    ],
)
def test_a_token_that_must_not_be_is_refused(admin: TestClient, wrong: dict[str, Any]) -> None:
    answer = admin.post(f"{API}/tokens", json={"name": "x", "scopes": ["see"], "days": 1} | wrong)
    assert answer.status_code == 422


def test_a_name_is_given_once(admin: TestClient) -> None:
    made = make(admin, "once")
    admin.delete(f"{API}/tokens/{made['tokenId']}")
    again = admin.post(f"{API}/tokens", json={"name": "Once", "scopes": ["see"], "days": 1})
    assert (again.status_code, again.json()["detail"]) == (409, "there is or was a token 'Once'")


def test_who_guesses_tokens_is_slowed_down_and_who_has_one_is_not(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT)) as admin:
        right = by(admin, make(sign_in(admin), "right")["token"])
        guesser = by(admin, "xt_guess")
        answers = [guesser.get(f"{API}/dogs").status_code for _ in range(MOST_OF_ADDRESS + 2)]
        assert answers == [401] * MOST_OF_ADDRESS + [429] * 2
        assert right.get(f"{API}/dogs").status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer \udcff", "bearer x y", "Basic YTpi", "Token x", ""])
def test_a_header_that_is_no_token_opens_nothing(admin: TestClient, header: str) -> None:
    program = TestClient(admin.app, headers={"Authorization": header.encode("utf-8", "surrogateescape")})  # type: ignore[dict-item]
    assert program.get(f"{API}/dogs").status_code == 401


def test_a_token_is_used_so_often_a_minute_and_no_more() -> None:
    use, now = TokenUse(), utc_now()
    assert all(use.take("a", now) for _ in range(MOST_REQUESTS))
    assert not use.take("a", now)
    assert use.take("b", now)
    assert use.take("a", now + WINDOW)


def test_the_scheme_may_be_written_as_one_likes() -> None:
    assert [bearer_of(h) for h in ("Bearer a", "bearer a", "BEARER  a", "Basic a", None)] == ["a", "a", "a", None, None]
