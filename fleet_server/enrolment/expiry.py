"""When certificates end: told 30 days before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.clock import utc_now
from fleet_server.core.fleet_folder import SERVER
from fleet_server.core.station import Station
from fleet_server.enrolment.pki import DOG_DAYS
from fleet_server.enrolment.tables import Identity

log = structlog.get_logger()
WARNED = timedelta(days=30)
OURS = ("ca", "station", SERVER)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whose it is, and its last moment."""

    name: str
    ends: datetime

    def warning(self, now: datetime) -> str:
        """What is to be said of it now; empty while it has long to go."""
        left = self.ends - now
        if left > WARNED:
            return ""
        when = f"ends in {left.days} days" if left > timedelta(0) else "has ended"
        return f"the certificate of {self.name} {when} ({self.ends:%Y-%m-%d})"


def of_the_station(folder: Path) -> Iterator[Certificate]:
    """Those of the fleet folder; raises OSError or ValueError where one cannot be read."""
    for name in OURS:
        yield Certificate(name, end_of(folder / f"{name}.pem"))


def of_the_dogs(session: Session) -> Iterator[Certificate]:
    """Those of the dogs that belong to the fleet."""
    for dog in session.scalars(
        select(Identity).where(Identity.enrolled_at.is_not(None), Identity.revoked_at.is_(None))
    ):
        if dog.enrolled_at is not None:
            yield Certificate(f"{dog.manufacturer}/{dog.name}", dog.enrolled_at + timedelta(days=DOG_DAYS))


def certificates(station: Station) -> list[Certificate]:
    """All certificates of a closed fleet, and when they end."""
    if station.settings.fleet_dir is None:
        return []
    with station.database.read() as session:
        return [*of_the_station(station.settings.fleet_dir), *of_the_dogs(session)]


def warn_of_ends(station: Station) -> None:
    """Say in the log which certificates end soon."""
    try:
        for warning in filter(None, (each.warning(utc_now()) for each in certificates(station))):
            log.warning(warning)
    except (OSError, ValueError) as error:
        log.error("a certificate of the fleet cannot be read", reason=str(error))


def end_of(path: Path) -> datetime:
    """The last moment of the certificate in ``path`` (PEM)."""
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
