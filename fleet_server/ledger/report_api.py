"""Shifts, and the report of one: a page or a PDF, in Chinese or English."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import Response
from pydantic import AwareDatetime

from fleet_server.core.api_schema import NOT_FOUND, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.problems import parameter_fault
from fleet_server.core.rights import Right
from fleet_server.core.shifts import Shifts, ShiftWindow
from fleet_server.core.station import Station, StationHere
from fleet_server.ledger.report_document import ReportDocument, report_document
from fleet_server.ledger.report_rendering import page, pdf
from fleet_server.ledger.shift_report import shift_report
from fleet_server.ledger.span import Place, Span, place_of, span

router = APIRouter(tags=["ledger"])
LISTED = 14  # a week of two shifts a day
HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}}
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
# The page has its styles inside and nothing else to ask for.
ALONE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}

SiteId = Annotated[str, Query(alias="siteId", max_length=64)]
ShiftName = Annotated[str | None, Query(max_length=32, description="a shift by name, of `day`; instead of a span")]
Day = Annotated[date | None, Query(description="on which the shift begins, by the site's calendar")]
Moment = Annotated[AwareDatetime | None, Query()]
LanguageAsked = Literal["zh", "en"]


class ShiftView(View):
    """A shift of one day."""

    name: str
    day: date
    since: datetime
    until: datetime
    running: bool


@router.get("/ledger/shifts", responses=NOT_FOUND, **needs(Right.SEE))
def list_shifts(site_id: SiteId, station: StationHere) -> list[ShiftView]:
    """The last shifts, the running one first."""
    now = utc_now()
    with station.database.read() as session:
        place = place_of(session, site_id)
    return [_shift_view(each, place, now) for each in _shifts(station).latest(now, LISTED, place.zone)]


def _document(
    site_id: SiteId,
    user: CurrentUser,
    station: StationHere,
    shift: ShiftName = None,
    day: Day = None,
    since: Moment = None,
    until: Moment = None,
    language: LanguageAsked = "zh",
) -> ReportDocument:
    now = utc_now()
    with station.database.read() as session:
        place = place_of(session, site_id)
        asked = span(site_id, since, until) if shift is None else _shift_span(station, site_id, shift, day, place)
        return report_document(shift_report(session, asked, place, shift, user.username, now), language)


DocumentAsked = Annotated[ReportDocument, Depends(_document)]


@router.get("/ledger/shift-report.html", response_class=Response, responses=HTML | NOT_FOUND, **needs(Right.SEE))
def get_shift_report_page(document: DocumentAsked) -> Response:
    """The report of a shift, or of a span, as a page to read and to print."""
    return Response(page(document), media_type="text/html; charset=utf-8", headers=ALONE)


@router.get("/ledger/shift-report.pdf", response_class=Response, responses=PDF | NOT_FOUND, **needs(Right.SEE))
def get_shift_report_pdf(document: DocumentAsked) -> Response:
    """The same as a PDF."""
    name = f'inline; filename="shift-report-{document.language}.pdf"'
    return Response(pdf(document), media_type="application/pdf", headers={"Content-Disposition": name})


def _shift_span(station: Station, site_id: str, name: str, day: date | None, place: Place) -> Span:
    if day is None:
        raise parameter_fault("day", "on which day does the shift begin?")
    try:
        window = _shifts(station).of(name, day, place.zone)
    except OverflowError as error:
        raise parameter_fault("day", "beyond all calendars") from error
    if window is None:
        raise HTTPException(404, f"there is no shift {name!r}")
    return Span(site_id, window.since, window.until)


def _shifts(station: Station) -> Shifts:
    return station[Shifts]


def _shift_view(window: ShiftWindow, place: Place, now: datetime) -> ShiftView:
    day = window.since.astimezone(place.zone).date()
    return ShiftView(name=window.name, day=day, since=window.since, until=window.until, running=now < window.until)
