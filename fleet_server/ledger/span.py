"""A span of time at a site, as a parameter of the ledger's routes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Query
from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.clock import utc_now
from fleet_server.core.problems import parameter_fault
from fleet_server.sites.tables import Site

USUAL = timedelta(days=1)
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Span:
    """From ``since`` on and before ``until``, at the site."""

    site_id: str
    since: datetime
    until: datetime


def span(
    site_id: Annotated[str, Query(alias="siteId", max_length=64)],
    since: Annotated[AwareDatetime | None, Query(description="from then on; default: a day before `until`")] = None,
    until: Annotated[AwareDatetime | None, Query(description="and before then; default: now")] = None,
) -> Span:
    """The span that was asked for; refuses one that is empty or longer than a year."""
    ends = until or utc_now()
    try:
        begins = since or ends - USUAL
        length = ends - begins
    except OverflowError as error:
        raise parameter_fault("since, until", "beyond all calendars") from error
    if not timedelta() < length <= LONGEST:
        raise parameter_fault("since, until", "a span ends after it begins, and within a year")
    return Span(site_id, begins, ends)


SpanAsked = Annotated[Span, Depends(span)]


@dataclass(frozen=True)
class Place:
    """What the ledger needs of a site: not its map, which is large."""

    name: dict[str, str]
    zone: ZoneInfo
    checkpoints: dict[str, dict[str, str]]
    origin: dict[str, float]
    map_id: str


def place_of(session: Session, site_id: str) -> Place:
    """The site, or 404."""
    columns = (Site.name, Site.timezone, Site.checkpoints, Site.origin, Site.map_id)
    row = session.execute(select(*columns).where(Site.site_id == site_id)).one_or_none()
    if row is None:
        raise HTTPException(404, f"there is no site {site_id!r}")
    named = {each["checkpointId"]: each["name"] for each in row.checkpoints}
    return Place(row.name, ZoneInfo(row.timezone), named, row.origin, row.map_id)
