"""The client: carries out operations, and turns what comes back into models or into one exception."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import NoneType
from typing import Any, Self, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
from msgspec import Struct

from xiaotian.api_client import operation as op
from xiaotian.api_client.models import Credentials, PatrolBody, PatrolLineView, PatrolStatus, PatrolView
from xiaotian.api_client.operation import Operation
from xiaotian.api_client.problem import ApiProblem, detail_of, kind_in

API = "/api/v1"
PATIENCE_S = 10.0
PAUSES_S = (0.3, 1.5)  # before the second and the third try of what has a key
UNDER_WAY = "request-under-way"
T = TypeVar("T")
_LET_IN: Operation[None] = Operation("POST", op.SIGN_IN.path, NoneType, Credentials)  # of rights there may be new ones


class Client:
    """Speaks through ``http``, whose base is the server's address. Whatever goes wrong there is an ApiProblem.

    What takes an idempotency key is tried again where no answer comes, and done once. Nothing else is: after
    a problem without a status, whether it was done is for the caller to find out.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @classmethod
    @contextmanager
    def at(cls, url: str, tls: ssl.SSLContext | None = None, patience_s: float = PATIENCE_S) -> Iterator[Self]:
        """As nobody: for what needs no right, as the server's health."""
        with httpx.Client(base_url=url, verify=tls or True, timeout=patience_s, trust_env=False) as http:
            yield cls(http)

    @classmethod
    @contextmanager
    def signed_in(
        cls,
        url: str,
        username: str,
        password: str,
        *,
        tls: ssl.SSLContext | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Iterator[Self]:
        """A person's session, which ends with the block. ``tls`` knows the station's own authority (`ca.pem`)."""
        with cls.at(url, tls, patience_s) as client:
            client.ask(_LET_IN, Credentials(username=username, password=password))
            yield client
            with suppress(ApiProblem):  # a server that is gone has forgotten nothing that matters: it ends by itself
                client.ask(op.SIGN_OUT)

    @classmethod
    @contextmanager
    def with_token(
        cls, url: str, token: str, tls: ssl.SSLContext | None = None, patience_s: float = PATIENCE_S
    ) -> Iterator[Self]:
        """A program's own token, made in the console under *Programs*."""
        with cls.at(url, tls, patience_s) as client:
            client._http.headers["authorization"] = f"Bearer {token}"
            yield client

    def ask(
        self,
        operation: Operation[T],
        body: Struct | None = None,
        query: dict[str, object] | None = None,
        *,
        version: str | None = None,
        key: str | None = None,
        **path: str,
    ) -> T:
        """Carry out ``operation``. ``query`` by the API's own names, None: not said; ``path`` by those in braces.

        ``version``: of what is to be changed, else it is refused. ``key``: an idempotency key; None: a new one.
        Raises ApiProblem, and ValueError for a name that would make another path of it.
        """
        filled = operation.path.format(**{name: _segment(name, value) for name, value in path.items()})
        said = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if version is None else {"if-match": f'"{version}"'}
        if operation.once:
            headers["idempotency-key"] = key or uuid4().hex
        answer = self._again(operation.method, filled, content, said, headers)
        if operation.answer is NoneType:
            return cast(T, None)
        try:
            return msgspec.json.decode(answer.content, type=operation.answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            why = f"the answer is none that this client knows: {error}"
            raise ApiProblem(f"{operation.method} {filled}", answer.status_code, why) from error

    def content(self, url: str) -> bytes:
        """What lies at an address that the API gave: ``pictureUrl``, ``contentUrl``."""
        return self._send("GET", url.removeprefix(API), None, {}, {}).content

    def assign_patrol(self, route_id: str, dog_id: str) -> PatrolView:
        """Send a dog on a route."""
        return self.ask(op.ASSIGN_PATROL, PatrolBody(route_id=route_id, dog_id=dog_id))

    def ledger(
        self,
        site_id: str,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        dog_id: str | None = None,
        status: PatrolStatus | None = None,
        page: int = 100,
    ) -> Iterator[PatrolLineView]:
        """All patrols of a span, newest first, asked for page by page."""
        query: dict[str, object] = {"siteId": site_id, "since": since, "until": until, "dogId": dog_id}
        query |= {"status": status, "limit": page, "cursor": None}
        while True:
            told = self.ask(op.LEDGER, query=query)
            yield from told.patrols
            if told.next is None:
                return
            query["cursor"] = told.next

    @property
    def live_headers(self) -> dict[str, str]:
        """What a WebSocket at ``/api/v1/live`` needs to be let in as who is signed in here."""
        if "authorization" in self._http.headers:
            return {"Authorization": self._http.headers["authorization"]}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())}

    def _again(
        self, method: str, path: str, content: bytes | None, query: dict[str, str], headers: dict[str, str]
    ) -> httpx.Response:
        """Sent, and under a key again where no answer came, or the first is under way."""
        for pause_s in PAUSES_S if "idempotency-key" in headers else ():
            try:
                return self._send(method, path, content, query, headers)
            except ApiProblem as problem:
                if problem.status is not None and problem.kind != UNDER_WAY:
                    raise
            time.sleep(pause_s)
        return self._send(method, path, content, query, headers)

    def _send(
        self, method: str, path: str, content: bytes | None, query: dict[str, str], headers: dict[str, str]
    ) -> httpx.Response:
        where = f"{method} {path}"
        headers = headers | ({} if content is None else {"content-type": "application/json"})
        try:
            answer = self._http.request(method, API + path, content=content, params=query, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ApiProblem(where, None, f"{self._http.base_url}: {error or type(error).__name__}") from error
        if not answer.is_success:
            request_id = answer.headers.get("x-request-id")
            said = answer.content
            raise ApiProblem(where, answer.status_code, detail_of(said), request_id, kind_in(said))
        return answer


def _segment(name: str, value: str) -> str:
    if value in ("", ".", ".."):  # of which a URL's reader makes another path: a stop of all dogs, not of one
        raise ValueError(f"{name}: {value!r} is no name")
    return quote(value, safe="")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
