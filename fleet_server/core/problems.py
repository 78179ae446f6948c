"""How every refusal looks: ``application/problem+json`` (RFC 9457). Who refuses raises HTTPException or Refusal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet_server.core.problem_kinds import Kind, Problems, kind_of, title_of

MEDIA_TYPE = "application/problem+json"
PAGE = "/docs/problems"
REQUEST = "urn:xiaotian:request:"  # and the request's id: under it the log has what else is known
REQUEST_ID = "xiaotian.request_id"  # where in a scope it lies


class Refusal(HTTPException):
    """A refusal of a kind of its own. ``errors`` name what is at fault; ``more`` are members of the kind."""

    def __init__(
        self,
        problem: Problems,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(problem.value.status, detail, headers)
        self.kind, self.errors, self.more = problem.value, errors, more


def field_fault(path: str, why: str) -> Refusal:
    """A field of the body is at fault; ``path`` as in ``stops.0.checkpointId``."""
    return Refusal(Problems.INVALID, f"{path}: {why}", [_fault(("body", *path.split(".")), why)])


def parameter_fault(names: str, why: str) -> Refusal:
    """What stands in the address is at fault; of several, ``names`` has commas between."""
    return Refusal(
        Problems.INVALID, f"{names}: {why}", [_fault(("query", name.strip()), why) for name in names.split(",")]
    )


def answer(connection: HTTPConnection, error: HTTPException | RequestValidationError) -> JSONResponse:
    """The answer that says what was wrong."""
    if isinstance(error, RequestValidationError):
        error = _malformed(error)
    kind = error.kind if isinstance(error, Refusal) else kind_of(error.status_code)
    content = _content(connection.scope, error.status_code, str(error.detail), kind)
    if isinstance(error, Refusal):
        content |= {"errors": list(error.errors)} if error.errors else {}
        content |= error.more
    return JSONResponse(content, error.status_code, error.headers, MEDIA_TYPE)


def _content(scope: Scope, status: int, detail: str, kind: Kind | None) -> dict[str, Any]:
    return {
        "type": f"{PAGE}#{kind.code}" if kind else "about:blank",
        "title": kind.title if kind else title_of(status),
        "status": status,
        "detail": detail,
        "instance": REQUEST + (scope.get(REQUEST_ID) or uuid4().hex),
    }


def _malformed(error: RequestValidationError) -> Refusal:
    """One sentence that names the fields at fault, and each of them by itself."""
    faults = error.errors()
    sentences = [f"{'.'.join(str(part) for part in f['loc'][1:]) or f['loc'][0]}: {f['msg']}" for f in faults]
    return Refusal(Problems.INVALID, "; ".join(sentences), [_fault(f["loc"], f["msg"]) for f in faults])


def _fault(where: Sequence[str | int], why: str) -> dict[str, str]:
    """``where``: in which part of the request, and the way to it there."""
    part, *path = where
    if part == "body":
        return {"detail": why, "pointer": f"#{_pointer(path)}"}
    return {"detail": why, "parameter": ".".join(str(each) for each in path) or str(part)}


def _pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer as part of an address (RFC 6901, 6)."""
    return "".join(f"/{quote(str(each).replace('~', '~0').replace('/', '~1'), safe='~')}" for each in path)


class PlainRefusals:
    """Outside of all: what the framework refuses in plain words, as a body that is too large, is a problem too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        replaced = False

        async def told(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_plain(message):
                replaced = True
                refusal = Refusal(Problems.TOO_LARGE, "the body is larger than this address takes")
                await answer(HTTPConnection(scope), refusal)(scope, receive, send)
            elif not replaced:
                await send(message)

        await self.app(scope, receive, told)


def _is_plain(message: Message) -> bool:
    return bool(message["status"] == 413) and (b"content-type", MEDIA_TYPE.encode()) not in message["headers"]


def documented(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with refusals as they come, and one for all that no operation names."""
    document["components"].setdefault("responses", {})["Problem"] = {
        "description": "Refused, or not done: why.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                content = response.get("content", {})
                if content.get("application/json", {}).get("schema", {}).get("$ref", "").endswith("Problem"):
                    content[MEDIA_TYPE] = content.pop("application/json")
            operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    return document
