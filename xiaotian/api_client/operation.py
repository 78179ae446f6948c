"""The operations of the API that the client knows; a test holds each to the OpenAPI document."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

from xiaotian.api_client.models import (
    CallBody,
    CallView,
    CommentBody,
    Credentials,
    DogView,
    EvidenceView,
    HealthView,
    IncidentView,
    PatrolBody,
    PatrolPageView,
    PatrolView,
    ReasonBody,
    RouteBody,
    RouteView,
    ScheduleBody,
    ScheduleView,
    SessionView,
    SiteView,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """``path`` as the document has it, below ``/api/v1``; ``answer`` None where there is nothing to read in it.

    ``once``: it takes an idempotency key, under which it can be tried again.
    """

    method: str
    path: str
    answer: type[T]
    body: type[Struct] | None = None
    query: tuple[str, ...] = ()
    once: bool = False


NOTHING = type(None)

HEALTH = Operation("GET", "/health", HealthView)
SIGN_IN = Operation("POST", "/session", SessionView, Credentials)
SIGN_OUT = Operation("DELETE", "/session", NOTHING)

DOGS = Operation("GET", "/dogs", list[DogView])
STOP_DOG = Operation("POST", "/dogs/{dog_id}/emergency-stop", NOTHING)
RELEASE_DOG = Operation("POST", "/dogs/{dog_id}/release-emergency-stop", NOTHING, once=True)
CLEAR_FALL = Operation("POST", "/dogs/{dog_id}/clear-fall", NOTHING, once=True)
GO_HOME = Operation("POST", "/dogs/{dog_id}/go-home", CallView, once=True)

SITES = Operation("GET", "/sites", list[SiteView])
SITE = Operation("GET", "/sites/{site_id}", SiteView)

ROUTES = Operation("GET", "/routes", list[RouteView])
ROUTE = Operation("GET", "/routes/{route_id}", RouteView)
CREATE_ROUTE = Operation("POST", "/routes", RouteView, RouteBody, once=True)
REPLACE_ROUTE = Operation("PUT", "/routes/{route_id}", RouteView, RouteBody)
DELETE_ROUTE = Operation("DELETE", "/routes/{route_id}", NOTHING)

PATROLS = Operation("GET", "/patrols", list[PatrolView], query=("status", "dogId", "limit"))
PATROL = Operation("GET", "/patrols/{patrol_id}", PatrolView)
ASSIGN_PATROL = Operation("POST", "/patrols", PatrolView, PatrolBody, once=True)
CANCEL_PATROL = Operation("POST", "/patrols/{patrol_id}/cancel", PatrolView, once=True)
LEDGER = Operation(
    "GET",
    "/ledger/patrols",
    PatrolPageView,
    query=("dogId", "status", "cursor", "limit", "siteId", "since", "until"),
)

CALLS = Operation("GET", "/calls", list[CallView], query=("status", "siteId", "limit"))
CALL = Operation("GET", "/calls/{call_id}", CallView)
ASK_CALL = Operation("POST", "/calls", CallView, CallBody, once=True)
CANCEL_CALL = Operation("POST", "/calls/{call_id}/cancel", CallView, once=True)

INCIDENTS = Operation("GET", "/incidents", list[IncidentView], query=("status", "siteId", "limit"))
INCIDENT = Operation("GET", "/incidents/{incident_id}", IncidentView)
ACKNOWLEDGE = Operation("POST", "/incidents/{incident_id}/acknowledge", IncidentView, once=True)
RESOLVE = Operation("POST", "/incidents/{incident_id}/resolve", IncidentView, ReasonBody, once=True)
CALL_FALSE = Operation("POST", "/incidents/{incident_id}/false-alarm", IncidentView, ReasonBody, once=True)
REOPEN = Operation("POST", "/incidents/{incident_id}/reopen", IncidentView, ReasonBody, once=True)
COMMENT = Operation("POST", "/incidents/{incident_id}/comments", IncidentView, CommentBody, once=True)

EVIDENCE = Operation("GET", "/evidence", list[EvidenceView], query=("patrolId", "purpose", "limit"))

SCHEDULES = Operation("GET", "/schedules", list[ScheduleView])
SCHEDULE = Operation("GET", "/schedules/{schedule_id}", ScheduleView)
CREATE_SCHEDULE = Operation("POST", "/schedules", ScheduleView, ScheduleBody, once=True)
REPLACE_SCHEDULE = Operation("PUT", "/schedules/{schedule_id}", ScheduleView, ScheduleBody)
DELETE_SCHEDULE = Operation("DELETE", "/schedules/{schedule_id}", NOTHING)
