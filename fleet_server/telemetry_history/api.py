"""How a dog was, over a range of time, in as many spans as the asker can show."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import NOT_FOUND, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import needs
from fleet_server.core.problems import parameter_fault
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.telemetry.vehicle_lookup import find_vehicle
from fleet_server.telemetry_history.sample import Sample, down_sampled
from fleet_server.telemetry_history.tables import MINUTE_S, QUARTER_S, TelemetryMinute, TelemetryQuarter

router = APIRouter(tags=["dogs"])
USUAL = timedelta(hours=12)
LONGEST = timedelta(days=370)
MOST_POINTS = 1500


class SampleView(View):
    """A span that begins at ``at``: charge in percent, its mean and its least; metres on ``mapId`` at its end, and
    walked within it; m/s. ``live`` is the share of the watched time in which the dog was heard, from 0 to 1."""

    at: datetime
    live: float
    battery: float | None
    battery_least: float | None
    x: float | None
    y: float | None
    map_id: str | None
    walked_m: float
    speed_most: float
    errors: list[str]


class HistoryView(View):
    """``spanS`` is the length of each span in seconds. Where there is none the dog was not live, or nobody looked."""

    dog_id: str
    since: datetime
    until: datetime
    span_s: int
    samples: list[SampleView]


@router.get("/dogs/{dog_id}/history", responses=NOT_FOUND, **needs(Right.SEE))
def dog_history(
    dog_id: str,
    station: StationHere,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    points: Annotated[int, Query(ge=1, le=MOST_POINTS)] = 240,
) -> HistoryView:
    """From ``since`` (else twelve hours before ``until``) to ``until`` (else now), in at most ``points`` spans."""
    find_vehicle(station, dog_id)
    end = until or utc_now()
    if end < datetime.min.replace(tzinfo=UTC) + LONGEST:
        raise parameter_fault("until", "too long ago")
    start = since or end - USUAL
    if not timedelta(0) < end - start <= LONGEST:
        raise parameter_fault("since", f"at most {LONGEST.days} days before until")
    fine = start >= utc_now() - timedelta(days=station.settings.history_days)
    step = MINUTE_S if fine else QUARTER_S
    span = span_for((end - start).total_seconds(), points, step)
    with station.database.read() as session:
        samples = down_sampled(_rows(session, dog_id, start, end, fine), span)
    return HistoryView(dog_id=dog_id, since=start, until=end, span_s=span, samples=[_view(each) for each in samples])


def span_for(seconds: float, points: int, step: int) -> int:
    """The shortest span, a multiple of ``step``, of which ``points`` cover so many seconds, begun ones included."""
    return step * max(1, -(-int(seconds) // (step * max(points - 1, 1))))


def _rows(session: Session, dog_id: str, start: datetime, end: datetime, fine: bool) -> list[Sample]:
    """What is stored; of a quarter that is not over yet its minutes."""
    first, last = int(start.timestamp()), int(end.timestamp())
    rows: list[Sample] = []
    for table in (TelemetryMinute,) if fine else (TelemetryQuarter, TelemetryMinute):
        if rows:
            first = rows[-1].at + QUARTER_S
        query = select(table.__table__).where(table.dog_id == dog_id, table.at >= first, table.at <= last)
        rows += [Sample(**row) for row in session.execute(query.order_by(table.at)).mappings()]
    return rows


def _view(sample: Sample) -> SampleView:
    return SampleView(
        at=datetime.fromtimestamp(sample.at, UTC),
        live=round(sample.live_s / sample.watched_s, 3) if sample.watched_s else 0.0,
        battery=sample.battery,
        battery_least=sample.battery_least,
        x=sample.x,
        y=sample.y,
        map_id=sample.map_id,
        walked_m=sample.walked_m,
        speed_most=sample.speed_most,
        errors=[name for name in sample.errors.split(",") if name],
    )
