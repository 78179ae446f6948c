"""Routes as the API shows and takes them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from fleet_server.routes.tables import Route
from fleet_server.schema import Body, Id, TextBody, TextView, View
from protocol.link_loss import MOST_MINUTES, LinkLossPolicy

DEFAULT_MINUTES = 30.0


class ActionType(StrEnum):
    """What a dog can be told to do at a stop."""

    TAKE_PHOTO = "takePhoto"
    DWELL = "dwell"


class StopActionBody(Body):
    """Work at a stop; ``seconds`` belongs to ``dwell``, and only there."""

    type: ActionType
    seconds: Annotated[float | None, Field(gt=0, le=3600)] = None

    @model_validator(mode="after")
    def _seconds_are_for_dwell(self) -> "StopActionBody":
        if (self.type is ActionType.DWELL) != (self.seconds is not None):
            raise ValueError("dwell needs seconds, and takePhoto takes none")
        return self


class StopBody(Body):
    """A checkpoint and the work there."""

    checkpoint_id: Id
    actions: Annotated[list[StopActionBody], Field(max_length=20)] = []


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

    Without ``onLinkLoss`` a new route carries on for 30 minutes and then goes home, and one that is changed stays as it
    is. It is told to vehicles alone whose factsheet offers it.
    """

    site_id: Id
    name: TextBody
    stops: Annotated[list[StopBody], Field(min_length=1, max_length=200)]
    on_link_loss: OnLinkLossBody | None = None


class StopActionView(View):
    """Work at a stop."""

    type: str
    seconds: float | None = None


class StopView(View):
    """A checkpoint and the work there."""

    checkpoint_id: str
    actions: list[StopActionView]


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


def route_view(route: Route) -> RouteView:
    """The row as the API shows it."""
    return RouteView(
        route_id=route.route_id,
        site_id=route.site_id,
        name=TextView.model_validate(route.name),
        stops=[StopView.model_validate(stop) for stop in route.stops],
        on_link_loss=OnLinkLossView.model_validate(route.on_link_loss),
    )
