"""Routes as the API shows and takes them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from fleet_server.routes.tables import Route
from fleet_server.schema import Body, Id, TextBody, TextView, View


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


class RouteBody(Body):
    """A route as an operator makes it."""

    site_id: Id
    name: TextBody
    stops: Annotated[list[StopBody], Field(min_length=1, max_length=200)]


class StopActionView(View):
    """Work at a stop."""

    type: str
    seconds: float | None = None


class StopView(View):
    """A checkpoint and the work there."""

    checkpoint_id: str
    actions: list[StopActionView]


class RouteView(View):
    """A route."""

    route_id: str
    site_id: str
    name: TextView
    stops: list[StopView]


def route_view(route: Route) -> RouteView:
    """The row as the API shows it."""
    return RouteView(
        route_id=route.route_id,
        site_id=route.site_id,
        name=TextView.model_validate(route.name),
        stops=[StopView.model_validate(stop) for stop in route.stops],
    )
