"""What the API takes and answers. Written by tools/client_models.py from the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType, field


class ActionStatus(StrEnum):
    """
    The life of an action; FINISHED and FAILED are its ends.

    PAUSED stands in the standard's text (6.11) and not in its schema's list; where they differ the text binds (6).
    """

    WAITING = "WAITING"
    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"


class ActionType(StrEnum):
    """
    What a dog can be told to do at a stop.
    """

    TAKE_PHOTO = "takePhoto"
    DWELL = "dwell"
    COMPARE_TO_REFERENCE = "compareToReference"
    LOOK_AROUND = "lookAround"


class BlockedPolicy(StrEnum):
    """
    What a vehicle does when it cannot get to a node.
    """

    SKIP = "skip"
    WAIT = "wait"
    HOME = "home"


class CallBody(Struct, kw_only=True):
    """
    A place to be looked at, and why. Metres in the frame ``map``.

    With ``dogId`` that dog goes, and no other. ``nearest``: where the place cannot be reached, the nearest that can
    will do; without it such a call is refused.
    """

    reason: str
    site_id: str = field(name="siteId")
    x: float
    y: float
    dog_id: str | UnsetType | None = field(name="dogId", default=UNSET)
    dwell_s: float | UnsetType = field(name="dwellS", default=UNSET)
    name: str | UnsetType | None = UNSET
    nearest: bool | UnsetType = UNSET
    photo: bool | UnsetType = UNSET


class CallKind(StrEnum):
    """
    LOOK: at a place. HOME: to a dock.
    """

    LOOK = "LOOK"
    HOME = "HOME"


class CallStatus(StrEnum):
    """
    ASKED until a dog has the order, ON_THE_WAY until it is THERE and works, then one of the ends.
    """

    ASKED = "ASKED"
    ON_THE_WAY = "ON_THE_WAY"
    THERE = "THERE"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class CheckpointStatus(StrEnum):
    """
    PENDING, then REACHED when the dog is there, then DONE or FAILED by what came of the work; or SKIPPED.
    """

    PENDING = "PENDING"
    REACHED = "REACHED"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class CommentBody(Struct, kw_only=True):
    """
    What is to be said of it; it goes when the incident goes.
    """

    text: str


class CovarianceView(Struct, kw_only=True):
    """
    Square metres along the map's axes.
    """

    xx: float
    xy: float
    yy: float


class Credentials(Struct, kw_only=True):
    """
    A name and a password.
    """

    password: str
    username: str


class DriverView(Struct, kw_only=True):
    """
    Who has a dog in hand, and who has asked them for it.
    """

    asked_by: str | None = field(name="askedBy")
    since: datetime
    username: str


class ErrorReferenceView(Struct, kw_only=True):
    """
    What an error is about.
    """

    reference_key: str = field(name="referenceKey")
    reference_value: str = field(name="referenceValue")


class ErrorView(Struct, kw_only=True):
    """
    An error as VDA 5050 has it.
    """

    error_description: str | None = field(name="errorDescription")
    error_hint: str | None = field(name="errorHint")
    error_level: str = field(name="errorLevel")
    error_references: list[ErrorReferenceView] = field(name="errorReferences")
    error_type: str = field(name="errorType")


class EvidenceView(Struct, kw_only=True):
    """
    A picture, clip or recording, by ``mediaType``. ``capturedAt`` is by the dog's clock, of the first frame;
    ``contentUrl`` is None until the bytes are whole, ``originalUrl`` where no sealed original is here.
    """

    action_id: str | None = field(name="actionId")
    anomaly_id: str | None = field(name="anomalyId")
    captured_at: datetime = field(name="capturedAt")
    content_url: str | None = field(name="contentUrl")
    dog_id: str = field(name="dogId")
    duration_s: float | None = field(name="durationS")
    evidence_id: str = field(name="evidenceId")
    media_type: str = field(name="mediaType")
    node_id: str | None = field(name="nodeId")
    order_id: str | None = field(name="orderId")
    original_url: str | None = field(name="originalUrl")
    patrol_id: str | None = field(name="patrolId")
    purpose: str
    received_at: datetime = field(name="receivedAt")
    size_bytes: int = field(name="sizeBytes")


class GeodeticView(Struct, kw_only=True):
    """
    Where the map's origin lies (WGS 84), and where its y axis points, clockwise from north.
    """

    heading_deg: float = field(name="headingDeg")
    latitude_deg: float = field(name="latitudeDeg")
    longitude_deg: float = field(name="longitudeDeg")


class HealthView(Struct, kw_only=True):
    """
    Whether the server lives, and what it is connected to.

    ``status`` is ``ok``, or ``trouble`` where one of its threads is not at work; ``broker`` is ``connected`` only while
    what dogs say is heard. Counted since the start: messages not understood (``malformed``), understood and not taken
    (``refused``), kept out by a fault of the server's own (``failures``), and threads that had to be started again.
    """

    broker: str
    failures: int
    malformed: int
    refused: int
    restarts: int
    status: str
    version: str


class HoursView(Struct, kw_only=True):
    """
    From one time of day to another, HH:MM in the site's time zone.
    """

    end: str
    start: str


class IncidentStatus(StrEnum):
    """
    OPEN until somebody says that they have seen it; at its end it was right (RESOLVED), or a FALSE_ALARM.
    """

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DISPATCHED = "DISPATCHED"
    RESOLVED = "RESOLVED"
    FALSE_ALARM = "FALSE_ALARM"


class LinkLossPolicy(StrEnum):
    """
    What a vehicle does without its station.
    """

    CARRY_ON = "carryOn"
    CARRY_ON_THEN_HOME = "carryOnThenHome"
    HOME = "home"
    STAND = "stand"


class LinkQuality(StrEnum):
    """
    ``WEAK``: heard, with a silence in the last minute. ``LOST``: not live.
    """

    GOOD = "GOOD"
    WEAK = "WEAK"
    LOST = "LOST"


class LowBatteryPolicy(StrEnum):
    """
    What a vehicle does with its order when it has to charge.
    """

    RESUME = "resume"
    END = "end"


class MisreadView(Struct, kw_only=True):
    """
    What of a vehicle's messages was not understood since the server started: how many, and of the first why.
    """

    count: int
    first_at: datetime = field(name="firstAt")
    last_at: datetime = field(name="lastAt")
    reason: str
    topic: str


class MissedPolicy(StrEnum):
    """
    SKIP it; begin it LATE, up to so many minutes; or try UNTIL_NEXT of the same schedule is due.
    """

    SKIP = "skip"
    LATE = "late"
    UNTIL_NEXT = "untilNext"


class MissedView(Struct, kw_only=True):
    """
    What becomes of a round that no dog can begin.
    """

    minutes: float | None
    policy: MissedPolicy


class OnBlockedBody(Struct, kw_only=True):
    """
    What the dog does when it cannot get to a stop; ``tries`` belong to ``skip`` and ``home``, and only there.
    """

    policy: BlockedPolicy
    tries: int | UnsetType | None = UNSET


class OnBlockedView(Struct, kw_only=True):
    """
    What the dog does when it cannot get to a stop.
    """

    policy: BlockedPolicy
    tries: int | None


class OnLinkLossBody(Struct, kw_only=True):
    """
    What the dog does when the station is out of reach; ``minutes`` belong to ``carryOnThenHome``, and only there.
    """

    policy: LinkLossPolicy
    minutes: float | UnsetType | None = UNSET


class OnLinkLossView(Struct, kw_only=True):
    """
    What the dog does when the station is out of reach.
    """

    minutes: float | None
    policy: LinkLossPolicy


class OnLowBatteryBody(Struct, kw_only=True):
    """
    What becomes of the round when the dog has to charge.
    """

    policy: LowBatteryPolicy


class OnLowBatteryView(Struct, kw_only=True):
    """
    What becomes of the round when the dog has to charge.
    """

    policy: LowBatteryPolicy


class PatrolBody(Struct, kw_only=True):
    """
    Which route, and which dog; ``reduced``: without the work that this vehicle cannot do, rather than not at all.
    """

    dog_id: str = field(name="dogId")
    route_id: str = field(name="routeId")
    reduced: bool | UnsetType = UNSET


class PatrolStatus(StrEnum):
    """
    SENT until the dog echoes the order, ACTIVE until it ends in one of the other ways.

    INTERRUPTED: its dog was taken off it for something else, and gets the rest of it back.
    """

    SENT = "SENT"
    ACTIVE = "ACTIVE"
    INTERRUPTED = "INTERRUPTED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"
    REJECTED = "REJECTED"


class PointView(Struct, kw_only=True):
    """
    Metres in the frame ``map``.
    """

    x: float
    y: float


class PoseView(Struct, kw_only=True):
    """
    Metres and radians in the frame ``map``.
    """

    theta: float
    x: float
    y: float


class PositionView(Struct, kw_only=True):
    """
    Metres and radians on the map ``mapId``.
    """

    map_id: str = field(name="mapId")
    theta: float
    x: float
    y: float


class PromiseBody(Struct, kw_only=True):
    """
    Each checkpoint of the route at least ``everyMinutes`` so often, from when the rule says until ``ends``.
    """

    ends: time
    every_minutes: float = field(name="everyMinutes")


class PromiseView(Struct, kw_only=True):
    """
    Each checkpoint at least so often, until then.
    """

    ends: str
    every_minutes: float = field(name="everyMinutes")


class ReasonBody(Struct, kw_only=True):
    """
    Why: what was found there.
    """

    reason: str


class Right(StrEnum):
    """
    What a route may need.
    """

    SEE = "see"
    LOOK = "look"
    WATCH = "watch"
    ACKNOWLEDGE = "acknowledge"
    COMMAND = "command"
    OVERRULE = "overrule"
    PLAN = "plan"
    ORIGINALS = "originals"
    EXPORT = "export"
    AUDIT = "audit"
    ENROL = "enrol"
    ACCOUNTS = "accounts"


class SentenceView(Struct, kw_only=True):
    """
    A sentence that a dog was asked to speak: RUNNING, FINISHED or FAILED, and in a word what came of it.
    """

    result: str
    sentence_id: str = field(name="sentenceId")
    status: ActionStatus


class SessionView(Struct, kw_only=True):
    """
    Who is signed in, and what they may do. ``simulated``: this station's world is a simulator's.

    ``watchReason``: who watches a dog's camera is asked what for. ``byOpenId``: the provider has a session too.
    """

    by_open_id: bool = field(name="byOpenId")
    rights: list[Right]
    role: str
    simulated: bool
    username: str
    watch_reason: bool = field(name="watchReason")


class Severity(StrEnum):
    """
    HIGH: somebody may need help at once.
    """

    NORMAL = "NORMAL"
    HIGH = "HIGH"


class SiteSentenceView(Struct, kw_only=True):
    """
    What operators have dogs speak there; null in a language in which it is not spoken.
    """

    en: str | None
    zh: str | None


Seconds: TypeAlias = Annotated[float, Meta(gt=0.0)]


class StopActionBody(Struct, kw_only=True):
    """
    Work at a stop; ``seconds`` belongs to ``dwell``, and only there.
    """

    type: ActionType
    seconds: Seconds | UnsetType | None = UNSET


class StopActionView(Struct, kw_only=True):
    """
    Work at a stop.
    """

    seconds: float | None
    type: str


class StopBody(Struct, kw_only=True):
    """
    A checkpoint and the work there; ``onBlocked`` where it is another than the route's.

    ``theta`` is the way the dog looks at this stop, where it is another than the checkpoint's: radians, counter-
    clockwise from the map's x axis, within a turn either way.
    """

    checkpoint_id: str = field(name="checkpointId")
    actions: list[StopActionBody] | UnsetType = UNSET
    on_blocked: OnBlockedBody | UnsetType | None = field(name="onBlocked", default=UNSET)
    theta: float | UnsetType | None = UNSET


class StopRequestView(Struct, kw_only=True):
    """
    An emergency stop, or a release from one, that was asked for and is not confirmed.
    """

    by: str
    since: datetime
    stop: bool


class StopView(Struct, kw_only=True):
    """
    A checkpoint and the work there; ``theta`` (radians) where the dog looks another way than the checkpoint's,
    ``onBlocked`` where it is another than the route's.
    """

    actions: list[StopActionView]
    checkpoint_id: str = field(name="checkpointId")
    on_blocked: OnBlockedView | None = field(name="onBlocked")
    theta: float | None


class TextBody(Struct, kw_only=True):
    """
    A name in both languages, neither empty.
    """

    en: str
    zh: str


class TextView(Struct, kw_only=True):
    """
    A name in both languages.
    """

    en: str
    zh: str


class VelocityView(Struct, kw_only=True):
    """
    Metres and radians a second in the dog's own frame.
    """

    omega: float | None
    vx: float | None
    vy: float | None


class WatcherView(Struct, kw_only=True):
    """
    Who watches a dog's camera, since when, and what for.
    """

    reason: str
    since: datetime
    username: str


class ZoneView(Struct, kw_only=True):
    """
    A polygon with a purpose.
    """

    hours: list[HoursView] | None
    kind: str
    max_speed: float | None = field(name="maxSpeed")
    name: TextView
    polygon: list[PointView]
    rules: dict[str, dict[str, int | float]] | None
    zone_id: str = field(name="zoneId")


class FleetServerCallsViewsPlaceView(Struct, kw_only=True):
    """
    Metres in the frame ``map``.
    """

    x: float
    y: float


class FleetServerIncidentsViewsPlaceView(Struct, kw_only=True):
    """
    Metres in the frame ``map``; ``deviation`` is one standard deviation. Null: the dog did not say.
    """

    covariance: CovarianceView | None
    deviation: float | None
    x: float
    y: float


class CallView(Struct, kw_only=True):
    """
    A call. ``place`` is what it is about, ``to`` where the dog stands; ``why`` what it waits for, or its end.
    """

    asked_at: datetime = field(name="askedAt")
    asked_by: str = field(name="askedBy")
    call_id: str = field(name="callId")
    chosen_dog: str | None = field(name="chosenDog")
    dog_id: str | None = field(name="dogId")
    ended_at: datetime | None = field(name="endedAt")
    kind: CallKind
    name: TextView
    patrol_id: str | None = field(name="patrolId")
    place: FleetServerCallsViewsPlaceView
    reason: str | None
    recall_id: str | None = field(name="recallId")
    sent_at: datetime | None = field(name="sentAt")
    site_id: str = field(name="siteId")
    status: CallStatus
    there_at: datetime | None = field(name="thereAt")
    to: FleetServerCallsViewsPlaceView
    why: str | None


class CheckpointView(Struct, kw_only=True):
    """
    A place to be looked at.
    """

    checkpoint_id: str = field(name="checkpointId")
    name: TextView
    pose: PoseView


class DockView(Struct, kw_only=True):
    """
    A place to charge.
    """

    dock_id: str = field(name="dockId")
    name: TextView
    pose: PoseView


class DogView(Struct, kw_only=True):
    """
    A dog, or another vehicle. ``notLiveSince`` is when it was last heard, if it is not live; charge in percent.

    ``clockSkewS``: by how many seconds its clock is ahead of the station's (behind: negative), null until measured.

    ``linkQuality``: ``WEAK`` while it is live and was not heard for ``longestSilenceS`` seconds on end within the last
    minute, 3 at least and four times what its factsheet promises between messages; ``LOST``: not live.

    ``halfBlind``: it says that it has no sensor for what is low. ``recharging``: its order waits until it has charged.

    ``steppingAside``: what it does, without an order to walk, about somebody who comes straight at it: it makes room
    (``MAKING_ROOM``), cannot and stands (``UNAVOIDABLE``), goes back to where it stood (``RETURNING``) or did not get
    there (``NOT_RETURNED``); null otherwise.

    ``extensions``: whether it can all that our own dogs can at a checkpoint; ``actions`` what it can there. Both are
    null until its factsheet came. ``version`` is that of the standard which it says of itself.

    ``misread`` is null while all that it says is understood. A vehicle of which nothing was understood yet has the
    connection ``MISREAD``. ``loosely`` is what it writes not to the letter, and was taken nevertheless.

    ``emergencyStop`` is what the dog confirms; ``stopRequest`` what was asked of it and it has not confirmed yet.
    ``remoteStop``: whether it can be stopped from here; null until its factsheet came. ``drivable``: whether it can be
    driven by hand; ``driver`` is who does. One in operatingMode MANUAL without a driver stands, and waits for a person.

    ``cameraStream``: whether its camera can be watched, live; null until its factsheet came. ``watchers`` do so now.

    ``speaks``: whether it can speak a sentence; null until its factsheet came. ``sentences`` are the last that it was
    asked to speak, the newest last.
    """

    actions: list[str] | None
    activity: str | None
    battery_charge: float | None = field(name="batteryCharge")
    camera_stream: bool | None = field(name="cameraStream")
    charging: bool | None
    clock_skew_s: float | None = field(name="clockSkewS")
    connection: str
    detector: str | None
    dog_id: str = field(name="dogId")
    drivable: bool | None
    driver: DriverView | None
    driving: bool | None
    emergency_stop: str | None = field(name="emergencyStop")
    errors: list[ErrorView]
    extensions: bool | None
    half_blind: bool = field(name="halfBlind")
    last_node_id: str | None = field(name="lastNodeId")
    last_seen: datetime = field(name="lastSeen")
    link_quality: LinkQuality = field(name="linkQuality")
    live: bool
    longest_silence_s: int | None = field(name="longestSilenceS")
    loosely: list[str]
    manufacturer: str
    misread: MisreadView | None
    not_live_since: datetime | None = field(name="notLiveSince")
    operating_mode: str | None = field(name="operatingMode")
    order_id: str | None = field(name="orderId")
    patrol_id: str | None = field(name="patrolId")
    paused: bool | None
    position: PositionView | None
    recharging: bool
    remote_stop: bool | None = field(name="remoteStop")
    sentences: list[SentenceView]
    speaks: bool | None
    stepping_aside: str | None = field(name="steppingAside")
    stop_request: StopRequestView | None = field(name="stopRequest")
    velocity: VelocityView | None
    version: str | None
    watchers: list[WatcherView]


class IncidentView(Struct, kw_only=True):
    """
    An incident. ``firstSeen``, ``lastSeen`` and ``frameStamp`` are by the dog's clock, ``receivedAt`` by ours.

    ``answer`` is the reason of a RESOLVED or FALSE_ALARM, or who was DISPATCHED.
    ``checkpointId`` is the nearest checkpoint within 15 m, of the site as it is now.
    ``originalUrl`` is where the sealed original of the picture is asked for; null: there is none.
    ``observedAt`` is ``frameStamp`` by our clock: less what the dog's was ahead (``clockSkewS``), where that is known.
    """

    acknowledged_at: datetime | None = field(name="acknowledgedAt")
    acknowledged_by: str | None = field(name="acknowledgedBy")
    answer: str | None
    answered_at: datetime | None = field(name="answeredAt")
    answered_by: str | None = field(name="answeredBy")
    assigned_to: str | None = field(name="assignedTo")
    checkpoint_id: str | None = field(name="checkpointId")
    clip_url: str | None = field(name="clipUrl")
    clock_skew_s: float | None = field(name="clockSkewS")
    detector: str
    dog_id: str = field(name="dogId")
    escalated_at: datetime | None = field(name="escalatedAt")
    first_seen: datetime = field(name="firstSeen")
    frame_stamp: datetime = field(name="frameStamp")
    incident_id: str = field(name="incidentId")
    kind: str
    last_seen: datetime = field(name="lastSeen")
    note: str | None
    observed_at: datetime = field(name="observedAt")
    original_url: str | None = field(name="originalUrl")
    patrol_id: str | None = field(name="patrolId")
    picture_url: str | None = field(name="pictureUrl")
    position: FleetServerIncidentsViewsPlaceView
    reason: TextView | None
    received_at: datetime = field(name="receivedAt")
    recording_url: str | None = field(name="recordingUrl")
    score: float
    severity: Severity
    sightings: int
    site_id: str = field(name="siteId")
    status: IncidentStatus
    version: str
    weights_sha256: str | None = field(name="weightsSha256")
    zone_id: str | None = field(name="zoneId")
    zone_name: TextView | None = field(name="zoneName")


class MapView(Struct, kw_only=True):
    """
    The map's picture and where it lies; resolution in metres a pixel, origin at the lower left corner.
    """

    height: int
    map_id: str = field(name="mapId")
    origin: PoseView
    resolution: float
    url: str
    width: int


class MissedBody(Struct, kw_only=True):
    """
    What becomes of a round that no dog can begin; ``minutes`` belong to ``late``, and only there.
    """

    policy: MissedPolicy
    minutes: float | UnsetType | None = UNSET


class PatrolCheckpointView(Struct, kw_only=True):
    """
    A checkpoint of the patrol; ``reason`` is why it was SKIPPED, or what its dog waited for on the way.
    """

    checkpoint_id: str = field(name="checkpointId")
    name: TextView
    reached_at: datetime | None = field(name="reachedAt")
    reason: str | None
    status: CheckpointStatus


class PatrolLineView(Struct, kw_only=True):
    """
    A patrol in the ledger. ``walkedM`` and ``chargeUsedPct`` are null where its way was not heard of.
    """

    assigned_by: str = field(name="assignedBy")
    began_at: datetime = field(name="beganAt")
    charge_used_pct: float | None = field(name="chargeUsedPct")
    checkpoints: int
    dog_id: str = field(name="dogId")
    ended_at: datetime | None = field(name="endedAt")
    failed: int
    incidents: int
    late: int
    patrol_id: str = field(name="patrolId")
    planned_m: float = field(name="plannedM")
    reached: int
    reason: str | None
    route_id: str = field(name="routeId")
    route_name: TextView = field(name="routeName")
    seconds: int
    skipped: int
    status: PatrolStatus
    walked_m: float | None = field(name="walkedM")


class PatrolPageView(Struct, kw_only=True):
    """
    Patrols, newest first; ``next`` is the ``cursor`` of the page after this, null at the end.
    """

    next: str | None
    patrols: list[PatrolLineView]


class PlaceWaitView(Struct, kw_only=True):
    """
    A narrow place for which the dog waits in the open: metres in the frame ``map``, the nearest place of the site
    that has a name, the dog that stands in it or has the right of way, and since when it waits.
    """

    held_by: str = field(name="heldBy")
    near: TextView | None
    since: datetime
    x: float
    y: float


class RouteBody(Struct, kw_only=True):
    """
    A route as an operator makes it.

    Without ``onLinkLoss`` a new route carries on for 30 minutes and then goes home; without ``onBlocked`` a stop that
    cannot be reached is left out after two tries; without ``onLowBattery`` the round goes on after charging. One that
    is changed stays as it is. They are told to vehicles alone whose factsheet offers them.
    """

    name: TextBody
    site_id: str = field(name="siteId")
    stops: list[StopBody]
    on_blocked: OnBlockedBody | UnsetType | None = field(name="onBlocked", default=UNSET)
    on_link_loss: OnLinkLossBody | UnsetType | None = field(name="onLinkLoss", default=UNSET)
    on_low_battery: OnLowBatteryBody | UnsetType | None = field(name="onLowBattery", default=UNSET)


class RouteView(Struct, kw_only=True):
    """
    A route.
    """

    name: TextView
    on_blocked: OnBlockedView = field(name="onBlocked")
    on_link_loss: OnLinkLossView = field(name="onLinkLoss")
    on_low_battery: OnLowBatteryView = field(name="onLowBattery")
    route_id: str = field(name="routeId")
    site_id: str = field(name="siteId")
    stops: list[StopView]
    version: str


class ScheduleBody(Struct, kw_only=True):
    """
    A schedule as an operator makes it.

    ``rule`` is a recurrence rule of RFC 5545, ``start`` its first time by the site's own clock, ``butNot`` are days on
    which nothing is due. Without ``promise`` one round is due at each; with it each is the beginning of a window.
    ``dogs`` may walk the rounds, any if empty.
    """

    name: TextBody
    route_id: str = field(name="routeId")
    rule: str
    start: datetime
    but_not: list[date] | UnsetType = field(name="butNot", default=UNSET)
    dogs: list[str] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    missed: MissedBody | UnsetType = UNSET
    promise: PromiseBody | UnsetType | None = UNSET


class ScheduleView(Struct, kw_only=True):
    """
    A schedule; ``nextAt`` is when its next round is due.
    """

    but_not: list[date] = field(name="butNot")
    dogs: list[str]
    enabled: bool
    missed: MissedView
    name: TextView
    next_at: datetime | None = field(name="nextAt")
    promise: PromiseView | None
    route_id: str = field(name="routeId")
    rule: str
    schedule_id: str = field(name="scheduleId")
    start: datetime
    version: str


class SiteView(Struct, kw_only=True):
    """
    A site. ``evidenceKey``: to whom its dogs seal originals (32 bytes in base64), ``evidenceKeyId``: by which that
    key is told from others; null: no original is kept.
    """

    checkpoints: list[CheckpointView]
    docks: list[DockView]
    evidence_key: str | None = field(name="evidenceKey")
    evidence_key_id: str | None = field(name="evidenceKeyId")
    map: MapView
    name: TextView
    origin: GeodeticView
    sentences: list[SiteSentenceView]
    site_id: str = field(name="siteId")
    timezone: str
    version: int
    zones: list[ZoneView]


class PatrolView(Struct, kw_only=True):
    """
    A patrol; ``live`` is whether its dog is. Progress 0 to 1; all times are the server's.

    ``callId``: it is no round but the way of that call. ``interruptedFor``: the call, or the calling home of all dogs,
    for which its dog is taken off it.
    """

    assigned_by: str = field(name="assignedBy")
    call_id: str | None = field(name="callId")
    cancel_requested: bool = field(name="cancelRequested")
    canceled_by: str | None = field(name="canceledBy")
    checkpoints: list[PatrolCheckpointView]
    created_at: datetime = field(name="createdAt")
    dog_id: str = field(name="dogId")
    ended_at: datetime | None = field(name="endedAt")
    interrupted_for: str | None = field(name="interruptedFor")
    live: bool
    order_id: str = field(name="orderId")
    patrol_id: str = field(name="patrolId")
    progress: float
    reason: str | None
    route_id: str = field(name="routeId")
    route_name: TextView = field(name="routeName")
    site_id: str = field(name="siteId")
    started_at: datetime | None = field(name="startedAt")
    status: PatrolStatus
    waits_for: PlaceWaitView | None = field(name="waitsFor")
