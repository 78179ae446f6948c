"""Calls: asked for, watched, taken back; dogs called home."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.calls import asking
from fleet_server.calls.call_dispatch import CallDispatch
from fleet_server.calls.candidates import candidates
from fleet_server.calls.queries import call_of, recall_of, recalls_open
from fleet_server.calls.recalling import clear, is_home, recall, release, send_home, stop
from fleet_server.calls.tables import ALIVE, Call, CallKind, CallStatus
from fleet_server.calls.views import (
    DWELL_S,
    CallBody,
    CallView,
    CandidatesView,
    Metres,
    PlaceProblem,
    PlaceView,
    RecallBody,
    RecallView,
    call_view,
    candidate_view,
    recall_view,
)
from fleet_server.core.api_schema import NOT_FOUND, REFUSED
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import Refusal
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Place
from fleet_server.telemetry.vehicle_lookup import find_vehicle

router = APIRouter(tags=["calls"], route_class=OnceRoute)
UNREACHABLE: dict[int | str, dict[str, Any]] = {409: {"model": PlaceProblem}}


@router.get("/calls", **needs(Right.SEE))
def list_calls(
    station: StationHere,
    status: CallStatus | None = None,
    site_id: Annotated[str | None, Query(alias="siteId")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[CallView]:
    """The calls, newest first."""
    query = select(Call).order_by(Call.asked_at.desc(), Call.call_id).limit(limit)
    if status is not None:
        query = query.where(Call.status == status)
    if site_id is not None:
        query = query.where(Call.site_id == site_id)
    with station.database.read() as session:
        return [call_view(call) for call in session.scalars(query)]


@router.get("/calls/{call_id}", responses=NOT_FOUND, **needs(Right.SEE))
def get_call(call_id: str, station: StationHere) -> CallView:
    """One call."""
    with station.database.read() as session:
        return call_view(_find(session, call_id))


@router.get("/sites/{site_id}/candidates", responses=NOT_FOUND, **needs(Right.COMMAND))
def list_candidates(
    site_id: str,
    station: StationHere,
    x: Metres,
    y: Metres,
    dog_id: Annotated[str | None, Query(alias="dogId")] = None,
) -> CandidatesView:
    """Which dogs could go to a place, and how soon each would be there; or why none can."""
    wish, why = asking.Wish(x, y, "", work=asking.work(True, DWELL_S), dog_id=dog_id), None
    with station.database.read() as session:
        site = find_site(session, site_id)
        to: Place | None = None
        nearest: Place | None = None
        try:
            to = asking.where_to_stand(station, site, wish)
        except asking.OutOfReach as error:
            why, nearest = str(error), error.nearest
        goal = to or nearest
        kinds = [action["type"] for action in wish.work]
        found = candidates(session, station, site, goal, kinds, utc_now()) if goal is not None else []
    dogs = [candidate_view(each) for each in found if dog_id in (None, each.dog_id)]
    return CandidatesView(to=_place(to), why=why, nearest=_place(nearest), dogs=dogs)


@router.post("/calls", status_code=201, responses=NOT_FOUND | UNREACHABLE, **needs(Right.COMMAND, once=True))
def ask_call(body: CallBody, user: CurrentUser, station: StationHere) -> CallView:
    """Have a place looked at: by the best dog, which is taken off its round and gets it back, or by a chosen one.

    Refused where no dog can get there, with the nearest place to which one can. A call that no dog can take now waits
    for a quarter of an hour and says for what; with a chosen dog it is refused.
    """
    wish = asking.Wish(
        body.x,
        body.y,
        body.reason,
        {"zh": body.name, "en": body.name} if body.name else None,
        asking.work(body.photo, body.dwell_s),
        body.dog_id,
        body.nearest,
    )
    try:
        with station.database.write() as session:
            site = find_site(session, body.site_id)
            call = asking.ask(session, station, site, wish, user.username, utc_now())
            if body.dog_id is not None:
                _check_chosen(session, station, site, call)
    except asking.OutOfReach as error:
        nearest = _place(error.nearest)
        raise Refusal(
            Problems.UNREACHABLE, str(error), nearest=nearest.model_dump(mode="json") if nearest else None
        ) from error
    except asking.NotNow as error:
        raise HTTPException(409, str(error)) from error
    return _begun(station, call)


@router.post("/calls/{call_id}/cancel", responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND, once=True))
def cancel_call(call_id: str, user: CurrentUser, station: StationHere) -> CallView:
    """Take a call back. Its dog stands, and has its round back."""
    changes = ChangeEvents()
    with station.database.write() as session:
        now = utc_now()
        call = _find(session, call_id)
        if call.status not in ALIVE:
            raise HTTPException(409, f"the call is {call.status} already")
        stop(session, call, None, user.username, now, changes)
    _carry_out(station, changes)
    return call_view(call)


@router.post(
    "/dogs/{dog_id}/go-home", status_code=201, responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND, once=True)
)
def go_home(dog_id: str, user: CurrentUser, station: StationHere) -> CallView:
    """Send a dog to a free dock. Its round ends."""
    changes = ChangeEvents()
    vehicle = find_vehicle(station, dog_id)
    with station.database.write() as session:
        now = utc_now()
        map_id = vehicle.position.map_id if vehicle.position is not None else None
        site = session.scalar(select(Site).where(Site.map_id == map_id))
        if site is None:
            raise HTTPException(409, f"{dog_id} does not know where it is")
        if not site.docks:
            raise HTTPException(409, "the site has no dock")
        if is_home(vehicle):
            raise HTTPException(409, f"{dog_id} is at its dock, and charges")
        there = call_of(session, dog_id)
        if there is not None and there.kind == CallKind.HOME:
            raise HTTPException(409, f"{dog_id} is on its way home")
        clear(session, vehicle, None, user.username, now, changes)
        call = send_home(session, vehicle, site, user.username, now, changes)
    return _begun(station, call, changes)


@router.get("/recalls", **needs(Right.SEE))
def list_recalls(station: StationHere) -> list[RecallView]:
    """The sites whose dogs are all called home now."""
    with station.database.read() as session:
        return [recall_view(each) for each in recalls_open(session)]


@router.post(
    "/sites/{site_id}/recall", status_code=201, responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND, once=True)
)
def recall_site(site_id: str, body: RecallBody, user: CurrentUser, station: StationHere) -> RecallView:
    """Call all dogs of a site home. Until it is released no round begins there, and no call is taken."""
    changes = ChangeEvents()
    with station.database.write() as session:
        now = utc_now()
        site = find_site(session, site_id)
        if recall_of(session, site_id) is not None:
            raise HTTPException(409, "all dogs of the site are called home already")
        made = recall(session, station, site, body.rounds, body.reason, user.username, now, changes)
    _carry_out(station, changes)
    return recall_view(made)


@router.post("/sites/{site_id}/release-recall", responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND, once=True))
def release_site(site_id: str, user: CurrentUser, station: StationHere) -> RecallView:
    """Let the dogs of a site out again: schedules go on, and rounds that were kept."""
    changes = ChangeEvents()
    with station.database.write() as session:
        now = utc_now()
        find_site(session, site_id)
        made = recall_of(session, site_id)
        if made is None:
            raise HTTPException(409, "the dogs of the site are not called home")
        release(session, made, user.username, now, changes)
    _carry_out(station, changes)
    return recall_view(made)


def _check_chosen(session: Session, station: Station, site: Site, call: Call) -> None:
    dog_id = call.chosen_dog or ""
    find_vehicle(station, dog_id)
    kinds = [action["type"] for action in call.work]
    found = candidates(session, station, site, (call.to_x, call.to_y), kinds, utc_now())
    dog = next((each for each in found if each.dog_id == dog_id), None)
    why = f"{dog_id} is not on the map {site.map_id!r}" if dog is None else dog.refusal
    if why is not None:
        raise asking.NotNow(why)


def _begun(station: Station, call: Call, changes: ChangeEvents | None = None) -> CallView:
    """Dispatch looks at it at once, and the answer shows what it saw."""
    _carry_out(station, changes or ChangeEvents.of(Call, call.call_id))
    with station.database.read() as session:
        return call_view(_find(session, call.call_id))


def _carry_out(station: Station, changes: ChangeEvents) -> None:
    station.tell(changes)
    station.hurry()
    station[CallDispatch].update()


def _find(session: Session, call_id: str) -> Call:
    call = session.get(Call, call_id)
    if call is None:
        raise HTTPException(404, f"there is no call {call_id!r}")
    return call


def _place(place: Place | None) -> PlaceView | None:
    return PlaceView(x=round(place[0], 2), y=round(place[1], 2)) if place is not None else None
