"""The sites, to be edited in versions, and which version each dog has."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import INVALID, NOT_FOUND, Body, Id, TextBody, View
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.sites.api import SiteView, VersionNumber, id_of_key, shown
from fleet_server.sites.site_change import REFUSALS, SiteChangeAsked, SiteProblemView, problem_view, refuse
from fleet_server.sites.site_check import SiteProblem, check_site
from fleet_server.sites.site_edit import SiteEdit, check_edit, edit_site, missed_checkpoints, restore_site
from fleet_server.sites.site_import import next_version
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.site_versions import Source, find_version, site_of_version
from fleet_server.sites.tables import Site, SiteVersion
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.sealed_original import read_evidence_key
from protocol.site import ZoneKind
from protocol.speech import MOST_SENTENCES

router = APIRouter(tags=["sites"])
MOST = 1000  # zones, or checkpoints, or docks, or corners of a zone
MOST_VERSIONS = 500  # that are listed
Coordinate = Annotated[float, Field(allow_inf_nan=False)]
Spoken = Annotated[str, StringConstraints(strip_whitespace=True)]


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


class SiteSentenceBody(Body):
    """What operators have dogs speak there, in one language at least: a letter or digit, no control characters, at most
    200 characters."""

    zh: Spoken | None = None
    en: Spoken | None = None


class SiteEditBody(Body):
    """All that is on the map; what is left out is no more. ``name`` and ``sentences`` left out: as they are."""

    zones: Annotated[list[ZoneBody], Field(max_length=MOST)]
    checkpoints: Annotated[list[CheckpointBody], Field(max_length=MOST)]
    docks: Annotated[list[DockBody], Field(max_length=MOST)]
    name: TextBody | None = None
    sentences: Annotated[list[SiteSentenceBody], Field(max_length=MOST_SENTENCES)] | None = None

    def edit(self) -> SiteEdit:
        """In the wire's words."""
        said = self.model_dump(mode="json", exclude_none=True)
        return SiteEdit(said.get("name"), said["zones"], said["checkpoints"], said["docks"], said.get("sentences"))


def _usable(key: str | None) -> str | None:
    if key is not None:
        read_evidence_key(key)
    return key


class EvidenceKeyBody(Body):
    """A public key as `xiaotian evidence key` says it: 32 bytes in base64. Null: no original is kept."""

    evidence_key: Annotated[str | None, Field(max_length=64), AfterValidator(_usable)]


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
    sentences: int


class DogSiteView(View):
    """The version of the site that a dog says it has; null where it says none."""

    dog_id: str
    site_version: int | None


@router.put("/sites/{site_id}", responses=REFUSALS, **needs(Right.PLAN))
def change_site(body: SiteEditBody, change: SiteChangeAsked) -> SiteView:
    """Make it the site's next version, which its dogs get; the map stays. `If-Match` has to be sent."""
    edit = body.edit()

    def make(session: Session, site: Site, problems: list[SiteProblem], now: datetime) -> dict[str, Any] | None:
        refuse([*problems, *missed_checkpoints(session, site, edit.checkpoints, change.station.events)])
        before = edit_site(session, site, edit, change.by, now, change.station.events)
        return {"before": before, "to": {key: getattr(site, key) for key in before}} if before else None

    return change.save("site.edited", lambda _, site: check_edit(site, edit), make)


@router.put("/sites/{site_id}/evidence-key", responses=REFUSALS, **needs(Right.ORIGINALS))
def change_evidence_key(body: EvidenceKeyBody, change: SiteChangeAsked) -> SiteView:
    """Name the key to which the site's dogs seal originals from now on; null: none are kept. `If-Match` has to be sent.
    What is sealed to an earlier key and still on a dog is not taken any more."""

    def make(session: Session, site: Site, _: None, now: datetime) -> dict[str, Any] | None:
        before = site.evidence_key
        if before == body.evidence_key:
            return None
        site.evidence_key = body.evidence_key
        next_version(session, site, change.by, Source.CONSOLE, now, change.station.events)
        return {"before": id_of_key(before), "to": id_of_key(body.evidence_key)}

    return change.save("site.evidence_key_changed", lambda *_: None, make)


@router.post("/sites/{site_id}/check", responses=NOT_FOUND | INVALID, **needs(Right.PLAN))
def check_site_edit(site_id: str, body: SiteEditBody, station: StationHere) -> SiteCheckView:
    """What would be refused if the site were edited so; nothing is stored."""
    with station.database.read() as session:
        site, edit = find_site(session, site_id), body.edit()
        problems = [*check_edit(site, edit), *missed_checkpoints(session, site, edit.checkpoints, station.events)]
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
            **{kind: len(row.described.get(kind, [])) for kind in ("zones", "checkpoints", "docks", "sentences")},
        )
        for row in rows
    ]


@router.get("/sites/{site_id}/versions/{version}", responses=NOT_FOUND, **needs(Right.SEE))
def get_site_version(site_id: str, version: VersionNumber, station: StationHere) -> SiteView:
    """A site as it was."""
    with station.database.read() as session:
        return shown(find_version(session, site_id, version).described, version)


@router.post("/sites/{site_id}/versions/{version}/restore", responses=REFUSALS, **needs(Right.PLAN))
def restore_site_version(version: VersionNumber, change: SiteChangeAsked) -> SiteView:
    """Make the site as it was then, with its map and where that lay, its next version. `If-Match` has to be sent."""

    def look(session: Session, site: Site) -> Site:
        then = site_of_version(session, site.site_id, version)
        refuse(check_site(then))
        return then

    def make(session: Session, site: Site, then: Site, now: datetime) -> dict[str, Any] | None:
        refuse(missed_checkpoints(session, site, then.checkpoints, change.station.events))
        restored = restore_site(session, site, then, change.by, now, change.station.events)
        return {"restored": version} if restored else None

    return change.save("site.restored", look, make)


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
