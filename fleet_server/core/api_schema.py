"""How the API's JSON looks: camelCase keys, times in ISO 8601 with Z, errors as RFC 9457 has them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^/\x00-\x1f]+$")]
DogId = Annotated[str, StringConstraints(min_length=1, max_length=129, pattern=r"^[^/\x00-\x1f]+$")]  # serial@maker
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class View(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class Body(View):
    """What the API is sent; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class FaultView(View):
    """What is at fault: a field of the body by its JSON pointer, or a parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(View):
    """Why it was refused, or not done (RFC 9457). ``type`` leads to the list of all kinds, ``instance`` names the
    request, as the server's log does; ``detail`` is one sentence."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FaultView] | None = None


class ChangedProblem(Problem):
    """Somebody else has changed it: ``version`` is what it is now; who and when are null where nobody knows."""

    version: str
    changed_by: str | None
    changed_at: datetime | None


CHANGED: dict[int | str, dict[str, Any]] = {412: {"model": ChangedProblem}}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}
REFUSED: dict[int | str, dict[str, Any]] = {409: {"model": Problem}}
INVALID: dict[int | str, dict[str, Any]] = {422: {"model": Problem}}


class TextView(View):
    """A name in both languages."""

    zh: str
    en: str


class TextBody(Body):
    """A name in both languages, neither empty."""

    zh: Name
    en: Name


class PoseView(View):
    """Metres and radians in the frame ``map``."""

    x: float
    y: float
    theta: float
