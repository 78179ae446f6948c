"""How often each rule, and each place, was right, by what people answered; with few answers the bounds say so."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select

from fleet_server.core.api_schema import View
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident
from fleet_server.sites.tables import Site

router = APIRouter(tags=["incidents"])
NEAR_M = 15.0  # what is farther from every checkpoint belongs to none
Z = 1.959964  # of the normal distribution: 95 % lie within


@dataclass(frozen=True)
class Bounds:
    """A share and the bounds in which the true one lies with 95 % (Wilson, 1927)."""

    share: float
    least: float
    most: float


def bounds(right: int, answers: int) -> Bounds | None:
    """Of ``right`` among ``answers``; None where nobody has answered."""
    if answers == 0:
        return None
    share = right / answers
    middle = share + Z * Z / (2 * answers)
    wide = Z * math.sqrt(share * (1 - share) / answers + Z * Z / (4 * answers * answers))
    whole = 1 + Z * Z / answers
    return Bounds(share, max(0.0, (middle - wide) / whole), min(1.0, (middle + wide) / whole))


class ScoreView(View):
    """Of a rule (``kind`` and ``zoneId``) or of a place (``checkpointId``): how many incidents were answered, and how.

    ``right`` is the share of RESOLVED among the answered, between ``atLeast`` and ``atMost`` with 95 %; None: no
    answer yet. What nobody has answered counts neither way.
    """

    site_id: str
    kind: str | None = None
    zone_id: str | None = None
    checkpoint_id: str | None = None
    incidents: int
    resolved: int
    false_alarms: int
    right: float | None
    at_least: float | None
    at_most: float | None


class ScoresView(View):
    """``rules`` and ``checkpoints``, those with the most false alarms first."""

    rules: list[ScoreView]
    checkpoints: list[ScoreView]


@router.get("/scores", **needs(Right.SEE))
def get_scores(station: StationHere, site_id: Annotated[str | None, Query(alias="siteId")] = None) -> ScoresView:
    """The scores of all incidents that are kept."""
    columns = (Incident.site_id, Incident.kind, Incident.zone_id, Incident.status, Incident.x, Incident.y)
    query = select(*columns) if site_id is None else select(*columns).where(Incident.site_id == site_id)
    with station.database.read() as session:
        rows = session.execute(query).all()
        places = {row.site_id: row.checkpoints for row in session.execute(select(Site.site_id, Site.checkpoints))}
    near = [(row.site_id, nearest(places.get(row.site_id, []), row.x, row.y), row.status) for row in rows]
    rules = _tally(((row.site_id, row.kind, row.zone_id), row.status) for row in rows)
    checkpoints = _tally(((site, place), status) for site, place, status in near if place is not None)
    return ScoresView(
        rules=[_score(tally, site_id=site, kind=kind, zone_id=zone) for (site, kind, zone), tally in rules],
        checkpoints=[_score(tally, site_id=site, checkpoint_id=place) for (site, place), tally in checkpoints],
    )


def nearest(checkpoints: list[dict[str, Any]], x: float, y: float) -> str | None:
    """The checkpoint nearest to a place on the map, none farther than 15 m."""
    away = [(math.dist((x, y), (c["pose"]["x"], c["pose"]["y"])), str(c["checkpointId"])) for c in checkpoints]
    near = min(away, default=None)
    return near[1] if near is not None and near[0] <= NEAR_M else None


def _tally(answered: Iterable[tuple[tuple[Any, ...], str]]) -> list[tuple[tuple[Any, ...], Counter[str]]]:
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for key, status in answered:
        found.setdefault(key, Counter())[status] += 1
    return sorted(found.items(), key=lambda each: (-each[1][IncidentStatus.FALSE_ALARM], tuple(map(str, each[0]))))


def _score(tally: Counter[str], **about: str | None) -> ScoreView:
    resolved, false = tally[IncidentStatus.RESOLVED], tally[IncidentStatus.FALSE_ALARM]
    found = bounds(resolved, resolved + false)
    return ScoreView(
        **about,  # type: ignore[arg-type]
        incidents=tally.total(),
        resolved=resolved,
        false_alarms=false,
        right=found.share if found else None,
        at_least=found.least if found else None,
        at_most=found.most if found else None,
    )
