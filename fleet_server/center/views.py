"""Centers as the API takes and shows them."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

from fleet_server.center.tables import Center, CenterMessage, Delivery
from fleet_server.core.api_schema import Body, View


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not url.isprintable():
        raise ValueError("an address such as https://center.example/alerts is expected")
    return url


class CenterBody(Body):
    """A center: its name, and where it takes alerts; without ``url`` it is told nothing."""

    name: Annotated[str, StringConstraints(pattern=r"^[\w.@-]{1,40}$")]
    url: Annotated[str, StringConstraints(max_length=500), AfterValidator(_web_address)] | None = None


class CenterView(View):
    """A center, and how much it has not taken yet; ``problem`` is why not, or why its secret is unreadable."""

    center_id: str
    name: str
    url: str | None
    created_at: datetime
    created_by: str
    waiting: int
    given_up: int
    problem: str | None


class NewCenterView(View):
    """``secret`` is told this once; it signs what comes from the center and what goes to it."""

    center_id: str
    name: str
    secret: str


class DeliveryView(View):
    """A message that a center has not taken."""

    delivery_id: int
    incident_id: str
    created_at: datetime
    attempts: int
    next_at: datetime
    given_up_at: datetime | None
    problem: str | None


class AgainView(View):
    """How many are tried again."""

    count: int


class CenterMessageView(View):
    """What came in from a center, and what became of it: CALL, CANCELED (the call of before), or NOTE."""

    sender: str
    received_at: datetime
    outcome: str
    call_id: str | None
    text: str


def delivery_view(row: Delivery) -> DeliveryView:
    """The row as the API shows it."""
    return DeliveryView(
        delivery_id=row.delivery_id,
        incident_id=row.incident_id,
        created_at=row.created_at,
        attempts=row.attempts,
        next_at=row.next_at,
        given_up_at=row.given_up_at,
        problem=row.problem,
    )


def message_view(row: CenterMessage) -> CenterMessageView:
    """The row as the API shows it."""
    return CenterMessageView(
        sender=row.sender, received_at=row.received_at, outcome=row.outcome, call_id=row.call_id, text=row.text
    )


def center_view(center: Center, undelivered: list[Delivery], fault: str | None) -> CenterView:
    """The row as the API shows it, with what it has not taken; ``fault``: why its secret cannot be read."""
    return CenterView(
        center_id=center.center_id,
        name=center.name,
        url=center.url,
        created_at=center.created_at,
        created_by=center.created_by,
        waiting=sum(row.given_up_at is None for row in undelivered),
        given_up=sum(row.given_up_at is not None for row in undelivered),
        problem=fault or next((row.problem for row in undelivered if row.problem), None),
    )
