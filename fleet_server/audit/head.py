"""The audit log's head, signed: how many entries there were at a time, and the hash of the last.

Kept elsewhere, it shows when the log's end was cut off, or all of it was written anew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.tables import AuditEntry
from fleet_server.core.detached_signature import Signature, is_signed, sign

KIND = "xiaotian-audit-head-1"


class BadHeads(ValueError):
    """A file of heads with a line that is none, or that this station did not sign; the text names the line."""


class Head(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The log at the time ``at``: its number of entries, and the hash of the last of them."""

    entries: int
    hash: str
    at: datetime
    key_id: str
    signature: str

    def line(self) -> str:
        """As a line of JSON."""
        return msgspec.json.encode(self).decode()


def head_of(session: Session, key: Ed25519PrivateKey, now: datetime) -> Head | None:
    """The head now; None while the log is empty."""
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    if last is None:
        return None
    made = sign(key, KIND, _content(last.id, last.hash, now))
    return Head(entries=last.id, hash=last.hash, at=now, key_id=made.key_id, signature=made.signature)


def read_heads(paths: Iterable[Path], keys: Sequence[Ed25519PublicKey]) -> list[Head]:
    """All heads of these files, those of the shorter log first; raises BadHeads, or OSError."""
    heads = [
        _read(line, keys, f"{path}, line {number}")
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if line.strip()
    ]
    return sorted(heads, key=lambda head: (head.entries, head.at))


def _read(line: str, keys: Sequence[Ed25519PublicKey], where: str) -> Head:
    try:
        head = msgspec.json.decode(line, type=Head)
    except msgspec.DecodeError as error:
        raise BadHeads(f"{where}: no head of an audit log: {error}") from error
    content = _content(head.entries, head.hash, head.at)
    if not is_signed(keys, KIND, content, Signature(key_id=head.key_id, signature=head.signature)):
        raise BadHeads(f"{where}: not signed with this station's key")
    return head


def _content(entries: int, digest: str, at: datetime) -> bytes:
    return f"{entries}\n{digest}\n{at.isoformat(timespec='microseconds')}".encode()
