"""How a route makes a site's next version: looked at as it was edited, made in the writer's turn, and told."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, HTTPException, Response
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, INVALID, NOT_FOUND, REFUSED, Problem, View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import Refusal
from fleet_server.core.station import Station, StationHere
from fleet_server.core.versions import IfMatch, tag
from fleet_server.sites.api import PointView, SiteView, site_view
from fleet_server.sites.site_check import SiteProblem
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.tables import Site

EDITS = ("site.edited", "site.evidence_key_changed", "site.mapped", "site.restored", "site.created", "site.imported")
REFUSALS: dict[int | str, dict[str, Any]] = NOT_FOUND | REFUSED | CHANGED | INVALID | {428: {"model": Problem}}
Looked = TypeVar("Looked")


class SiteProblemView(View):
    """Something that cannot be so: what in the body, by its JSON pointer, why, and where on the map if anywhere."""

    pointer: str
    detail: str
    place: PointView | None


@dataclass(frozen=True)
class SiteChange:
    """Who changes which site, and in which version it was when they began."""

    site_id: str
    by: str
    if_match: str | None
    station: Station
    response: Response

    def save(
        self,
        deed: str,
        look: Callable[[Session, Site], Looked],
        make: Callable[[Session, Site, Looked, datetime], dict[str, Any] | None],
    ) -> SiteView:
        """Make the next version and tell of it. ``look`` takes its time while others write; ``make`` has what it found,
        and says what the audit log is to have of the change, or None where there is none."""
        if self.if_match is None:
            raise HTTPException(428, "If-Match is missing: the ETag of the site that was edited")
        with self.station.database.read() as session:
            site = find_site(session, self.site_id)
            seen = str(site.version)
            check_version(session, self.if_match, seen, self.site_id, EDITS)
            looked = look(session, site)
        with self.station.database.write() as session:
            now, site = utc_now(), find_site(session, self.site_id)
            check_version(session, f'"{seen}"', str(site.version), self.site_id, EDITS)
            if (told := make(session, site, looked, now)) is not None:
                append(session, now, self.by, deed, self.site_id, version=site.version, **told)
            view = site_view(site)
        self.station.tell(ChangeEvents.of(Site, self.site_id))
        self.station.hurry()
        tag(self.response, view.version)
        return view


def _asked(
    site_id: str, user: CurrentUser, station: StationHere, response: Response, if_match: IfMatch = None
) -> SiteChange:
    return SiteChange(site_id, user.username, if_match, station, response)


SiteChangeAsked = Annotated[SiteChange, Depends(_asked)]


def problem_view(problem: SiteProblem) -> SiteProblemView:
    """As the API shows it."""
    said: dict[str, Any] = asdict(problem)
    said["place"] = {"x": problem.place[0], "y": problem.place[1]} if problem.place else None
    return SiteProblemView.model_validate(said)


def refuse(problems: Sequence[SiteProblem]) -> None:
    """Raise 422 with all of them, if there are any."""
    if problems:
        errors = [{"detail": problem.detail, "pointer": f"#{problem.pointer}"} for problem in problems]
        raise Refusal(Problems.INVALID, "; ".join(f"{p.pointer}: {p.detail}" for p in problems), errors)
