"""Who gets in, and what is written down of it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
import uvicorn
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from fleet_server.accounts.passwords import NOBODYS_HASH
from fleet_server.accounts.sessions import COOKIE
from fleet_server.accounts.sign_in_limit import MOST_FAILURES
from fleet_server.accounts.tables import User
from fleet_server.app import create_app
from fleet_server.audit.chain_check import AGAIN, ChainCheck
from fleet_server.audit.tables import AuditEntry
from fleet_server.audit.verification import verify
from fleet_server.core.clock import utc_now
from fleet_server.core.request_origin import ORIGIN, RequestOrigin
from fleet_server.core.rights import RIGHTS, Role
from fleet_server.core.settings import Settings, UnknownSetting
from tests.fleet_server.world import API, PASSWORD, first_settings, route_body, serving, settings, sign_in, station_of

CREDENTIALS = {"username": "admin", "password": PASSWORD}
UNUSED_PORT = 25099  # nothing listens there: these tests need no broker
UNGUARDED = {
    "sqlite": "DROP TRIGGER audit_log_no_UPDATE",
    "postgresql": "DROP TRIGGER audit_log_append_only ON audit_log",
}
OPEN = {
    ("GET", f"{API}/health"),
    ("POST", f"{API}/session"),
    ("GET", f"{API}/session"),  # answers null
    ("GET", f"{API}/sign-in-methods"),
    ("GET", f"{API}/session/openid"),  # these three: 404 where there is no provider
    ("GET", f"{API}/session/openid/callback"),
    ("GET", f"{API}/session/openid/sign-out"),
    ("POST", f"{API}/enrolment"),
    ("GET", f"{API}/enrolment/authority"),
    ("GET", "/{path:path}"),
}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield client


def test_every_route_but_those_named_here_refuses_those_who_are_not_signed_in(alone: TestClient) -> None:
    document = alone.app.openapi()  # type: ignore[attr-defined]
    asked = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert len(asked) > 20
    for method, path in asked - OPEN:
        answer = alone.request(method, path.replace("{evidence_id}", "6f0bd2f6-6d0e-4d6c-9a39-9a2d5c3a6a11"))
        assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"


def test_the_live_socket_refuses_strangers_and_other_pages(alone: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), alone.websocket_connect(f"{API}/live"):
        pass
    sign_in(alone)
    with (
        pytest.raises(WebSocketDisconnect),
        alone.websocket_connect(f"{API}/live", headers={"Origin": "https://elsewhere.example"}),
    ):
        pass


def test_the_cookie_is_hidden_from_scripts_and_ends_with_the_session(alone: TestClient) -> None:
    answer = alone.post(f"{API}/session", json={"username": "admin", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    token = alone.cookies[COOKIE]
    who = alone.get(f"{API}/session").json()
    assert (who["username"], who["role"], who["simulated"]) == ("admin", "administrator", False)
    assert set(who["rights"]) == set(RIGHTS[Role.ADMINISTRATOR])
    with station_of(alone).database.read() as session:
        kept = list(session.execute(text("SELECT * FROM sign_ins")))
    assert len(kept) == 1
    assert token not in str(kept)
    assert alone.delete(f"{API}/session").status_code == 204
    alone.cookies.set(COOKIE, token)
    assert alone.get(f"{API}/session").json() is None


def test_an_unknown_users_password_costs_as_much_to_refuse_as_a_known_ones() -> None:
    assert not Argon2Hasher().check_needs_rehash(NOBODYS_HASH)


def test_guessing_is_slowed_down(alone: TestClient) -> None:
    wrong = {"username": "admin", "password": "wrong-wrong"}
    answers = [alone.post(f"{API}/session", json=wrong).status_code for _ in range(MOST_FAILURES + 1)]
    assert answers == [401] * MOST_FAILURES + [429]


def test_the_first_password_is_made_up_said_once_and_works(tmp_path: Path) -> None:
    chosen = first_settings(tmp_path, UNUSED_PORT).model_copy(update={"admin_password": None})
    said: list[str] = []
    with serving(chosen, said) as client:
        password = said[0].removeprefix("admin password: ")
        body = {"username": "admin", "password": password}
        assert client.post(f"{API}/session", json=body).status_code == 200
    with serving(chosen, said):
        assert len(said) == 1


def test_a_first_password_that_is_given_works_and_is_not_said(tmp_path: Path) -> None:
    said: list[str] = []
    with serving(first_settings(tmp_path, UNUSED_PORT), said) as client:
        sign_in(client)
        with station_of(client).database.read() as session:
            assert session.scalars(select(User.password_hash)).one().startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert said == []


def test_each_deed_says_from_where_it_was_asked_for_and_what_the_server_did_by_itself_does_not(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        person = sign_in(TestClient(client.app, client=("203.0.113.7", 5000)))
        token = person.post(f"{API}/tokens", json={"name": "gate", "scopes": ["plan"], "days": 1}).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        program = TestClient(client.app, client=("::ffff:198.51.100.4", 5000), headers=bearer)
        assert program.post(f"{API}/routes", json=route_body("cp_1")).status_code == 201
        TestClient(client.app, client=("fe80::1%eth0", 1)).post(f"{API}/session", json=CREDENTIALS)
        TestClient(client.app, client=("a wall", 1)).post(f"{API}/session", json=CREDENTIALS)
        told = [(e["actor"], e["action"], e["address"]) for e in person.get(f"{API}/audit").json()]
        with station_of(client).database.read() as session:
            assert verify(session).broken_at is None
    assert told[::-1] == [
        ("server", "site.imported", None),
        ("admin", "session.opened", "203.0.113.7"),
        ("admin", "token.created", "203.0.113.7"),
        ("token:gate", "route.created", "198.51.100.4"),
        ("admin", "session.opened", "fe80::1"),
        ("admin", "session.opened", None),  # what is no address is not written down as one
    ]


@pytest.mark.parametrize(
    ("caller", "forwarded", "address"),
    [
        ("127.0.0.1", "198.51.100.4", "198.51.100.4"),  # a proxy beside the server
        ("127.0.0.1", "192.0.2.1, 198.51.100.4", "198.51.100.4"),  # a header that somebody wrote through it
        ("203.0.113.7", "198.51.100.4", "203.0.113.7"),  # somebody who says to be a proxy
    ],
)
def test_an_address_is_believed_of_a_proxy_beside_the_server_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caller: str, forwarded: str, address: str
) -> None:
    """Through uvicorn's own configuration, as `xiaotian server` makes it."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    outside = uvicorn.Config(create_app(settings(tmp_path, UNUSED_PORT), [].append), log_config=None)
    outside.load()
    with TestClient(outside.loaded_app, client=(caller, 5000), headers={"X-Forwarded-For": forwarded}) as client:
        sign_in(client)
        assert client.get(f"{API}/audit").json()[0]["address"] == address


