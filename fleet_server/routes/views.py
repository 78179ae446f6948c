"""Routes as the API shows and takes them."""

import math
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from fleet_server.core.api_schema import Body, Id, TextBody, TextView, View
from fleet_server.core.versions import version_of
from fleet_server.routes.tables import Route, RouteContent, RouteVersion
from protocol.on_blocked import MOST_TRIES, BlockedPolicy
from protocol.on_link_loss import MOST_MINUTES, LinkLossPolicy
from protocol.on_low_battery import LowBatteryPolicy

DEFAULT_MINUTES = 30.0
DEFAULT_TRIES = 2


class ActionType(StrEnum):
    """What a dog can be told to do at a stop."""

    TAKE_PHOTO = "takePhoto"
    DWELL = "dwell"
    COMPARE = "compareToReference"
    LOOK_AROUND = "lookAround"


class StopActionBody(Body):
    """Work at a stop; ``seconds`` belongs to ``dwell``, and only there."""

    type: ActionType
    seconds: Annotated[float | None, Field(gt=0, le=3600)] = None

    @model_validator(mode="after")
    def _seconds_are_for_dwell(self) -> "StopActionBody":
        if (self.type is ActionType.DWELL) != (self.seconds is not None):
            raise ValueError("dwell needs seconds, and nothing else takes any")
        return self


class OnBlockedBody(Body):
    """What the dog does when it cannot get to a stop; ``tries`` belong to ``skip`` and ``home``, and only there."""

    policy: BlockedPolicy
    tries: Annotated[int | None, Field(ge=1, le=MOST_TRIES)] = None

    @model_validator(mode="after")
    def _tries_are_for_an_end(self) -> "OnBlockedBody":
        if (self.policy is not BlockedPolicy.WAIT) != (self.tries is not None):
            raise ValueError("skip and home need tries, and wait takes none")
        return self


DEFAULT_ON_BLOCKED = OnBlockedBody(policy=BlockedPolicy.SKIP, tries=DEFAULT_TRIES)


class OnLowBatteryBody(Body):
    """What becomes of the round when the dog has to charge."""

    policy: LowBatteryPolicy


DEFAULT_ON_LOW_BATTERY = OnLowBatteryBody(policy=LowBatteryPolicy.RESUME)


class StopBody(Body):
    """A checkpoint and the work there; ``onBlocked`` where it is another than the route's.

    ``theta`` is the way the dog looks at this stop, where it is another than the checkpoint's: radians, counter-
    clockwise from the map's x axis, within a turn either way.
    """

    checkpoint_id: Id
    actions: Annotated[list[StopActionBody], Field(max_length=20)] = []
    theta: Annotated[float | None, Field(ge=-math.tau, le=math.tau)] = None
    on_blocked: OnBlockedBody | None = None


class OnLinkLossBody(Body):
    """What the dog does when the station is out of reach; ``minutes`` belong to ``carryOnThenHome``, and only there."""

    policy: LinkLossPolicy
    minutes: Annotated[float | None, Field(ge=0, le=MOST_MINUTES)] = None

    @model_validator(mode="after")
    def _minutes_are_for_carrying_on(self) -> "OnLinkLossBody":
        if (self.policy is LinkLossPolicy.CARRY_ON_THEN_HOME) != (self.minutes is not None):
            raise ValueError("carryOnThenHome needs minutes, and no other policy takes them")
        return self


DEFAULT_ON_LINK_LOSS = OnLinkLossBody(policy=LinkLossPolicy.CARRY_ON_THEN_HOME, minutes=DEFAULT_MINUTES)


class RouteBody(Body):
    """A route as an operator makes it.

    Without ``onLinkLoss`` a new route carries on for 30 minutes and then goes home; without ``onBlocked`` a stop that
    cannot be reached is left out after two tries; without ``onLowBattery`` the round goes on after charging. One that
    is changed stays as it is. They are told to vehicles alone whose factsheet offers them.
    """

    site_id: Id
    name: TextBody
    stops: Annotated[list[StopBody], Field(min_length=1, max_length=200)]
    on_link_loss: OnLinkLossBody | None = None
    on_blocked: OnBlockedBody | None = None
    on_low_battery: OnLowBatteryBody | None = None


class StopActionView(View):
    """Work at a stop."""

    type: str
    seconds: float | None = None


class OnBlockedView(View):
    """What the dog does when it cannot get to a stop."""

    policy: BlockedPolicy
    tries: int | None = None


class OnLowBatteryView(View):
    """What becomes of the round when the dog has to charge."""

    policy: LowBatteryPolicy


class StopView(View):
    """A checkpoint and the work there; ``theta`` (radians) where the dog looks another way than the checkpoint's,
    ``onBlocked`` where it is another than the route's."""

    checkpoint_id: str
    actions: list[StopActionView]
    theta: float | None = None
    on_blocked: OnBlockedView | None = None


class OnLinkLossView(View):
    """What the dog does when the station is out of reach."""

    policy: LinkLossPolicy
    minutes: float | None = None


class RouteView(View):
    """A route."""

    route_id: str
    site_id: str
    name: TextView
    stops: list[StopView]
    on_link_loss: OnLinkLossView
    on_blocked: OnBlockedView
    on_low_battery: OnLowBatteryView
    version: str


def route_version(route: RouteContent) -> str:
    """Of all that an operator edits."""
    rules = (route.on_link_loss, route.on_blocked, route.on_low_battery)
    return version_of(route.site_id, route.name, route.stops, *rules)


def route_view(route: Route | RouteVersion) -> RouteView:
    """The row as the API shows it."""
    return RouteView(
        route_id=route.route_id,
        site_id=route.site_id,
        name=TextView.model_validate(route.name),
        stops=[StopView.model_validate(stop) for stop in route.stops],
        on_link_loss=OnLinkLossView.model_validate(route.on_link_loss),
        on_blocked=OnBlockedView.model_validate(route.on_blocked),
        on_low_battery=OnLowBatteryView.model_validate(route.on_low_battery),
        version=route_version(route),
    )
