"""The ledger, to be read: figures of a span, its patrols, and one patrol with its path."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, HTTPException, Query
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import NOT_FOUND, TextView
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import needs
from fleet_server.core.problems import parameter_fault
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.ledger.coverage import Coverage
from fleet_server.ledger.figures import coverage_of, in_span, incident_sums, patrol_sums, visits_in
from fleet_server.ledger.heat import walked_cells
from fleet_server.ledger.patrol_lines import BadCursor, patrol_account, patrol_page, read_cursor
from fleet_server.ledger.round_compliance import Compliance, compliance
from fleet_server.ledger.span import Span, SpanAsked, place_of
from fleet_server.ledger.tables import PatrolAccount, PatrolTrack
from fleet_server.ledger.track import decode
from fleet_server.ledger.views import (
    CellView,
    ComplianceView,
    CoverageView,
    DogSumsView,
    IncidentSumsView,
    PatrolAccountView,
    PatrolPageView,
    PlaceWatchedView,
    PromiseKeptView,
    ReasonView,
    SummaryView,
    watched_view,
)
from fleet_server.patrols.tables import PatrolStatus

router = APIRouter(tags=["ledger"])
MOST_TRACKS = 500  # of a span go into its map; a day of a station has fewer


@router.get("/ledger/summary", responses=NOT_FOUND, **needs(Right.SEE))
def get_summary(asked: SpanAsked, station: StationHere) -> SummaryView:
    """The figures of a span: by dog, by kind of incident, by schedule, and how well places were watched."""
    now = utc_now()
    with station.database.read() as session:
        place = place_of(session, asked.site_id)
        visits = visits_in(session, asked)
        return SummaryView(
            dogs=[DogSumsView.model_validate(each, from_attributes=True) for each in patrol_sums(session, asked)],
            incidents=[
                IncidentSumsView.model_validate(each, from_attributes=True) for each in incident_sums(session, asked)
            ],
            rounds=[compliance_view(each) for each in compliance(session, asked, visits, now)],
            watched=watched_view(coverage_of(session, asked, place, visits, now).whole),
        )


@router.get("/ledger/patrols", responses=NOT_FOUND, **needs(Right.SEE))
def list_ledger_patrols(
    asked: SpanAsked,
    station: StationHere,
    dog_id: Annotated[str | None, Query(alias="dogId", max_length=129)] = None,
    status: PatrolStatus | None = None,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PatrolPageView:
    """The patrols that began in the span, newest first."""
    try:
        after = read_cursor(cursor) if cursor is not None else None
    except BadCursor as error:
        raise parameter_fault("cursor", str(error)) from error
    with station.database.read() as session:
        place_of(session, asked.site_id)
        return patrol_page(session, asked, dog_id, status, after, limit)


@router.get("/ledger/patrols/{patrol_id}", responses=NOT_FOUND, **needs(Right.SEE))
def get_ledger_patrol(patrol_id: str, station: StationHere) -> PatrolAccountView:
    """One patrol with its planned and its walked path."""
    with station.database.read() as session:
        account = patrol_account(session, patrol_id)
    if account is None:
        raise HTTPException(404, f"the ledger has no patrol {patrol_id!r}")
    return account


@router.get("/ledger/coverage", responses=NOT_FOUND, **needs(Right.SEE))
def get_coverage(asked: SpanAsked, station: StationHere) -> CoverageView:
    """Idleness by place and by hour, and where dogs walked."""
    with station.database.read() as session:
        place = place_of(session, asked.site_id)
        found = coverage_of(session, asked, place, visits_in(session, asked), utc_now())
        tracks, patrols = _tracks(session, asked)
    return _coverage_view(found, tracks, patrols)


def compliance_view(found: Compliance) -> ComplianceView:
    """As the API shows it."""
    promise = found.promise
    return ComplianceView(
        schedule_id=found.schedule_id,
        name=TextView.model_validate(found.name),
        outcomes=found.outcomes,
        reasons=[ReasonView(reason=reason, rounds=count) for reason, count in found.reasons],
        promise=PromiseKeptView.model_validate(promise, from_attributes=True) if promise else None,
    )


def _coverage_view(found: Coverage, tracks: list[NDArray[np.float32]], patrols: int) -> CoverageView:
    return CoverageView(
        whole=watched_view(found.whole),
        places=[
            PlaceWatchedView(checkpoint_id=checkpoint, visits=each.visits, mean_s=each.mean_s, worst_s=each.worst_s)
            for checkpoint, each in found.places.items()
        ],
        hours=[watched_view(each) for each in found.hours],
        cells=[CellView(x=x, y=y, patrols=count) for x, y, count in walked_cells(tracks)],
        tracks=len(tracks),
        patrols=patrols,
    )


def _tracks(session: Session, span: Span) -> tuple[list[NDArray[np.float32]], int]:
    """The latest tracks of the span, and how many there are."""
    of_span = PatrolAccount.patrol_id == PatrolTrack.patrol_id, *in_span(span)
    query = select(PatrolTrack.points).where(*of_span).order_by(PatrolAccount.began_at.desc()).limit(MOST_TRACKS)
    count = select(func.count(PatrolTrack.patrol_id)).where(*of_span)
    return [decode(points) for points in session.scalars(query)], session.scalar(count) or 0
