"""The sites, to be read."""

from fastapi import APIRouter, Response
from sqlalchemy import select

from fleet_server.core.api_schema import PoseView, Problem, TextView, View
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import tag
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.tables import Site

router = APIRouter(tags=["sites"])


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


class SiteView(View):
    """A site."""

    site_id: str
    version: int
    name: TextView
    timezone: str
    origin: GeodeticView
    map: MapView
    zones: list[ZoneView]
    checkpoints: list[CheckpointView]
    docks: list[DockView]


@router.get("/sites", **needs(Right.SEE))
def list_sites(station: StationHere) -> list[SiteView]:
    """All sites."""
    with station.database.read() as session:
        return [_view(site) for site in session.scalars(select(Site).order_by(Site.site_id))]


@router.get("/sites/{site_id}", responses={404: {"model": Problem}}, **needs(Right.SEE))
def get_site(site_id: str, station: StationHere, response: Response) -> SiteView:
    """One site."""
    view = _view(_find(site_id, station))
    tag(response, view.version)
    return view


@router.get(
    "/sites/{site_id}/map.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, 404: {"model": Problem}},
    **needs(Right.SEE),
)
def get_map(site_id: str, station: StationHere) -> Response:
    """The map's picture: 0 occupied, 254 free, 205 unknown; its top row is north."""
    site = _find(site_id, station)
    return Response(site.map_png, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def _find(site_id: str, station: StationHere) -> Site:
    with station.database.read() as session:
        return find_site(session, site_id)


def _view(site: Site) -> SiteView:
    return SiteView.model_validate(
        {
            "siteId": site.site_id,
            "version": site.version,
            "name": site.name,
            "timezone": site.timezone,
            "origin": site.origin,
            "zones": site.zones,
            "checkpoints": site.checkpoints,
            "docks": site.docks,
            "map": {
                "mapId": site.map_id,
                "resolution": site.map_resolution,
                "origin": site.map_origin,
                "width": site.map_width,
                "height": site.map_height,
                "url": f"/api/v1/sites/{site.site_id}/map.png?version={site.version}",
            },
        }
    )
