"""The rules of belonging: an invitation is good once and for an hour; a revoked dog has nothing left."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fleet_server.enrolment.mosquitto import username
from fleet_server.enrolment.pki import DOG_DAYS, Pair, new_serial, sign_request
from fleet_server.enrolment.tables import Identity, VoidCertificate
from protocol.topics import Address

CODE_LIVES = timedelta(hours=1)


class UnknownCode(ValueError):
    """A code that was never given, was used, or is too old: which of them, a stranger is not told."""


class UnknownDog(LookupError):
    """Nobody of that name was ever invited."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a dog gets once: its certificate (PEM), and the token with which it uploads evidence.

    ``name`` is that in the certificate, by which the broker knows the dog.
    """

    address: Address
    name: str
    certificate: bytes
    token: str


def invite(session: Session, address: Address, now: datetime, by: str) -> str:
    """A new one-time code for ``address``; an older one is void. What the dog has stays valid until it enrols anew."""
    code = secrets.token_hex(10)
    row = session.get(Identity, (address.manufacturer, address.serial_number))
    if row is None:
        row = Identity(manufacturer=address.manufacturer, name=address.serial_number)
        session.add(row)
    row.invited_at, row.invited_by = now, by
    row.code_hash, row.code_expires_at = _hash(code), now + CODE_LIVES
    return code


def enrol(session: Session, code: str, request: bytes, authority: Pair, prefix: str, now: datetime) -> Enrolled:
    """Take in the dog that was invited with ``code``; raises UnknownCode, or BadRequest, which leaves the code good."""
    row = session.scalar(select(Identity).where(Identity.code_hash == _hash(code)))
    if row is None or row.code_expires_at is None or row.code_expires_at <= now:
        raise UnknownCode("this code is not good: it was used, is more than an hour old, or was never given")
    address = Address(row.manufacturer, row.name, prefix)
    serial, token = new_serial(), secrets.token_urlsafe(32)
    name = username(address, serial)
    certificate = sign_request(authority, request, name, serial, now)
    _void(session, row, now)
    row.code_hash = row.code_expires_at = None
    row.enrolled_at, row.certificate_name, row.token_hash = now, name, _hash(token)
    row.revoked_at = row.revoked_by = None
    return Enrolled(address, name, certificate, token)


def revoke(session: Session, address: Address, now: datetime, by: str) -> Identity:
    """Take everything from the dog, an open invitation included; raises UnknownDog."""
    row = session.get(Identity, (address.manufacturer, address.serial_number))
    if row is None:
        raise UnknownDog(f"{address.manufacturer}/{address.serial_number} was never invited")
    _void(session, row, now)
    row.code_hash = row.code_expires_at = row.token_hash = None
    row.revoked_at, row.revoked_by = now, by
    return row


def owner_of(session: Session, token: str, prefix: str) -> Address | None:
    """The dog whose upload token this is."""
    row = session.scalar(select(Identity).where(Identity.token_hash == _hash(token)))
    return Address(row.manufacturer, row.name, prefix) if row is not None else None


def everybody(session: Session) -> Sequence[Identity]:
    """All who were ever invited, by name."""
    return session.scalars(select(Identity).order_by(Identity.name, Identity.manufacturer)).all()


def void_names(session: Session) -> Sequence[str]:
    """The names in all certificates that are revoked or replaced."""
    return session.scalars(select(VoidCertificate.name)).all()


def _void(session: Session, row: Identity, now: datetime) -> None:
    """The certificate that the dog has counts no more; what ended by itself meanwhile is forgotten."""
    session.execute(delete(VoidCertificate).where(VoidCertificate.voided_at < now - timedelta(days=DOG_DAYS)))
    if row.certificate_name is not None:
        session.add(VoidCertificate(name=row.certificate_name, voided_at=now))
        row.certificate_name = None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
