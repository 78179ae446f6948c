"""A center's secret: sealed in the database, opened where a message is signed or checked."""

import structlog
from sqlalchemy import select

from fleet_server.center.tables import Center
from fleet_server.core.stored_secrets import StoredSecrets, UnreadableSecret, is_sealed
from fleet_server.store.database import SQLITE, Database

log = structlog.get_logger()


def owner(name: str) -> str:
    """Whose secret it is, for the seal and for whoever reads an error; a center's name is never given again."""
    return f"center {name!r}"


def secret_of(center: Center, stored: StoredSecrets) -> str:
    """In the clear; raises UnreadableSecret."""
    return stored.open(center.secret, owner(center.name))


def fault_of(center: Center, stored: StoredSecrets) -> str | None:
    """Why its secret cannot be read; None where it can."""
    try:
        secret_of(center, stored)
    except UnreadableSecret as error:
        return str(error)
    return None


def seal_all(database: Database, stored: StoredSecrets) -> None:
    """Seal what servers before this one kept in the clear, and erase what removed centers left; log what is unreadable.

    One that cannot be sealed stays as it is, and works.
    """
    with database.write() as session:
        if session.get_bind().dialect.name == SQLITE:
            session.connection().exec_driver_sql("PRAGMA secure_delete=ON")  # nothing of it stays in the file
        for center in session.scalars(select(Center).where(Center.secret != "").order_by(Center.name)):
            if center.removed_at is not None:
                center.secret = ""
            elif not is_sealed(center.secret):
                try:
                    center.secret = stored.seal(center.secret, owner(center.name))
                except UnreadableSecret as error:
                    log.error("a center's secret stays in the clear", center=center.name, reason=str(error))
            elif (fault := fault_of(center, stored)) is not None:
                log.error("a center can neither be heard nor told", center=center.name, reason=fault)
