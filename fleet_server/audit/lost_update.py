"""Refuses a change that would undo somebody else's, and says whose."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.tables import AuditEntry
from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import Refusal
from fleet_server.core.versions import agrees


def check_version(session: Session, if_match: str | None, version: str, target: str, deeds: Sequence[str]) -> None:
    """Raise 412 where ``target`` is no more of the version in If-Match; the last of ``deeds`` on it tells who and when.

    In the transaction that changes it: nobody else writes meanwhile.
    """
    if agrees(if_match, version):
        return
    query = select(AuditEntry).where(AuditEntry.target == target, AuditEntry.action.in_(deeds))
    last = session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))
    by = f", by {last.actor} at {last.at:%Y-%m-%dT%H:%M:%SZ}" if last is not None else ""
    raise Refusal(
        Problems.CHANGED,
        f"it was changed meanwhile{by}",
        headers={"ETag": f'"{version}"'},
        version=version,
        changedBy=last.actor if last is not None else None,
        changedAt=f"{last.at:%Y-%m-%dT%H:%M:%SZ}" if last is not None else None,
    )
