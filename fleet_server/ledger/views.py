"""The ledger as the API shows it. Metres, seconds and percent of charge; times are the server's."""

from datetime import datetime

from fleet_server.core.api_schema import TextView, View
from fleet_server.ledger.coverage import Watched
from fleet_server.patrols.tables import CheckpointStatus, PatrolStatus
from fleet_server.schedules.round_outcome import Outcome


class PatrolLineView(View):
    """A patrol in the ledger. ``walkedM`` and ``chargeUsedPct`` are null where its way was not heard of."""

    patrol_id: str
    route_id: str
    route_name: TextView
    dog_id: str
    status: PatrolStatus
    began_at: datetime
    ended_at: datetime | None
    seconds: int
    planned_m: float
    walked_m: float | None
    charge_used_pct: float | None
    checkpoints: int
    reached: int
    late: int
    skipped: int
    failed: int
    incidents: int
    assigned_by: str
    reason: str | None


class PatrolPageView(View):
    """Patrols, newest first; ``next`` is the ``cursor`` of the page after this, null at the end."""

    patrols: list[PatrolLineView]
    next: str | None


class VisitView(View):
    """A checkpoint of the patrol; ``late``: by more than two minutes and half of what was planned until there."""

    checkpoint_id: str
    name: TextView
    status: CheckpointStatus
    planned_at: datetime | None
    reached_at: datetime | None
    late: bool
    reason: str | None


class TrackPointView(View):
    """Where the dog was, ``t`` seconds after the patrol was given."""

    t: float
    x: float
    y: float
    charge: float


class PlannedPointView(View):
    """A node of the order."""

    x: float
    y: float


class PatrolIncidentView(View):
    """An incident that the patrol's dog saw on it, ``t`` seconds after the patrol was given."""

    incident_id: str
    kind: str
    status: str
    t: float
    x: float
    y: float


class PatrolAccountView(View):
    """A patrol with its planned and its walked path, all that is needed to play it again."""

    patrol: PatrolLineView
    given_at: datetime
    planned: list[PlannedPointView]
    walked: list[TrackPointView]
    visits: list[VisitView]
    incidents: list[PatrolIncidentView]


class DogSumsView(View):
    """What a dog did; ``open`` patrols are on their way."""

    dog_id: str
    patrols: int
    completed: int
    open: int
    seconds: int
    walked_m: float
    charge_used_pct: float
    checkpoints: int
    reached: int
    late: int
    skipped: int
    failed: int


class IncidentSumsView(View):
    """Incidents of a kind; ``answeredS`` and ``slowestS``: how long until somebody acknowledged them."""

    kind: str
    incidents: int
    open: int
    false_alarms: int
    acknowledged: int
    answered_s: float | None
    slowest_s: float | None


class PromiseKeptView(View):
    """The share of places and time in which a promise held, how often it did not, and by how much at worst."""

    every_s: int
    kept: float
    breaches: int
    longest_s: float


class ReasonView(View):
    """Why rounds were missed or not finished, and how many."""

    reason: str
    rounds: int


class ComplianceView(View):
    """A schedule's rounds that were due in the span."""

    schedule_id: str
    name: TextView
    outcomes: dict[Outcome, int]
    reasons: list[ReasonView]
    promise: PromiseKeptView | None


class WatchedView(View):
    """How often visited, and how long since the last visit, on average over all moments and at worst."""

    visits: int
    mean_s: float | None
    worst_s: float | None


class PlaceWatchedView(WatchedView):
    """A checkpoint that the site has now."""

    checkpoint_id: str


class SummaryView(View):
    """The ledger's figures of a span."""

    dogs: list[DogSumsView]
    incidents: list[IncidentSumsView]
    rounds: list[ComplianceView]
    watched: WatchedView


class CellView(View):
    """A square metre of the map, by its lower left corner, and how many patrols came through it."""

    x: int
    y: int
    patrols: int


class CoverageView(View):
    """By place, by hour of the day (0 to 23 on the site's clock), and where dogs walked.

    ``cells`` are of the latest ``tracks`` of all ``patrols`` that have a track.
    """

    whole: WatchedView
    places: list[PlaceWatchedView]
    hours: list[WatchedView]
    cells: list[CellView]
    tracks: int
    patrols: int


def watched_view(watched: Watched) -> WatchedView:
    """As the API shows it."""
    return WatchedView(visits=watched.visits, mean_s=watched.mean_s, worst_s=watched.worst_s)
