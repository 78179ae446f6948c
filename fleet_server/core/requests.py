"""Every request has an id: in its answer, in every line of the log that it brings about, and is timed by its route."""

import re
import time
from uuid import uuid4

import structlog
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet_server.core.problems import REQUEST_ID

HEADER = b"x-request-id"
GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SLOW_S = 1.0  # a request that took longer is logged
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DEEDS = frozenset({"POST", "PUT", "DELETE"})  # a dog's uploads are many, and have their own figures
METHODS = DEEDS | {"GET", "HEAD", "PATCH", "OPTIONS"}
ELSEWHERE = "elsewhere"  # no route or method of ours: names that strangers think of must not become time series

log = structlog.get_logger()


def timings() -> Histogram:
    """Seconds by method, route and status."""
    return Histogram(
        "xiaotian_http_request_seconds",
        "Answers of the API, by method, route and status.",
        ["method", "route", "status"],
        registry=None,
        buckets=BUCKETS,
    )


class Requests:
    """Names and times each request. The id is the caller's ``X-Request-Id`` where that is one."""

    def __init__(self, app: ASGIApp, timings: Histogram) -> None:
        self.app, self._timings = app, timings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[REQUEST_ID] = request_id = _id(scope)
        status, began = 500, time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((HEADER, request_id.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, answer)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, took_s: float) -> None:
        route = getattr(scope.get("route"), "path", ELSEWHERE)
        method = scope["method"] if scope["method"] in METHODS else ELSEWHERE
        self._timings.labels(method, route, str(status)).observe(took_s)
        line = {"method": method, "route": route, "status": status, "seconds": round(took_s, 4)}
        if status >= 500 or took_s > SLOW_S:
            log.warning("a request went badly" if status >= 500 else "a slow request", **line)
        elif method in DEEDS:
            log.info("a request", **line)


def _id(scope: Scope) -> str:
    said = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return said.decode() if GIVEN.fullmatch(said) else uuid4().hex
