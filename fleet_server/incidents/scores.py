"""How often each rule, and each place, was right, by what people answered; with few answers the bounds say so."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import View
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident

router = APIRouter(tags=["incidents"])
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
    with station.database.read() as session:
        return scores(session, site_id)


def scores(session: Session, site_id: str | None) -> ScoresView:
    """Of one site, or of all."""
    by = (Incident.site_id, Incident.kind, Incident.zone_id, Incident.checkpoint_id, Incident.status)
    query = select(*by, func.count().label("incidents")).group_by(*by)
    if site_id is not None:
        query = query.where(Incident.site_id == site_id)
    rows = session.execute(query).all()
    rules = _tally(((row.site_id, row.kind, row.zone_id), row.status, row.incidents) for row in rows)
    checkpoints = _tally(
        ((row.site_id, row.checkpoint_id), row.status, row.incidents) for row in rows if row.checkpoint_id is not None
    )
    return ScoresView(
        rules=[_score(tally, site_id=site, kind=kind, zone_id=zone) for (site, kind, zone), tally in rules],
        checkpoints=[_score(tally, site_id=site, checkpoint_id=place) for (site, place), tally in checkpoints],
    )


def _tally(answered: Iterable[tuple[tuple[Any, ...], str, int]]) -> list[tuple[tuple[Any, ...], Counter[str]]]:
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for key, status, incidents in answered:
        found.setdefault(key, Counter())[status] += incidents
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
