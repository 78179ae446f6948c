"""A route that takes an ``Idempotency-Key``: asked twice under one key it does the thing once, and answers the same."""

import hashlib
import re
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from fleet_server.core import idempotency, problems
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import IDEMPOTENCY_KEY, ONCE, RIGHT, USER, Authentication
from fleet_server.core.idempotency import ATTEMPT, MOST_KEY, KeptAnswer
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import Refusal
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, here

REPLAYED = "Idempotent-Replayed"
KEY = re.compile(rf'("?)([\x21\x23-\x7e]{{1,{MOST_KEY}}})\1')  # the draft has it in quotes, most programs without
LATER = frozenset({401, 403, 408, 413, 421, 429})  # says nothing of the deed: the next try may be let in

log = structlog.get_logger()
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OnceRoute(APIRoute):
    """Of a router's routes those that say ``needs(..., once=True)``."""

    def get_route_handler(self) -> Handler:
        """FastAPI's own, behind the look at the key."""
        handler = super().get_route_handler()
        extra = self.openapi_extra or {}
        if not extra.get(ONCE):
            return handler
        right = Right(extra[RIGHT])

        async def once(request: Request) -> Response:
            said = request.headers.get(IDEMPOTENCY_KEY)
            if said is None:
                return await handler(request)
            station = here(request)
            user = await run_in_threadpool(station[Authentication].who, request)
            request.scope[USER] = user
            if user is None or not user.may(right):
                return await handler(request)  # which refuses it
            key = KEY.fullmatch(said)
            if key is None:
                raise Refusal(Problems.BAD_KEY, f"{IDEMPOTENCY_KEY}: 1 to {MOST_KEY} printable ASCII characters")
            asked = _hash(request, await request.body())
            begun = await run_in_threadpool(
                idempotency.begin, station.database, user.username, key[2], asked, utc_now()
            )
            if isinstance(begun, KeptAnswer):
                return Response(begun.body, begun.status, begun.headers | {REPLAYED: "true"})
            return await _attempt(handler, request, station, begun)

        return once


async def _attempt(handler: Handler, request: Request, station: Station, attempt: str) -> Response:
    """Do it, and keep what is answered: refusals too, but for those that say nothing of the deed."""
    inside = ATTEMPT.set(attempt)
    try:
        response = await handler(request)
    except (HTTPException, RequestValidationError) as error:
        response = problems.answer(request, error)
    except Exception:
        ATTEMPT.reset(inside)
        await run_in_threadpool(idempotency.give_up, station.database, attempt)
        raise
    ATTEMPT.reset(inside)
    try:
        if response.status_code >= 500 or response.status_code in LATER:
            await run_in_threadpool(idempotency.give_up, station.database, attempt)
        else:
            headers = {name: value for name, value in response.headers.items() if name != "content-length"}
            kept = KeptAnswer(response.status_code, headers, bytes(response.body))
            await run_in_threadpool(idempotency.keep, station.database, attempt, kept)
    except SQLAlchemyError as error:
        log.warning("an answer was not kept under its idempotency key", reason=type(error).__name__)
    return response


def _hash(request: Request, body: bytes) -> str:
    """Of all that says what is asked for."""
    said = f"{request.method} {request.url.path}?{request.url.query}\n{request.headers.get('if-match', '')}\n"
    return hashlib.sha256(said.encode() + body).hexdigest()
