"""Signing in at a provider of OpenID Connect: an honest one (oidc-provider-mock), and one that lies."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import oidc_provider_mock
import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from fleet_server.accounts.openid_provider import REST_S, Client, Provider, Unreachable
from fleet_server.accounts.sessions import COOKIE
from fleet_server.accounts.sign_in_limit import MOST_OF_ADDRESS
from fleet_server.core.openid_roles import Misruled, RoleRule
from fleet_server.core.rights import Role
from fleet_server.core.settings import Settings
from tests.fleet_server.world import API, PASSWORD, route_body, serving, settings, sign_in
from tests.openid_provider import CLIENT, SECRET, LyingProvider, lying_provider
from xiaotian.local_stack import free_port

HOME = "http://localhost:8080"
ROLES = "police-chiefs=administrator, police-operators=operator, police-auditors=auditor"
OPERATOR = {"preferred_username": "mei", "roles": ["guests", "police-operators"]}


def station(folder: Path, issuer: str, **more: Any) -> Settings:
    given = {"openid_client_secret": SECRET, "openid_new_accounts": True, "openid_name": "Police login"} | more
    return settings(
        folder,
        free_port(),
        openid_issuer=issuer,
        openid_client_id=CLIENT,
        openid_public_url=HOME,
        openid_roles=ROLES,
        **given,
    )


@pytest.fixture(scope="module")
def lying() -> Iterator[LyingProvider]:
    with lying_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def served(lying: LyingProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(station(tmp_path_factory.mktemp("openid"), lying.issuer)) as client:
        yield client


@pytest.fixture
def browser(served: TestClient, lying: LyingProvider) -> Iterator[TestClient]:
    """Nobody is signed in, and the provider is honest again."""
    lying.fault, lying.claims = "", OPERATOR | {"sub": "m-1"}
    served.cookies.clear()
    yield served
    served.cookies.clear()


def back_from(client: TestClient, **form: str) -> str:
    """Go to the provider, sign in there, and tell to where the browser is sent back: path and query."""
    there = client.get(f"{API}/session/openid", follow_redirects=False).headers["location"]
    answer = httpx.post(there, data=form) if form else httpx.get(there)
    assert answer.is_redirect, answer.text
    return answer.headers["location"].removeprefix(HOME)


def comes_in(client: TestClient, **form: str) -> str:
    """Where the browser ends after both ways."""
    return str(client.get(back_from(client, **form), follow_redirects=False).headers["location"])


def who(client: TestClient) -> Any:
    return client.get(f"{API}/session").json()


def test_who_an_honest_provider_signs_in_has_an_account_with_the_role_of_a_claim_and_signs_out_there_too(
    tmp_path: Path,
) -> None:
    with oidc_provider_mock.run_server_in_thread() as running:
        issuer = f"http://localhost:{running.server_port}"
        claims: dict[str, Any] = dict(OPERATOR)
        httpx.put(f"{issuer}/users/m-1", json=claims).raise_for_status()
        with serving(station(tmp_path, issuer)) as client:
            assert client.get(f"{API}/sign-in-methods").json() == {"openId": "Police login"}
            assert comes_in(client, sub="m-1") == "/"
            assert (who(client)["username"], who(client)["role"], who(client)["byOpenId"]) == ("mei", "operator", True)
            assert client.get(f"{API}/dogs").status_code == 200
            out = client.get(f"{API}/session/openid/sign-out", follow_redirects=False).headers["location"]
            assert out.startswith(f"{issuer}/oauth2/end_session?")
            assert client.delete(f"{API}/session").status_code == 204
            assert who(client) is None
            httpx.put(f"{issuer}/users/m-1", json=claims | {"roles": ["police-chiefs"]}).raise_for_status()
            assert comes_in(client, sub="m-1") == "/"
            assert who(client)["role"] == "administrator"
            told = {(entry["action"], entry["target"]) for entry in client.get(f"{API}/audit").json()}
            assert {("account.created", "mei"), ("account.changed", "mei"), ("session.closed", None)} <= told
            local = who(sign_in(client))
            assert (local["username"], local["byOpenId"]) == ("admin", False), "local accounts go on working"


@pytest.mark.parametrize(
    "fault",
    [
        "nonce", "no nonce", "audience", "audiences", "party", "issuer", "expired", "no end", "of the future", "nobody",
        "subject is no text", "alg none", "public key as a secret", "key of nobody", "no claims", "no token",
        "no ID token", "code refused", "state",
    ],
)  # fmt: skip
def test_what_proves_nothing_lets_nobody_in_and_the_next_honest_answer_does(
    browser: TestClient, lying: LyingProvider, fault: str
) -> None:
    lying.fault = fault
    assert comes_in(browser) == "/?signIn=invalid"
    assert who(browser) is None
    lying.fault = ""
    assert comes_in(browser) == "/"
    assert who(browser)["username"] == "mei"


def test_a_sign_in_that_another_browser_has_begun_or_that_was_used_already_is_none(
    browser: TestClient, lying: LyingProvider
) -> None:
    theirs = back_from(browser)
    browser.cookies.clear()
    assert browser.get(theirs, follow_redirects=False).headers["location"] == "/?signIn=invalid"
    mine = back_from(browser)
    assert browser.get(theirs, follow_redirects=False).headers["location"] == "/?signIn=invalid"
    assert browser.get(mine, follow_redirects=False).headers["location"] == "/?signIn=invalid", "it was given up"
    mine = back_from(browser)
    assert browser.get(mine, follow_redirects=False).headers["location"] == "/"
    assert browser.get(mine, follow_redirects=False).headers["location"] == "/?signIn=invalid"
    for nothing in ("", "?code=x", "?state=", "?code=x&state=%00", "?error=x"):
        answer = browser.get(f"{API}/session/openid/callback{nothing}", follow_redirects=False)
        assert answer.headers["location"] == "/?signIn=invalid"


def test_who_comes_back_in_vain_too_often_writes_nothing_more_into_the_audit_log(
    tmp_path: Path, lying: LyingProvider
) -> None:
    with serving(station(tmp_path, lying.issuer)) as client:

        def refused() -> int:
            told = sign_in(client).get(f"{API}/audit", params={"limit": 500}).json()
            client.cookies.clear()
            return [entry["action"] for entry in told].count("session.refused")

        callbacks = ("", "?code=x&state=y", "?error=access_denied")
        ends = [
            client.get(f"{API}/session/openid/callback{callbacks[n % 3]}", follow_redirects=False).headers["location"]
            for n in range(MOST_OF_ADDRESS + 20)
        ]
        assert ends == ["/?signIn=invalid"] * MOST_OF_ADDRESS + ["/?signIn=tooOften"] * 20
        assert refused() == MOST_OF_ADDRESS
        lying.fault, lying.claims = "", OPERATOR | {"sub": "m-1"}
        assert comes_in(client) == "/?signIn=tooOften"
        assert who(client) is None
        assert refused() == MOST_OF_ADDRESS
        assert who(sign_in(client))["username"] == "admin", "the other door has a count of its own"


def test_a_key_that_the_provider_has_changed_is_asked_for_and_the_one_before_is_void(
    browser: TestClient, lying: LyingProvider
) -> None:
    assert comes_in(browser) == "/"
    lying.change_key()
    browser.cookies.clear()
    assert comes_in(browser) == "/"
    browser.cookies.clear()
    lying.fault = "key of before"
    assert comes_in(browser) == "/?signIn=invalid"


def test_a_provider_that_is_away_or_is_another_keeps_nobody_out_who_has_a_password(
    tmp_path: Path, lying: LyingProvider
) -> None:
    lying.fault = "calls itself another"
    for issuer in (f"http://127.0.0.1:{free_port()}", lying.issuer, f"{lying.issuer}/jwks"):
        with serving(station(tmp_path / issuer[-9:].replace("/", "_"), issuer)) as client:
            for place in ("openid", "openid/sign-out"):
                answer = client.get(f"{API}/session/{place}", follow_redirects=False)
                assert answer.headers["location"] == "/?signIn=unreachable"
            assert who(sign_in(client))["username"] == "admin"


def test_a_provider_that_is_away_is_asked_by_one_alone_and_not_again_at_once_and_nobody_else_waits_for_it() -> None:
    now = [1000.0]
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as other:
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", CLIENT, SECRET, HOME, "openid")
        provider = Provider(client, lambda: now[0])
        for _ in range(3):
            asks = other.submit(provider.sign_in_address, "state", "nonce", "verifier")
            asked, _ = silent.accept()
            if now[0] > 1000.0:  # it waits for an answer, and it is known that there was none before
                with pytest.raises(Unreachable):
                    provider.sign_in_address("state", "nonce", "verifier")
                assert not asks.done()
            asked.close()
            assert isinstance(asks.exception(), Unreachable)
            now[0] += REST_S - 0.1
            silent.settimeout(0.0)
            for ask in (provider.sign_out_address, lambda to: provider.sign_in_address(to, "nonce", "verifier")):
                with pytest.raises(Unreachable):
                    ask(HOME)
            with pytest.raises(BlockingIOError):
                silent.accept()
            silent.settimeout(60.0)
            now[0] += 0.2


def test_a_provider_that_is_back_is_believed_again_after_a_rest(lying: LyingProvider) -> None:
    now = [1000.0]
    provider = Provider(Client(lying.issuer, CLIENT, SECRET, HOME, "openid"), lambda: now[0])
    lying.fault = "calls itself another"
    with pytest.raises(Unreachable):
        provider.sign_out_address(HOME)
    lying.fault = ""
    with pytest.raises(Unreachable, match="another"):
        provider.sign_out_address(HOME)
    now[0] += REST_S
    assert provider.sign_out_address(HOME) is None, "it has no such place"
    assert provider.sign_in_address("state", "nonce", "verifier").startswith(f"{lying.issuer}/authorize?")


def test_a_code_is_told_to_nobody_in_the_clear_nor_is_an_answer_believed_that_is_none(
    tmp_path: Path, browser: TestClient, lying: LyingProvider
) -> None:
    lying.fault = "no JSON"
    assert comes_in(browser) == "/?signIn=unreachable"
    lying.fault = "token in the clear"
    with serving(station(tmp_path, lying.issuer)) as client:
        assert comes_in(client) == "/?signIn=unreachable"
    lying.fault = "denied"
    assert comes_in(browser) == "/?signIn=denied"


def test_no_name_of_the_providers_takes_over_an_account_that_is_here_already(
    browser: TestClient, lying: LyingProvider
) -> None:
    for name in ("admin", "Admin", "server", "a b", "", "x" * 65):
        lying.claims = {"sub": f"of {name}", "preferred_username": name, "roles": ["police-chiefs"]}
        assert comes_in(browser) == "/?signIn=nameTaken"
        assert who(browser) is None
    lying.claims = OPERATOR | {"sub": "m-2", "preferred_username": "lin", "roles": "guests"}
    assert comes_in(browser) == "/?signIn=noRole"


def test_an_administrator_gives_an_account_to_somebody_at_the_provider_and_disabling_it_keeps_them_out(
    tmp_path: Path, lying: LyingProvider
) -> None:
    lying.fault, lying.claims = "", OPERATOR | {"sub": "l-7", "preferred_username": "Li Na"}
    with serving(station(tmp_path, lying.issuer, openid_new_accounts=False)) as client:
        assert comes_in(client) == "/?signIn=noAccount"
        sign_in(client).post(f"{API}/accounts", json={"username": "li.na", "role": "auditor"}).raise_for_status()
        for name, subject, status in (("li.na", "l-7", 204), ("admin", "l-7", 409), ("none", "l-8", 404)):
            answer = client.put(f"{API}/accounts/{name}/openid-subject", json={"subject": subject})
            assert answer.status_code == status, answer.text
        assert comes_in(client) == "/"
        assert (who(client)["username"], who(client)["role"]) == ("li.na", "operator")
        sign_in(client).patch(f"{API}/accounts/li.na", json={"disabled": True}).raise_for_status()
        assert comes_in(client) == "/?signIn=disabled"
        sign_in(client).patch(f"{API}/accounts/li.na", json={"disabled": False}).raise_for_status()
        client.put(f"{API}/accounts/li.na/openid-subject", json={"subject": None}).raise_for_status()
        assert comes_in(client) == "/?signIn=noAccount"


def test_an_account_that_is_given_to_another_signs_out_whom_the_provider_let_in_and_nobody_else(
    tmp_path: Path, lying: LyingProvider
) -> None:
    lying.fault, lying.claims = "", OPERATOR | {"sub": "m-1"}
    with serving(station(tmp_path, lying.issuer)) as client:

        def link(subject: str | None) -> None:
            client.cookies.set(COOKIE, admin)
            client.put(f"{API}/accounts/mei/openid-subject", json={"subject": subject}).raise_for_status()

        def is_in(token: str) -> bool:
            client.cookies.clear()
            client.cookies.set(COOKIE, token)
            return who(client) is not None

        def token() -> str:
            return str(client.cookies.get(COOKIE))

        assert comes_in(client) == "/"
        by_provider = token()
        client.cookies.clear()
        admin = (sign_in(client), token())[1]
        client.put(f"{API}/accounts/mei/password", json={"password": PASSWORD}).raise_for_status()
        assert not is_in(by_provider), "a new password ends all"
        client.cookies.clear()
        comes_in(client)
        by_provider = token()
        client.cookies.clear()
        client.post(f"{API}/session", json={"username": "mei", "password": PASSWORD}).raise_for_status()
        by_password = token()
        for subject, stays in (("m-1", True), ("m-2", False), (None, False), ("m-1", False)):
            client.cookies.clear()
            link(subject)
            assert [is_in(each) for each in (by_provider, by_password, admin)] == [stays, True, True]
        deeds = [entry["action"] for entry in client.get(f"{API}/audit").json()]
        assert deeds.count("account.linked") == 3, "the first changed nothing"
        client.cookies.clear()
        assert comes_in(client) == "/"
        newly = token()
        client.cookies.clear()
        link(None)
        assert (is_in(newly), is_in(by_password)) == (False, True)


def test_consoles_hear_of_accounts_when_one_is_made_or_changed_by_a_sign_in_and_not_at_every_one(
    tmp_path: Path, lying: LyingProvider
) -> None:
    lying.fault = ""
    with serving(station(tmp_path, lying.issuer)) as client, sign_in(client).websocket_connect(f"{API}/live") as page:

        def heard_until_a_route() -> list[str]:
            sign_in(client).post(f"{API}/routes", json=route_body("cp_1")).raise_for_status()
            kinds = [""]
            while kinds[-1] != "route":
                kinds.append(page.receive_json()["type"])
            return kinds

        for role, told in (("police-operators", True), ("police-operators", False), ("police-auditors", True)):
            lying.claims = {"sub": "m-1", "preferred_username": "mei", "roles": [role]}
            assert comes_in(client) == "/"
            assert ("accounts" in heard_until_a_route()) is told


def test_a_station_without_a_provider_has_no_such_door(tmp_path: Path) -> None:
    with serving(settings(tmp_path, free_port())) as client:
        assert client.get(f"{API}/sign-in-methods").json() == {"openId": None}
        for place in ("openid", "openid/callback", "openid/sign-out"):
            assert client.get(f"{API}/session/{place}", follow_redirects=False).status_code == 404
        answer = sign_in(client).put(f"{API}/accounts/admin/openid-subject", json={"subject": "x"})
        assert answer.status_code == 409


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"openid_roles": ""}, "belong to it"),
        ({"openid_client_id": ""}, "belong to it"),
        ({"openid_public_url": None}, "belong to it"),
        ({"openid_issuer": "http://login.example"}, "openid_issuer"),
        ({"openid_issuer": "login.example"}, "openid_issuer"),
        ({"openid_public_url": "http://station.example"}, "openid_public_url"),
        ({"openid_roles": "chiefs=king"}, "chiefs=king"),
    ],
)
def test_settings_that_are_not_whole_or_would_tell_secrets_in_the_clear_are_refused(
    change: dict[str, Any], word: str
) -> None:
    whole = {
        "openid_issuer": "https://login.example",
        "openid_client_id": "station",
        "openid_public_url": "https://station.example",
        "openid_roles": ROLES,
    }
    Settings.load(**whole)
    with pytest.raises(ValidationError, match=word):
        Settings.load(**whole | change)


def test_the_first_role_of_the_mapping_that_somebody_has_is_theirs() -> None:
    rule = RoleRule.read("realm_access.roles", "cn=chiefs,ou=x=administrator".replace(",", ";") + ", ops=operator")
    assert rule.role({"realm_access": {"roles": ["ops", "cn=chiefs;ou=x"]}}) is Role.ADMINISTRATOR
    assert rule.role({"realm_access": {"roles": "ops"}}) is Role.OPERATOR
    assert rule.role({"realm_access.roles": ["ops"]}) is Role.OPERATOR
    for claims in ({}, {"realm_access": []}, {"realm_access": {"roles": [7, None, {}]}}, {"realm_access": None}):
        assert rule.role(claims) is None
    for text in ("", ",", "operator", "=operator", "a=b"):
        with pytest.raises(Misruled):
            RoleRule.read("roles", text)