def test_a_socket_has_an_origin_as_a_request_has() -> None:
    seen: list[str | None] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(await anyio.to_thread.run_sync(ORIGIN.get))

    async def run() -> None:
        for kind in ("http", "websocket"):
            await RequestOrigin(app)({"type": kind, "client": ("203.0.113.7", 1)}, None, None)  # type: ignore[arg-type]
        await RequestOrigin(app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]

    anyio.run(run)
    assert seen == ["203.0.113.7", "203.0.113.7", None]


def test_deeds_are_chained_and_a_changed_one_is_found(alone: TestClient) -> None:
    sign_in(alone)
    route = alone.post(f"{API}/routes", json=route_body("cp_1")).json()
    alone.put(f"{API}/routes/{route['routeId']}", json=route_body("cp_2"))
    alone.delete(f"{API}/routes/{route['routeId']}")
    deeds = [e["action"] for e in alone.get(f"{API}/audit").json()]
    assert deeds == ["route.deleted", "route.changed", "route.created", "session.opened", "site.imported"]
    database = station_of(alone).database
    with database.read() as session:
        assert verify(session).broken_at is None
    with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
        session.execute(update(AuditEntry).values(actor="nobody"))
    with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
        session.execute(text("DELETE FROM audit_log WHERE id = 5"))
    with database.write() as session:
        session.execute(text(UNGUARDED[database.engine.dialect.name]))
        session.execute(update(AuditEntry).where(AuditEntry.id == 3).values(actor="nobody"))
    with database.read() as session:
        found = verify(session)
    assert (found.broken_at, found.why) == (3, "it was altered")


