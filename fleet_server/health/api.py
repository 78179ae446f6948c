"""Whether the station lives (else it is to be started again) and is ready (else nobody should be sent to it)."""

from fastapi import APIRouter, Response

from fleet_server.core.api_schema import View
from fleet_server.health.check import faults, stuck
from fleet_server.station import StationHere

router = APIRouter(include_in_schema=False)  # for machines that watch, not for the console


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


def _probe(found: list[str], response: Response) -> ProbeView:
    response.status_code = 503 if found else 200
    return ProbeView(well=not found, faults=found)
