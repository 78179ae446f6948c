"""``received`` (server -> robot): these anomalies and evidence rows are stored, and may leave the outbox."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from protocol.header import Header, Wire


class Refusal(Wire, frozen=True, kw_only=True):
    """A row that the server understood or not, and does not take; saying it again soon would change nothing."""

    id: UUID
    reason: str


class Received(Header, frozen=True, kw_only=True):
    """The ids (``anomalyId``, ``evidenceId``) that are safely stored, and those that will not be."""

    ids: list[UUID]
    refused: list[Refusal] | UnsetType = UNSET
