"""Whether the station lives (else it is to be started again) and is ready (else nobody should be sent to it)."""

from importlib.metadata import version

from fastapi import APIRouter, Response

from fleet_server.core.api_schema import View
from fleet_server.core.station import StationHere
from fleet_server.health.check import faults, stuck
from fleet_server.ingest.database_writer import Writer
from fleet_server.ingest.mqtt_session import Session
from fleet_server.ingest.thread_watch import ThreadWatch
from fleet_server.telemetry.fleet_state import Fleet

for_all = APIRouter(tags=["health"])
router = APIRouter(include_in_schema=False)  # for machines that watch, not for the console


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


@for_all.get("/health", responses={503: {"model": HealthView}})
def health(station: StationHere, response: Response) -> HealthView:
    """Whether the server lives; needs no sign-in. 503 while it takes nothing in that dogs say, broker or not."""
    writer, session = station[Writer], station[Session]
    well = writer.turns and (session.hears or not session.connected)
    response.status_code = 200 if well else 503
    return HealthView(
        status="ok" if well else "trouble",
        version=version("xiaotian"),
        broker="connected" if session.hears else "connecting",
        malformed=station[Fleet].misreads.total,
        refused=writer.refused,
        failures=session.failures + writer.failures,
        restarts=station[ThreadWatch].restarts,
    )


class ProbeView(View):
    """Whether all is well, and what is not, a sentence each."""

    well: bool
    faults: list[str]


@router.get("/health/live", responses={503: {"model": ProbeView}})
def health_live(station: StationHere, response: Response) -> ProbeView:
    """Whether its threads are at work; needs no sign-in. 503: only a new start helps."""
    return _probe(stuck(station), response)


@router.get("/health/ready", responses={503: {"model": ProbeView}})
def health_ready(station: StationHere, response: Response) -> ProbeView:
    """Whether broker, database and disk are there as well; needs no sign-in. 503: it heals or is to be looked at."""
    return _probe(faults(station), response)


class LeadView(View):
    """Whether this process does what one does for all, and where the one that does is reached (empty: none yet)."""

    leads: bool
    leader: str


@router.get("/health/leads", responses={404: {"model": LeadView}})
def health_leads(station: StationHere, response: Response) -> LeadView:
    """200 where this process leads, else 404; needs no sign-in. A proxy sends it what is driven and watched."""
    response.status_code = 200 if station.leads() else 404
    return LeadView(leads=station.leads(), leader=station.leader)


def _probe(found: list[str], response: Response) -> ProbeView:
    response.status_code = 503 if found else 200
    return ProbeView(well=not found, faults=found)
