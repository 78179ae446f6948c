"""``received`` (server -> robot): these anomalies and evidence rows are stored, and may leave the outbox."""

from uuid import UUID

from protocol.header import Header


class Received(Header, frozen=True, kw_only=True):
    """The ids (``anomalyId``, ``evidenceId``) that are safely stored."""

    ids: list[UUID]
