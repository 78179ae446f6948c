"""The sites, to be read."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select

from fleet_server.core.api_schema import PoseView, Problem, TextView, View
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import tag
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.site_versions import describe, find_map, find_version
from fleet_server.sites.tables import Site
from protocol.sealed_original import evidence_key_id, read_evidence_key

router = APIRouter(tags=["sites"])
VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]  # as the column has it


class PointView(View):
    """Metres in the frame ``map``."""

    x: float
    y: float


class GeodeticView(View):
    """Where the map's origin lies (WGS 84), and where its y axis points, clockwise from north."""

    latitude_deg: float
    longitude_deg: float
    heading_deg: float


class MapView(View):
    """The map's picture and where it lies; resolution in metres a pixel, origin at the lower left corner."""

    map_id: str
    resolution: float
    origin: PoseView
    width: int
    height: int
    url: str


class HoursView(View):
    """From one time of day to another, HH:MM in the site's time zone."""

    start: str
    end: str


class ZoneView(View):
    """A polygon with a purpose."""

    zone_id: str
    kind: str
    name: TextView
    polygon: list[PointView]
    hours: list[HoursView] | None = None
    max_speed: float | None = None
    rules: dict[str, dict[str, int | float]] | None = None


class CheckpointView(View):
    """A place to be looked at."""

    checkpoint_id: str
    name: TextView
    pose: PoseView


class DockView(View):
    """A place to charge."""

    dock_id: str
    name: TextView
    pose: PoseView


class SiteSentenceView(View):
    """What operators have dogs speak there; null in a language in which it is not spoken."""

    zh: str | None = None
    en: str | None = None


class SiteView(View):
    """A site. ``evidenceKey``: to whom its dogs seal originals (32 bytes in base64), ``evidenceKeyId``: by which that
    key is told from others; null: no original is kept."""

    site_id: str
    version: int
    name: TextView
    timezone: str
    origin: GeodeticView
    map: MapView
    zones: list[ZoneView]
    checkpoints: list[CheckpointView]
    docks: list[DockView]
    sentences: list[SiteSentenceView] = []
    evidence_key: str | None = None
    evidence_key_id: str | None = None


@router.get("/sites", **needs(Right.SEE))
def list_sites(station: StationHere) -> list[SiteView]:
    """All sites."""
    with station.database.read() as session:
        return [site_view(site) for site in session.scalars(select(Site).order_by(Site.site_id))]


@router.get("/sites/{site_id}", responses={404: {"model": Problem}}, **needs(Right.SEE))
def get_site(site_id: str, station: StationHere, response: Response) -> SiteView:
    """One site."""
    with station.database.read() as session:
        view = site_view(find_site(session, site_id))
    tag(response, view.version)
    return view


@router.get(
    "/sites/{site_id}/map.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, 404: {"model": Problem}},
    **needs(Right.SEE),
)
def get_map(site_id: str, station: StationHere, version: VersionNumber | None = None) -> Response:
    """The map's picture, as it is or as a version had it: 0 occupied, 254 free, 205 unknown; its top row is north."""
    with station.database.read() as session:
        site = find_site(session, site_id)
        picture = site.map_png
        if version is not None and version != site.version:
            find_version(session, site_id, version)
            picture = find_map(session, site_id, version) or picture
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def site_view(site: Site) -> SiteView:
    """The site as it is."""
    return shown(describe(site), site.version)


def shown(described: dict[str, Any], version: int) -> SiteView:
    """A version of a site."""
    url = f"/api/v1/sites/{described['siteId']}/map.png?version={version}"
    key_id = id_of_key(described.get("evidenceKey"))
    more = {"version": version, "map": described["map"] | {"url": url}, "evidenceKeyId": key_id}
    return SiteView.model_validate(described | more)


def id_of_key(evidence_key: str | None) -> str | None:
    """The id of the key that a site names; None where it names none."""
    return evidence_key_id(read_evidence_key(evidence_key)) if evidence_key is not None else None
