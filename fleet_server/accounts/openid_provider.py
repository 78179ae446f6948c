"""The provider of OpenID Connect: what it says of itself, its keys, and an authorization code turned into claims.

OpenID Connect Core 1.0 (3.1: the authorization code flow), Discovery 1.0, and PKCE (RFC 7636) with S256.
"""

import base64
import hashlib
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode

import httpx

from fleet_server.core.safe_address import is_safe_address

PATIENCE_S = 5.0  # of the provider: somebody waits at the sign-in page
KEPT_S = 600.0  # what a provider said of itself
REST_S = 5.0  # for which a provider that was away is not asked again: as long as somebody may have waited for it
SKEW_S = 60.0  # of clocks
LONGEST_SUBJECT = 255  # characters (Core 1.0, 2)


class Unreachable(Exception):
    """The provider does not answer, or not as one; the text says how."""


class BadAnswer(Exception):
    """What came is not what this provider says of somebody who signed in here just now; the text says why."""


@dataclass(frozen=True)
class Client:
    """This station, as the provider knows it. ``redirect_uri`` is where browsers come back to."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    scope: str


def challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Provider:
    """Asked from any thread. It is asked what it is when somebody signs in, not when the station starts."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._about: dict[str, Any] = {}
        self._keys: dict[str, Any] | None = None
        self._asked = -math.inf
        self._trouble = ""  # why it is away; empty: it answered when it was asked last, or was not asked yet
        self._failed = -math.inf

    def sign_in_address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes; raises Unreachable."""
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "scope": self.client.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        return _with(self._told("authorization_endpoint"), asked)

    def sign_out_address(self, back_to: str) -> str | None:
        """Where the browser ends the provider's own session; None where it has no such place. Raises Unreachable."""
        end = self._address("end_session_endpoint")
        if end is None:
            return None
        return _with(end, {"client_id": self.client.client_id, "post_logout_redirect_uri": back_to})

    def claims(self, code: str, verifier: str, nonce: str) -> dict[str, Any]:
        """What the provider says of who signed in; raises Unreachable or BadAnswer."""
        answer = self._redeem(code, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise BadAnswer("the provider's answer has no ID token")
        claims = self._verified(token)
        self._check(claims, nonce, time.time())
        return claims

    def _redeem(self, code: str, verifier: str) -> dict[str, Any]:
        client = self.client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "client_id": client.client_id,
            "code_verifier": verifier,
        }
        headers = {"accept": "application/json"}
        methods = self._about_it().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if client.client_secret is not None and "client_secret_basic" in methods:
            pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif client.client_secret is not None:
            form["client_secret"] = client.client_secret
        answer = _ask("POST", self._told("token_endpoint"), data=form, headers=headers)
        if answer.status_code != 200:
            raise BadAnswer(f"the provider did not take the code: it answered {answer.status_code}")
        return _json(answer)

    def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token that one of the provider's keys has signed; a key that is new is asked for once."""
        # Here, for a station without a provider needs no such library.
        from fleet_server.accounts.openid_token import UnreadableKeys, Unsigned, signed_claims

        problem = ""
        for fresh in (False, True):
            try:
                return signed_claims(token, self._key_set(fresh))
            except UnreadableKeys as error:
                raise Unreachable(f"the provider's keys cannot be read: {error}") from error
            except Unsigned as error:
                problem = f"the ID token is not signed as it has to be: {error}"
        raise BadAnswer(problem)

    def _check(self, claims: dict[str, Any], nonce: str, now: float) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self.client.issuer:
            raise BadAnswer("the ID token is another issuer's")
        if self.client.client_id not in audiences:
            raise BadAnswer("the ID token is for another audience")
        if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != self.client.client_id:
            raise BadAnswer("the ID token was made for another party")
        if claims.get("nonce") != nonce:
            raise BadAnswer("the ID token is of another sign-in: its nonce differs")
        expires, issued = claims.get("exp"), claims.get("iat")
        if not _is_number(expires) or expires + SKEW_S <= now:
            raise BadAnswer("the ID token has expired")
        if not _is_number(issued) or issued - SKEW_S > now:
            raise BadAnswer("the ID token is of the future; compare the clocks")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise BadAnswer("the ID token does not say of whom it is")

    def _told(self, name: str) -> str:
        address = self._address(name)
        if address is None:
            raise Unreachable(f"the provider names no {name} that is safe")
        return address

    def _address(self, name: str) -> str | None:
        address = self._about_it().get(name)
        return address if isinstance(address, str) and is_safe_address(address) else None

    def _about_it(self) -> dict[str, Any]:
        # While a provider is away one asks at most, and nobody waits for that: threads are few, and anybody may ask.
        if not self._lock.acquire(blocking=not self._trouble):
            raise Unreachable(self._trouble)
        try:
            if self._clock() - self._asked >= KEPT_S:
                if self._clock() - self._failed < REST_S:
                    raise Unreachable(self._trouble)
                self._learn()
            return self._about
        finally:
            self._lock.release()

    def _learn(self) -> None:
        try:
            about = _json(_ask("GET", f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration"))
            if about.get("issuer") != self.client.issuer:
                raise Unreachable(f"the provider calls itself {about.get('issuer')!r}, not as the settings do")
        except Unreachable as error:
            self._trouble, self._failed = str(error), self._clock()
            raise
        self._about, self._keys, self._asked, self._trouble = about, None, self._clock(), ""

    def _key_set(self, fresh: bool) -> dict[str, Any]:
        address = self._told("jwks_uri")
        with self._lock:
            if self._keys is None or fresh:
                self._keys = _json(_ask("GET", address))
            return self._keys


def _ask(method: str, url: str, **more: Any) -> httpx.Response:
    try:
        return httpx.request(method, url, timeout=PATIENCE_S, follow_redirects=False, **more)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if answer.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unreachable(f"{answer.request.url} answered {answer.status_code}, and no object of JSON")
    return found


def _with(address: str, asked: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
