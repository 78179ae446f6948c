"""The application: all rooms behind one door."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, OperationalError
from starlette.responses import Response

from fleet_server.accounts import api as accounts
from fleet_server.accounts.current_user import current_user
from fleet_server.audit import api as audit
from fleet_server.console_files import HEADERS, SecurityHeaders, console_file
from fleet_server.core.api_schema import Problem, View
from fleet_server.core.request_timeout import RequestTimeout
from fleet_server.core.requests import Requests, timings
from fleet_server.core.settings import Settings
from fleet_server.dispatch import api as dispatch
from fleet_server.enrolment import api as enrolment
from fleet_server.evidence import api as evidence
from fleet_server.evidence import upload
from fleet_server.health import api as health_probes
from fleet_server.incidents import api as incidents
from fleet_server.live import api as live
from fleet_server.metrics import api as metrics
from fleet_server.patrols import api as patrols
from fleet_server.routes import api as routes
from fleet_server.sites import api as sites
from fleet_server.station import Station, StationHere
from fleet_server.telemetry import api as telemetry

log = structlog.get_logger()
PREFIX = "/api/v1"
MOST_BODY = 1024 * 1024  # bytes; a route of a thousand stops has a third of it
ROOMS = (sites, telemetry, dispatch, routes, patrols, incidents, evidence, enrolment, audit)


class HealthView(View):
    """Whether the server lives, and what it is connected to.

    ``status`` is ``ok``, or ``trouble`` where one of its threads is not at work; ``broker`` is ``connected`` only while
    what dogs say is heard. Counted since the start: messages not understood (``malformed``), understood and not taken
    (``refused``), kept out by a fault of the server's own (``failures``), and threads that had to be started again.
    """

    status: str
    version: str
    broker: str
    malformed: int
    refused: int
    failures: int
    restarts: int


def create_app(settings: Settings, announce: Callable[[str], None] = lambda text: _say(text)) -> FastAPI:
    """The application; it opens its database and its link when it starts, not before."""

    times = timings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        station = Station(settings, announce)
        station.requests = times
        app.state.station = station
        async with station.running():
            yield

    app = FastAPI(
        title="Xiaotian fleet server",
        version=version("xiaotian"),
        lifespan=lifespan,
        openapi_url=None,  # `xiaotian server openapi` writes it; nobody needs it from a running station
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        max_body_size=MOST_BODY,
        responses={422: {"model": Problem}},
    )
    app.add_middleware(RequestTimeout)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Requests, timings=times)
    app.add_exception_handler(Exception, _fault)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(OperationalError, _in_trouble)
    for error in (DataError, OverflowError):
        app.add_exception_handler(error, _beyond)
    api = APIRouter(prefix=PREFIX)
    api.include_router(_open_to_all)
    api.include_router(health_probes.router)
    api.include_router(accounts.router)
    api.include_router(upload.router)
    api.include_router(enrolment.door)
    api.include_router(live.router)
    for room in ROOMS:
        api.include_router(room.router, dependencies=[Depends(current_user)], responses={401: {"model": Problem}})
    app.include_router(api)
    app.include_router(metrics.router)
    app.include_router(_console)
    return app


_open_to_all = APIRouter(tags=["health"])
_console = APIRouter(include_in_schema=False)


@_open_to_all.get("/health", responses={503: {"model": HealthView}})
def health(station: StationHere, response: Response) -> HealthView:
    """Whether the server lives; needs no sign-in. 503 while it takes nothing in that dogs say, broker or not."""
    well = station.writer.turns and (station.session.hears or not station.session.connected)
    response.status_code = 200 if well else 503
    return HealthView(
        status="ok" if well else "trouble",
        version=version("xiaotian"),
        broker="connected" if station.session.hears else "connecting",
        malformed=station.fleet.misreads.total,
        refused=station.writer.refused,
        failures=station.session.failures + station.writer.failures,
        restarts=station.restarts,
    )


@_console.get("/{path:path}")
def console(path: str, station: StationHere) -> Response:
    """The console."""
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404, "there is no such address")
    return console_file(station.settings.console_dir, path)


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    """One sentence that names the fields at fault."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    sentences = [f"{'.'.join(str(part) for part in f['loc'][1:]) or f['loc'][0]}: {f['msg']}" for f in faults]
    return JSONResponse({"detail": "; ".join(sentences)}, 422)


async def _beyond(_request: Request, _error: Exception) -> JSONResponse:
    """A number beyond all bounds, or a text with a NUL in it, that no database holds or looks for."""
    return JSONResponse({"detail": "a number or a text in the request is none that can be stored"}, 422)


async def _in_trouble(request: Request, error: Exception) -> JSONResponse:
    """The disk is full, or the database is locked for too long: nothing was changed, and it may be asked again."""
    log.error("the database is in trouble", path=request.url.path, reason=str(getattr(error, "orig", error)))
    return JSONResponse({"detail": "the station's database takes nothing now; try again later"}, 503)


async def _fault(_request: Request, _error: Exception) -> JSONResponse:
    """A fault of ours, which uvicorn logs. It is answered outside all else, so the headers are put here."""
    return JSONResponse({"detail": "the station has a fault; its log tells more"}, 500, HEADERS)


def _name(route: APIRoute) -> str:
    return route.name


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
