"""The sites, to be edited in versions, and which version each dog has."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import Field
from sqlalchemy import select

from fleet_server.audit.log import append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, INVALID, NOT_FOUND, Body, Id, Problem, TextBody, View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import Refusal
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import IfMatch, tag
from fleet_server.sites.api import PointView, SiteView, VersionNumber, shown, site_view
from fleet_server.sites.site_check import SiteProblem
from fleet_server.sites.site_edit import SiteEdit, check_edit, edit_site, missed_checkpoints
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.site_versions import Source, find_version
from fleet_server.sites.tables import Site, SiteVersion
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.site import ZoneKind

router = APIRouter(tags=["sites"])
EDITS = ("site.edited", "site.mapped", "site.created", "site.imported")
MOST = 1000  # zones, or checkpoints, or docks, or corners of a zone
MOST_VERSIONS = 500  # that are listed
Coordinate = Annotated[float, Field(allow_inf_nan=False)]


class PointBody(Body):
    """Metres in the frame ``map``."""

    x: Coordinate
    y: Coordinate


class PoseBody(PointBody):
    """With a heading in radians, counter-clockwise from east."""

    theta: Coordinate


class HoursBody(Body):
    """From one time of day to another, HH:MM in the site's time zone."""

    start: str
    end: str


class ZoneBody(Body):
    """A polygon with a purpose; ``maxSpeed`` (m/s) is for ``slow``, ``rules`` for ``watched``."""

    zone_id: Id
    kind: ZoneKind
    name: TextBody
    polygon: Annotated[list[PointBody], Field(max_length=MOST)]
    hours: Annotated[list[HoursBody], Field(max_length=MOST)] | None = None
    max_speed: Coordinate | None = None
    rules: dict[str, dict[str, int | Coordinate]] | None = None


class CheckpointBody(Body):
    """A place to be looked at."""

    checkpoint_id: Id
    name: TextBody
    pose: PoseBody


class DockBody(Body):
    """A place to charge."""

    dock_id: Id
    name: TextBody
    pose: PoseBody


class SiteEditBody(Body):
    """All that is on the map; what is left out is no more. ``name`` left out: as it is."""

    zones: Annotated[list[ZoneBody], Field(max_length=MOST)]
    checkpoints: Annotated[list[CheckpointBody], Field(max_length=MOST)]
    docks: Annotated[list[DockBody], Field(max_length=MOST)]
    name: TextBody | None = None

    def edit(self) -> SiteEdit:
        """In the wire's words."""
        said = self.model_dump(mode="json", exclude_none=True)
        return SiteEdit(said.get("name"), said["zones"], said["checkpoints"], said["docks"])


class SiteProblemView(View):
    """Something that cannot be so: what in the body, by its JSON pointer, why, and where on the map if anywhere."""

    pointer: str
    detail: str
    place: PointView | None


class SiteCheckView(View):
    """All that was found; empty: the site can be so."""

    problems: list[SiteProblemView]


class SiteVersionView(View):
    """A version, and how much it has of each."""

    version: int
    changed_at: datetime
    changed_by: str
    source: Source
    zones: int
    checkpoints: int
    docks: int


class DogSiteView(View):
    """The version of the site that a dog says it has; null where it says none."""

    dog_id: str
    site_version: int | None


