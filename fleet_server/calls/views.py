"""Calls as the API takes and shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, FiniteFloat, StringConstraints

from fleet_server.calls.choice import Candidate
from fleet_server.calls.tables import Call, CallKind, CallStatus, Recall, RecallRounds
from fleet_server.calls.way_order import name_of
from fleet_server.core.api_schema import Body, DogId, Id, Name, Problem, TextView, View

Metres = Annotated[FiniteFloat, Field(ge=-1e6, le=1e6)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
DWELL_S = 10.0
LONGEST_DWELL_S = 600.0


class CallBody(Body):
    """A place to be looked at, and why. Metres in the frame ``map``.

    With ``dogId`` that dog goes, and no other. ``nearest``: where the place cannot be reached, the nearest that can
    will do; without it such a call is refused.
    """

    site_id: Id
    x: Metres
    y: Metres
    reason: Reason
    name: Name | None = None
    dog_id: DogId | None = None
    nearest: bool = False
    photo: bool = True
    dwell_s: Annotated[FiniteFloat, Field(ge=0, le=LONGEST_DWELL_S)] = DWELL_S


class RecallBody(Body):
    """What becomes of the rounds of dogs that are called home, and why they are."""

    rounds: RecallRounds
    reason: Reason | None = None


class PlaceView(View):
    """Metres in the frame ``map``."""

    x: float
    y: float


class PlaceProblem(Problem):
    """``nearest``: of a place that cannot be reached, the nearest that can."""

    nearest: PlaceView | None = None


class CallView(View):
    """A call. ``place`` is what it is about, ``to`` where the dog stands; ``why`` what it waits for, or its end."""

    call_id: str
    kind: CallKind
    status: CallStatus
    site_id: str
    name: TextView
    reason: str | None
    place: PlaceView
    to: PlaceView
    asked_at: datetime
    asked_by: str
    chosen_dog: str | None
    dog_id: str | None
    patrol_id: str | None
    recall_id: str | None
    sent_at: datetime | None
    there_at: datetime | None
    ended_at: datetime | None
    why: str | None


class CandidateView(View):
    """A dog that could go, or ``refusal``: why it cannot. ``interrupts``: the patrol off which it would be taken."""

    dog_id: str
    refusal: str | None
    metres: float | None
    seconds: float | None
    interrupts: str | None
    looks: bool


class CandidatesView(View):
    """Where a dog would stand, and who would go, the best first. Without ``to`` it cannot be reached: ``why`` not."""

    to: PlaceView | None
    why: str | None
    nearest: PlaceView | None
    dogs: list[CandidateView]


class RecallView(View):
    """All dogs of a site are called home, until it is released."""

    recall_id: str
    site_id: str
    rounds: RecallRounds
    reason: str | None
    begun_at: datetime
    begun_by: str
    released_at: datetime | None
    released_by: str | None


def call_view(call: Call) -> CallView:
    """The row as the API shows it."""
    return CallView(
        call_id=call.call_id,
        kind=CallKind(call.kind),
        status=CallStatus(call.status),
        site_id=call.site_id,
        name=TextView.model_validate(name_of(call)),
        reason=call.reason,
        place=PlaceView(x=call.x, y=call.y),
        to=PlaceView(x=call.to_x, y=call.to_y),
        asked_at=call.asked_at,
        asked_by=call.asked_by,
        chosen_dog=call.chosen_dog,
        dog_id=call.dog_id,
        patrol_id=call.patrol_id,
        recall_id=call.recall_id,
        sent_at=call.sent_at,
        there_at=call.there_at,
        ended_at=call.ended_at,
        why=call.why,
    )


def candidate_view(candidate: Candidate) -> CandidateView:
    """A candidate as the API shows it."""
    can = candidate.refusal is None
    return CandidateView(
        dog_id=candidate.dog_id,
        refusal=candidate.refusal,
        metres=round(candidate.metres, 1) if can else None,
        seconds=round(candidate.seconds) if can else None,
        interrupts=candidate.on_round,
        looks=candidate.looks,
    )


def recall_view(recall: Recall) -> RecallView:
    """The row as the API shows it."""
    return RecallView(
        recall_id=recall.recall_id,
        site_id=recall.site_id,
        rounds=RecallRounds(recall.rounds),
        reason=recall.reason,
        begun_at=recall.begun_at,
        begun_by=recall.begun_by,
        released_at=recall.released_at,
        released_by=recall.released_by,
    )
