"""The application: all rooms behind one door."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from prometheus_client import Histogram
from sqlalchemy.exc import DataError, InternalError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from fleet_server.accounts.room import ROOM as ACCOUNTS
from fleet_server.audit.room import ROOM as AUDIT
from fleet_server.calls.room import ROOM as CALLS
from fleet_server.camera_stream.room import ROOM as CAMERA_STREAM
from fleet_server.center.room import ROOM as CENTER
from fleet_server.console_files import SecurityHeaders, console_file
from fleet_server.core import problems
from fleet_server.core.api_schema import Problem
from fleet_server.core.current_user import ONCE, RIGHT, current_user
from fleet_server.core.leadership import led_here
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import PlainRefusals, Refusal
from fleet_server.core.process_role import Role
from fleet_server.core.request_origin import RequestOrigin
from fleet_server.core.request_timeout import RequestTimeout
from fleet_server.core.requests import Requests, timings
from fleet_server.core.room import Room
from fleet_server.core.settings import Settings
from fleet_server.core.station import Station, StationHere
from fleet_server.dispatch.room import ROOM as DISPATCH
from fleet_server.driving.room import ROOM as DRIVING
from fleet_server.enrolment.room import ROOM as ENROLMENT
from fleet_server.evidence.room import ROOM as EVIDENCE
from fleet_server.evidence_package.room import ROOM as EVIDENCE_PACKAGE
from fleet_server.handbook.api_document import explained
from fleet_server.handbook.room import ROOM as HANDBOOK
from fleet_server.health.room import ROOM as HEALTH
from fleet_server.incidents.room import ROOM as INCIDENTS
from fleet_server.ingest.room import ROOM as INGEST
from fleet_server.ledger.room import ROOM as LEDGER
from fleet_server.live.room import ROOM as LIVE
from fleet_server.metrics.room import ROOM as METRICS
from fleet_server.mqtt_feed.room import ROOM as MQTT_FEED
from fleet_server.patrols.room import ROOM as PATROLS
from fleet_server.retention.room import ROOM as RETENTION
from fleet_server.routes.room import ROOM as ROUTES
from fleet_server.schedules.room import ROOM as SCHEDULES
from fleet_server.sites.room import ROOM as SITES
from fleet_server.telemetry.room import ROOM as TELEMETRY
from fleet_server.telemetry_history.room import ROOM as TELEMETRY_HISTORY

log = structlog.get_logger()
PREFIX = "/api/v1"
NOT_YOURS: dict[int | str, dict[str, Any]] = {401: {"model": Problem}, 403: {"model": Problem}}
MOST_BODY = 1024 * 1024  # bytes; a route of a thousand stops has a third of it
# From the lowest to the highest: each imports only those before it, which import-linter holds (pyproject.toml).
ROOMS: tuple[Room, ...] = (
    AUDIT,
    ACCOUNTS,
    TELEMETRY,
    TELEMETRY_HISTORY,
    ENROLMENT,
    SITES,
    ROUTES,
    PATROLS,
    EVIDENCE,
    INCIDENTS,
    EVIDENCE_PACKAGE,
    SCHEDULES,
    DISPATCH,
    DRIVING,
    CALLS,
    LEDGER,
    CAMERA_STREAM,
    CENTER,
    RETENTION,
    INGEST,
    MQTT_FEED,
    LIVE,
    HANDBOOK,
    HEALTH,
    METRICS,
)


class Application(FastAPI):
    """FastAPI, with what is outside of all it does itself, and refusals as they come in its document."""

    timings: Histogram

    def build_middleware_stack(self) -> ASGIApp:
        """Every answer, also to a body that is too large or of a fault, has its headers and its request's id."""
        answering = SecurityHeaders(PlainRefusals(super().build_middleware_stack()))
        return Requests(RequestOrigin(answering), self.timings)

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        made = self.openapi_schema is not None
        return super().openapi() if made else explained(problems.documented(super().openapi()))


def create_app(
    settings: Settings, announce: Callable[[str], None] = lambda text: _say(text), role: Role = Role.WHOLE
) -> FastAPI:
    """The application; it opens its database and its link when it starts, not before."""

    times = timings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        station = Station(settings, announce, role)
        station.requests = times
        for room in ROOMS:
            room.set_up(station)
        app.state.station = station
        async with station.running():
            yield

    app = Application(
        title="Xiaotian fleet server",
        version=version("xiaotian"),
        lifespan=lifespan,
        openapi_url=None,  # the handbook's room serves both, to who is signed in
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        max_body_size=MOST_BODY,
        responses={422: {"model": Problem}},
    )
    app.add_middleware(RequestTimeout)
    app.timings = times
    app.add_exception_handler(Exception, _fault)
    for refusal in (HTTPException, RequestValidationError):
        app.add_exception_handler(refusal, _refused)
    app.add_exception_handler(OperationalError, _in_trouble)
    app.add_exception_handler(InternalError, _in_trouble)  # PostgreSQL's, of a transaction that it has ended
    for error in (DataError, OverflowError):
        app.add_exception_handler(error, _beyond)
    api = APIRouter()
    open_rooms = [room for room in ROOMS if role.serves or room.machines]
    for room in open_rooms:
        led = [Depends(led_here)] if room.led and not role.alone else []
        for router in room.doors:
            api.include_router(router, dependencies=led)
        for router in room.api:
            _check_rights(router)
            api.include_router(router, dependencies=[*led, Depends(current_user)], responses=NOT_YOURS)
    # The prefix stands here: without one FastAPI builds every route once more, only to see that none has an empty path.
    app.include_router(api, prefix=PREFIX)
    for router in (router for room in open_rooms for router in room.outside):
        app.include_router(router)
    if role.serves:
        app.include_router(_console)
    return app


def _check_rights(router: APIRouter) -> None:
    """A route for who is signed in states which right it needs; raises ValueError."""
    for route in router.routes:
        if isinstance(route, APIRoute) and RIGHT not in (route.openapi_extra or {}):
            raise ValueError(f"{route.methods} {route.path} states no right: give it needs(Right....)")
        if isinstance(route, APIRoute) and ONCE in (route.openapi_extra or {}) and not isinstance(route, OnceRoute):
            raise ValueError(f"{route.methods} {route.path} is to be done once: its router has not the class OnceRoute")


_console = APIRouter(include_in_schema=False)


@_console.get("/{path:path}")
def console(path: str, station: StationHere) -> Response:
    """The console."""
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404, "there is no such address")
    return console_file(station.settings.console_dir, path)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException | RequestValidationError)
    return problems.answer(request, error)


async def _beyond(request: Request, _error: Exception) -> Response:
    """A number beyond all bounds, or a text with a NUL in it, that no database holds or looks for."""
    why = "a number or a text in the request is none that can be stored"
    return problems.answer(request, Refusal(Problems.INVALID, why))


async def _in_trouble(request: Request, error: Exception) -> Response:
    """The disk is full, or the database is locked for too long: nothing was changed, and it may be asked again."""
    log.error("the database is in trouble", path=request.url.path, reason=str(getattr(error, "orig", error)))
    return problems.answer(
        request, Refusal(Problems.NOT_NOW, "the station's database takes nothing now; try again later")
    )


async def _fault(request: Request, _error: Exception) -> Response:
    """A fault of ours, which uvicorn logs."""
    return problems.answer(request, Refusal(Problems.FAULT, "the station has a fault; its log tells more"))


def _name(route: APIRoute) -> str:
    return route.name


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