@router.put(
    "/sites/{site_id}",
    responses=NOT_FOUND | CHANGED | INVALID | {428: {"model": Problem}},
    **needs(Right.PLAN),
)
def change_site(
    site_id: str,
    body: SiteEditBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> SiteView:
    """Make it the site's next version, which its dogs get; the map stays. `If-Match` has to be sent."""
    if if_match is None:
        raise HTTPException(428, "If-Match is missing: the ETag of the site that was edited")
    edit, now = body.edit(), utc_now()
    with station.database.read() as session:  # the map takes its time: nobody's writing waits for it
        site = find_site(session, site_id)
        checked = str(site.version)
        check_version(session, if_match, checked, site_id, EDITS)
        problems = check_edit(site, edit)
    with station.database.write() as session:
        site = find_site(session, site_id)
        check_version(session, f'"{checked}"', str(site.version), site_id, EDITS)
        if problems := [*problems, *missed_checkpoints(session, site, edit, station.events)]:
            raise _refusal(problems)
        before = edit_site(session, site, edit, user.username, now, station.events)
        if before:
            after = {key: getattr(site, key) for key in before}
            append(session, now, user.username, "site.edited", site_id, version=site.version, before=before, to=after)
        view = site_view(site)
    station.tell(ChangeEvents.of(Site, site_id))
    station.hurry()
    tag(response, view.version)
    return view


@router.post("/sites/{site_id}/check", responses=NOT_FOUND | INVALID, **needs(Right.PLAN))
def check_site_edit(site_id: str, body: SiteEditBody, station: StationHere) -> SiteCheckView:
    """What would be refused if the site were edited so; nothing is stored."""
    with station.database.read() as session:
        site, edit = find_site(session, site_id), body.edit()
        problems = [*check_edit(site, edit), *missed_checkpoints(session, site, edit, station.events)]
    return SiteCheckView(problems=[problem_view(problem) for problem in problems])


@router.get("/sites/{site_id}/versions", responses=NOT_FOUND, **needs(Right.SEE))
def list_site_versions(site_id: str, station: StationHere) -> list[SiteVersionView]:
    """The versions of a site, newest first."""
    columns = (SiteVersion.version, SiteVersion.changed_at, SiteVersion.changed_by, SiteVersion.source)
    query = select(*columns, SiteVersion.described).where(SiteVersion.site_id == site_id)
    with station.database.read() as session:
        find_site(session, site_id)
        rows = session.execute(query.order_by(SiteVersion.version.desc()).limit(MOST_VERSIONS)).all()
    return [
        SiteVersionView(
            version=row.version,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
            source=Source(row.source),
            **{kind: len(row.described[kind]) for kind in ("zones", "checkpoints", "docks")},
        )
        for row in rows
    ]


@router.get("/sites/{site_id}/versions/{version}", responses=NOT_FOUND, **needs(Right.SEE))
def get_site_version(site_id: str, version: VersionNumber, station: StationHere) -> SiteView:
    """A site as it was."""
    with station.database.read() as session:
        return shown(find_version(session, site_id, version).described, version)


@router.get("/sites/{site_id}/dogs", responses=NOT_FOUND, **needs(Right.SEE))
def list_site_dogs(site_id: str, station: StationHere) -> list[DogSiteView]:
    """The dogs on a site, and which version of it each has, as it says itself."""
    with station.database.read() as session:
        map_id = find_site(session, site_id).map_id
    here = (vehicle for vehicle in station[Fleet].all() if _is_on(vehicle, map_id))
    return [DogSiteView(dog_id=vehicle.dog_id, site_version=_version_on(vehicle, map_id)) for vehicle in here]


def _is_on(vehicle: Vehicle, map_id: str) -> bool:
    on_map = vehicle.position is not None and vehicle.position.map_id == map_id
    return on_map or _version_on(vehicle, map_id) is not None


def _version_on(vehicle: Vehicle, map_id: str) -> int | None:
    """``mapVersion`` of VDA 5050 is a text; our dogs say the site's version there, and 0 before they have one."""
    maps = vehicle.state.maps if vehicle.state is not None else None
    said = next((each.map_version for each in maps or () if each.map_id == map_id), "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 and int(said) else None


def problem_view(problem: SiteProblem) -> SiteProblemView:
    """As the API shows it."""
    said: dict[str, Any] = asdict(problem)
    said["place"] = {"x": problem.place[0], "y": problem.place[1]} if problem.place else None
    return SiteProblemView.model_validate(said)


def _refusal(problems: Sequence[SiteProblem]) -> Refusal:
    errors = [{"detail": problem.detail, "pointer": f"#{problem.pointer}"} for problem in problems]
    return Refusal(Problems.INVALID, "; ".join(f"{p.pointer}: {p.detail}" for p in problems), errors)
