"""Exports for big data: who asks for one stands in the audit log, and nothing of persons or accounts in the export."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import IO, Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.core.api_schema import NOT_FOUND
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, SignedIn, needs
from fleet_server.core.problems import parameter_fault
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.ledger.export_files import MEDIA_TYPES, Format, write_export
from fleet_server.ledger.export_views import VIEWS, Export
from fleet_server.ledger.geojson import features
from fleet_server.ledger.span import Span, SpanAsked, place_of

router = APIRouter(tags=["ledger"])
IN_MEMORY = 8 * 1024 * 1024  # bytes; a larger export is made on the disk
CHUNK = 256 * 1024
GEOJSON = "application/geo+json"
FILES: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, MEDIA_TYPES[Format.PARQUET]: {}}}}
GEO: dict[int | str, dict[str, Any]] = {200: {"content": {GEOJSON: {}}}}


@router.get("/ledger/exports/{what}", response_class=Response, responses=FILES | NOT_FOUND, **needs(Right.EXPORT))
def export_table(
    what: Export,
    asked: SpanAsked,
    user: CurrentUser,
    station: StationHere,
    kind: Annotated[Format, Query(alias="format")] = Format.CSV,
) -> Response:
    """Patrols, visits or incidents of a span, one a row, oldest first."""

    def write(session: Session, file: IO[bytes]) -> int:
        place_of(session, asked.site_id)
        return write_export(session, VIEWS[what], asked, kind, file)

    return _made(station, user, asked, f"{what}.{kind}", MEDIA_TYPES[kind], write)


@router.get("/ledger/geojson", response_class=Response, responses=GEO | NOT_FOUND, **needs(Right.EXPORT))
def export_day(
    site_id: Annotated[str, Query(alias="siteId", max_length=64)],
    day: Annotated[date, Query(description="by the site's calendar")],
    user: CurrentUser,
    station: StationHere,
) -> Response:
    """A day of the site on the earth (WGS 84): walked paths, visits, incidents."""
    with station.database.read() as session:
        place = place_of(session, site_id)
    try:
        since, until = (datetime.combine(day + timedelta(days=n), time(), place.zone).astimezone(UTC) for n in (0, 1))
    except OverflowError as error:
        raise parameter_fault("day", "beyond all calendars") from error
    asked = Span(site_id, since, until)

    def write(session: Session, file: IO[bytes]) -> int:
        count = 0
        file.write(b'{"type": "FeatureCollection", "features": [')
        for count, feature in enumerate(features(session, asked, place), 1):
            file.write((b",\n" if count > 1 else b"\n") + msgspec.json.encode(feature))
        file.write(b"\n]}\n")
        return count

    return _made(station, user, asked, f"{day}.geojson", GEOJSON, write)


def _made(
    station: Station,
    user: SignedIn,
    asked: Span,
    name: str,
    media_type: str,
    write: Callable[[Session, IO[bytes]], int],
) -> Response:
    """The export as an answer; that it was made is in the audit log before a byte of it leaves."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        with station.database.read() as session:
            rows = write(session, file)
        since, until = asked.since.isoformat(), asked.until.isoformat()
        with station.database.write() as session:
            about = {"file": name, "since": since, "until": until, "rows": rows}
            append(session, utc_now(), user.username, "ledger.exported", asked.site_id, **about)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    filename = quote(f"{asked.site_id}-{name}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{filename}", "Content-Length": str(size)}
    return StreamingResponse(_sent(file), media_type=media_type, headers=headers)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