def test_the_log_is_searched_by_words_and_deeds_and_read_on_from_where_a_page_ended(alone: TestClient) -> None:
    sign_in(alone)
    for name in ("北线 100%", "north_1", "north 2"):
        body = route_body("cp_1") | {"name": {"zh": name, "en": name}}
        assert alone.post(f"{API}/routes", json=body).status_code == 201

    def found(**asked: str | int | list[str]) -> list[str]:
        answer = alone.get(f"{API}/audit", params=asked)
        assert answer.status_code == 200, answer.text
        return [json.dumps(entry["details"], ensure_ascii=False) + entry["action"] for entry in answer.json()]

    assert len(found(words="route.created")) == 3
    assert len(found(words="NORTH admin")) == 2, "each word, in any column, in any case"
    assert [("100%" in each) for each in found(words="100%")] == [True], "what a pattern means is taken as it is"
    assert len(found(words="north_")) == 1
    assert len(found(words="北线")) == 1
    assert found(words="nobody") == []
    assert len(found(action=["session.opened", "site.imported"])) == 2
    assert found(action=["session.opened"], words="north") == []
    page = alone.get(f"{API}/audit", params={"words": "created", "limit": 2}).json()
    rest = alone.get(f"{API}/audit", params={"words": "created", "before": page[-1]["id"]}).json()
    assert [entry["id"] for entry in page + rest] == [5, 4, 3]
    assert alone.get(f"{API}/audit", params={"words": "x" * 101}).status_code == 422


def test_who_reads_the_log_is_told_whether_it_is_as_it_was_written(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        sign_in(client)
        told = client.get(f"{API}/audit/verification").json()
        assert (told["brokenAt"], told["what"], told["entries"]) == (None, None, 2)
        assert told["head"] == client.get(f"{API}/audit").json()[0]["hash"]
        database = station_of(client).database
        with database.write() as session:
            session.execute(text(UNGUARDED[database.engine.dialect.name]))
            session.execute(update(AuditEntry).where(AuditEntry.id == 1).values(actor="nobody"))
        check, now = station_of(client)[ChainCheck], utc_now()
        assert check.checked(now).verdict.broken_at is None, "the last verdict, for some minutes"
        assert check.checked(now + AGAIN + timedelta(seconds=1)).verdict.broken_at == 1
        heads = station_of(client).settings.audit_heads_file
        heads.parent.mkdir(parents=True, exist_ok=True)
        heads.write_text("{}\n")
        station_of(client).add(ChainCheck(database, heads, station_of(client).settings.station_public_key_file))
        answer = client.get(f"{API}/audit/verification")
        assert (answer.status_code, "line 1: no head" in answer.json()["detail"]) == (503, True)


def test_an_address_of_a_database_that_cannot_be_used_is_refused_without_telling_its_password() -> None:
    for wrong in ("mysql://station:hush@db/station", "postgresql://station:hush@db", "hush", "sqlite://"):
        with pytest.raises(ValueError, match="database") as refused:
            Settings.load(database=wrong)
        assert "hush" not in str(refused.value)
    chosen = Settings.load(database="postgresql://station:hush@db/fleet")
    assert chosen.database_url.drivername == "postgresql+psycopg"
    assert "hush" not in repr(chosen)


def test_unknown_settings_and_well_known_secrets_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="well-known"):
        Settings.load(admin_password="changeme")
    monkeypatch.setenv("XIAOTIAN_PROT", "1")
    with pytest.raises(UnknownSetting, match="XIAOTIAN_PROT"):
        Settings.load()


def test_the_upload_token_is_for_the_server_alone(alone: TestClient) -> None:
    assert station_of(alone).settings.token_file.stat().st_mode & 0o777 == 0o600


def test_the_page_is_served_with_its_headers_and_nothing_else_is(tmp_path: Path) -> None:
    console = tmp_path / "dist"
    (console / "assets").mkdir(parents=True)
    (tmp_path / "secret").write_text("no")
    (console / "index.html").write_text("<p>page")
    (console / "assets" / "a-1f.js").write_text("1")
    with serving(settings(tmp_path, UNUSED_PORT, console_dir=console)) as client:
        page = client.get("/ledger/incidents")
        assert page.text == "<p>page"
        assert page.headers["cache-control"] == "no-cache"
        assert "worker-src 'self' blob:" in page.headers["content-security-policy"]
        assert "immutable" in client.get("/assets/a-1f.js").headers["cache-control"]
        assert client.get("/assets/gone.js").status_code == 404
        assert client.get("/%2e%2e/secret").status_code == 404
        assert client.get(f"{API}/nothing").json()["detail"] == "there is no such address"


def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT, console_dir=tmp_path / "none")) as client:
        assert "make setup" in client.get("/").text
