"""A new site from a map, and a new map for a site: a map is what Nav2's map_server reads and `xiaotian map` writes."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Response
from pydantic import BeforeValidator, Field, WithJsonSchema
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.core.api_schema import INVALID, NOT_FOUND, REFUSED, Body, Id, PoseView, TextBody, View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.large_body_route import LargeBodyRoute
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import Refusal
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import tag
from fleet_server.sites.api import SiteView, site_view
from fleet_server.sites.edit_api import Coordinate
from fleet_server.sites.site_change import REFUSALS, SiteChangeAsked, SiteProblemView, problem_view
from fleet_server.sites.site_check import check_whole_site, told
from fleet_server.sites.site_edit import check_map, replace_map
from fleet_server.sites.site_import import lay_map, site_of, take_site
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.site_versions import Source, describe
from fleet_server.sites.tables import Site
from protocol.map_file import MOST_CELLS, MOST_YAML, MalformedMap, MapPart, grid_map, read_map_yaml
from protocol.site import Geodetic, GridMap, Text
from protocol.site_folder import SiteFile

router = APIRouter(tags=["sites"], route_class=LargeBodyRoute)
MOST_PICTURE = MOST_CELLS + 1024  # bytes: a PGM of as many cells as a map may have
MOST_BODY = MOST_PICTURE * 4 // 3 + 64 * 1024
NO_FOLDER = ""  # the hash of a site that came from none: if one comes, it is another
MAP_FILE = "map.yaml"


def _bytes(said: object) -> bytes:
    if not isinstance(said, str):
        raise ValueError("base64 is a text")
    try:
        return base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"it is not base64: {error}") from error


Base64 = Annotated[
    bytes,
    BeforeValidator(_bytes),
    Field(max_length=MOST_PICTURE),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "maxLength": MOST_BODY}),
]


class MapBody(Body):
    """``yaml`` is the text of map.yaml, ``image`` the PGM or PNG that it names, in base64."""

    yaml: Annotated[str, Field(max_length=MOST_YAML)]
    image: Base64


class GeodeticBody(Body):
    """Where the map's x 0, y 0 lies (WGS 84), and where its y axis points, clockwise from north."""

    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]
    heading_deg: Coordinate = 0.0


class NewSiteBody(Body):
    """A site that begins with its map alone; ``timezone`` is a name of the IANA's, as Asia/Shanghai."""

    site_id: Id
    name: TextBody
    timezone: Annotated[str, Field(min_length=1, max_length=64)]
    origin: GeodeticBody
    map: MapBody


class NewMapBody(MapBody):
    """A map for a site that is there; ``origin`` left out: the map's x 0, y 0 lies where it lay."""

    origin: GeodeticBody | None = None


class MapCheckBody(Body):
    """A map, and the site that is to get it, if there is one."""

    map: MapBody
    site_id: Id | None = None


class MapCheckView(View):
    """The map as it was read: ``picture`` is a PNG in base64, as `map.png` gives it; metres a cell, and where its lower
    left corner lies. ``problems``: what of the site cannot be on it."""

    resolution: float
    origin: PoseView
    width: int
    height: int
    picture: str
    problems: list[SiteProblemView]


@router.post(
    "/sites", status_code=201, responses=INVALID | REFUSED, max_body_size=MOST_BODY, **needs(Right.PLAN, once=True)
)
def create_site(body: NewSiteBody, user: CurrentUser, station: StationHere, response: Response) -> SiteView:
    """Make a site from a map; zones, checkpoints, docks and routes are drawn then."""
    grid = _read(body.map, body.site_id, "#/map")
    described = SiteFile(
        site_id=body.site_id,
        name=Text(zh=body.name.zh, en=body.name.en),
        timezone=body.timezone,
        origin=msgspec.convert(body.origin.model_dump(), Geodetic),
        map=MAP_FILE,
    )
    if problems := check_whole_site(site_of(described, grid)):
        raise _refusal([(problem.detail, f"#{problem.pointer}") for problem in problems])
    with station.database.write() as session:
        if session.get(Site, body.site_id) is not None:
            raise HTTPException(409, f"there is a site {body.site_id!r} already")
        now = utc_now()
        site = take_site(session, described, grid, NO_FOLDER, user.username, Source.CONSOLE, now, station.events)
        append(session, now, user.username, "site.created", body.site_id, version=site.version, name=site.name)
        view = site_view(site)
    station.tell(ChangeEvents.of(Site, body.site_id))
    station.hurry()
    tag(response, view.version)
    return view


@router.put("/sites/{site_id}/map", responses=REFUSALS, max_body_size=MOST_BODY, **needs(Right.PLAN))
def change_map(body: NewMapBody, change: SiteChangeAsked) -> SiteView:
    """Give the site another map, as its next version, which its dogs get; all else stays, and has to be possible on it.
    `If-Match` has to be sent."""
    origin = body.origin.model_dump(by_alias=True) if body.origin is not None else None

    def look(_: Session, site: Site) -> GridMap:
        grid = _read(body, site.map_id, "#")
        if problems := check_map(site, grid):
            raise _refusal([(told(site, problem), "#/image") for problem in problems])
        return grid

    def make(session: Session, site: Site, grid: GridMap, now: datetime) -> dict[str, Any] | None:
        before = _told(site)
        replaced = replace_map(session, site, grid, origin, change.by, now, change.station.events)
        return {"before": before, "to": _told(site)} if replaced else None

    return change.save("site.mapped", look, make)


@router.post("/maps/check", responses=NOT_FOUND | INVALID, max_body_size=MOST_BODY, **needs(Right.PLAN))
def check_map_file(body: MapCheckBody, station: StationHere) -> MapCheckView:
    """How a map would be read, and what of a site could not be on it; nothing is stored."""
    problems = []
    with station.database.read() as session:
        site = find_site(session, body.site_id) if body.site_id is not None else None
        grid = _read(body.map, site.map_id if site is not None else MAP_FILE, "#/map")
        problems = check_map(site, grid) if site is not None else []
    read = Site()
    lay_map(read, grid)
    return MapCheckView(
        resolution=read.map_resolution,
        origin=PoseView.model_validate(read.map_origin),
        width=read.map_width,
        height=read.map_height,
        picture=base64.b64encode(read.map_png).decode(),
        problems=[problem_view(problem) for problem in problems],
    )


def _read(body: MapBody, map_id: str, pointer: str) -> GridMap:
    """The map that was sent. The picture that its file names is the one beside it: a way to another leads nowhere."""
    try:
        described = read_map_yaml(body.yaml)
        if not described.image or set(described.image) & set("/\\\0") or described.image in (".", ".."):
            raise MalformedMap(MapPart.YAML, "image: it has to be the name of the file alone")
        return grid_map(described, body.image, map_id)
    except MalformedMap as error:
        raise _refusal([(f"{error}", f"{pointer}/{error.part}")]) from error


def _refusal(faults: list[tuple[str, str]]) -> Refusal:
    errors = [{"detail": detail, "pointer": pointer} for detail, pointer in faults]
    return Refusal(Problems.INVALID, "; ".join(detail for detail, _ in faults), errors)


def _told(site: Site) -> dict[str, object]:
    """A map, for the audit log; its picture stays with the version."""
    about = {key: value for key, value in describe(site)["map"].items() if key != "mapId"}
    return about | {"lies": site.origin}
