"""What of a site cannot be as it is drawn: zones that cross themselves, checkpoints where no dog can stand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

import msgspec
import shapely

from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Place, WalkableGround, walkable_ground
from protocol.rules import ZoneRules
from protocol.sealed_original import BadEvidenceKey, read_evidence_key
from protocol.site import Zone, ZoneKind
from protocol.site_folder import MalformedSite, refuse_unknown
from protocol.speech import wrong_sentence

EDGE_M = 1e-6  # a corner on the map's edge is on the map, however it was rounded
MOST_ID = 64  # characters, as the column has it
_ID = re.compile(rf"[^/\x00-\x1f]{{1,{MOST_ID}}}")  # as addresses have it
_VALID = "Valid Geometry"
_PLACE = re.compile(r"\[(\S+) (\S+)\]$")  # of what GEOS says: its kind, and where


@dataclass(frozen=True, slots=True)
class SiteProblem:
    """``pointer`` leads to what is at fault (RFC 6901), ``place`` is where on the map, if anywhere."""

    pointer: str
    detail: str
    place: Place | None = None


def check_site(site: Site) -> list[SiteProblem]:
    """All that is wrong with the zones, checkpoints, docks and sentences of a site, by its own map."""
    problems = [*_twice(site), *(problem for n, zone in enumerate(site.zones) for problem in _zone(n, zone, site))]
    wrong = {problem.pointer.split("/")[2] for problem in problems if problem.pointer.startswith("/zones/")}
    sound = [zone for n, zone in enumerate(site.zones) if str(n) not in wrong]
    if site.checkpoints or site.docks:
        problems += _places(site, walkable_ground(site, sound))
    problems += _sentences(site)
    return problems


def check_whole_site(site: Site) -> list[SiteProblem]:
    """All that is wrong with a site that is new here, or comes whole: also its id and its time zone."""
    problems = []
    if not _ID.fullmatch(site.site_id):
        problems.append(SiteProblem("/siteId", f"{site.site_id!r} is none: 1 to {MOST_ID} characters, no / among them"))
    if site.timezone not in available_timezones():
        problems.append(SiteProblem("/timezone", f"there is no time zone {site.timezone!r}"))
    if site.evidence_key is not None:
        try:
            read_evidence_key(site.evidence_key)
        except BadEvidenceKey as error:
            problems.append(SiteProblem("/evidenceKey", str(error)))
    return problems + check_site(site)


def told(site: Site, problem: SiteProblem) -> str:
    """A problem in one sentence that names the thing by its id, and where on the map it is."""
    _, kind, *path = problem.pointer.split("/")
    if not path:
        return problem.detail
    thing = kind.removesuffix("s")
    where = f" at x {problem.place[0]:.2f}, y {problem.place[1]:.2f}" if problem.place else ""
    return f"{thing} {getattr(site, kind)[int(path[0])][f'{thing}Id']!r}{where}: {problem.detail}"


def crossing(polygon: Sequence[Place]) -> tuple[str, Place] | None:
    """Why a polygon is no simple one, and where; None: it is. Of two corners at one place in a row one counts."""
    said = shapely.is_valid_reason(shapely.Polygon(polygon))
    found = _PLACE.search(said)
    if said == _VALID or found is None:
        return None
    place = float(found[1]), float(found[2])
    if said.startswith("Too few"):
        return "all corners are at one place", place
    return f"the outline meets itself at x {place[0]:.2f}, y {place[1]:.2f}", place


def _twice(site: Site) -> Iterator[SiteProblem]:
    for kind, key in (("zones", "zoneId"), ("checkpoints", "checkpointId"), ("docks", "dockId")):
        seen: set[str] = set()
        for number, each in enumerate(getattr(site, kind)):
            if each[key] in seen:
                yield SiteProblem(f"/{kind}/{number}/{key}", f"{each[key]!r} is there twice")
            seen.add(each[key])


def _zone(number: int, zone: dict[str, Any], site: Site) -> Iterator[SiteProblem]:
    here = f"/zones/{number}"
    try:
        msgspec.convert(zone, Zone)
        refuse_unknown(zone.get("rules"), ZoneRules, "rules")
    except msgspec.ValidationError as error:
        why, _, path = str(error).partition(" - at `$")
        yield SiteProblem(here + re.sub(r"[.\[]", "/", path.rstrip("`")).replace("]", ""), why)
        return
    except MalformedSite as error:
        yield SiteProblem(f"{here}/rules", str(error))
        return
    if zone["kind"] == ZoneKind.SLOW and not zone.get("maxSpeed"):
        yield SiteProblem(f"{here}/maxSpeed", "a slow zone needs a speed above 0")
    for index, hours in enumerate(zone.get("hours", [])):
        if hours["start"] == hours["end"]:
            yield SiteProblem(f"{here}/hours/{index}", "they begin and end at the same time")
    corners = [(corner["x"], corner["y"]) for corner in zone["polygon"]]
    outside = next((n for n, corner in enumerate(corners) if not _on_map(site, corner)), None)
    if outside is not None:
        yield SiteProblem(f"{here}/polygon/{outside}", "it lies outside the map", corners[outside])
    elif found := crossing(corners):
        yield SiteProblem(f"{here}/polygon", *found)


def _sentences(site: Site) -> Iterator[SiteProblem]:
    for number, said in enumerate(site.sentences):
        for language, why in wrong_sentence(said):
            yield SiteProblem(f"/sentences/{number}/{language}".rstrip("/"), why)


def _on_map(site: Site, place: Place) -> bool:
    origin = (site.map_origin["x"], site.map_origin["y"])
    size = (site.map_width * site.map_resolution, site.map_height * site.map_resolution)
    pairs = zip(place, origin, size, strict=True)
    return all(-EDGE_M <= value - least <= width + EDGE_M for value, least, width in pairs)


def _places(site: Site, ground: WalkableGround) -> Iterator[SiteProblem]:
    """A dog backs into a dock, and may stand nearer to a wall there; who has no dock comes from anywhere."""
    docks = [(each["pose"]["x"], each["pose"]["y"]) for each in site.docks]
    for number, place in enumerate(docks):
        why = ground.obstacle(*place)
        if why is None and ground.standing(*place) is None:
            why = "no dog can stand before it"
        if why is not None:
            yield SiteProblem(f"/docks/{number}/pose", why, place)
    for number, each in enumerate(site.checkpoints):
        place = (each["pose"]["x"], each["pose"]["y"])
        why = ground.hindrance(*place, docks or [place])
        if why is not None:
            yield SiteProblem(f"/checkpoints/{number}/pose", why, place)
