"""What hinders the station now."""

import shutil
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from fleet_server.station import Station

LEAST_FREE = 200 * 1024 * 1024  # bytes: ten pictures of the largest size that is taken


def stuck(station: "Station") -> list[str]:
    """Threads that are not at work: a new start is all that helps, if they are not started again within seconds."""
    found = []
    if not station.writer.turns:
        found.append("the ingest thread does not turn")
    if station.session.connected and not station.session.hears:
        found.append("the broker's thread does not turn")
    return found


def faults(station: "Station") -> list[str]:
    """Why work should not be sent here now, a sentence each; none where it is ready."""
    found = stuck(station)
    if not station.session.connected:
        found.append("no connection to the broker")
    try:
        with station.database.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        found.append(f"the database does not answer: {type(error).__name__}")
    if trouble := station.evidence_files.store.trouble():
        found.append(trouble)
    free = shutil.disk_usage(station.settings.data_dir).free
    if free < LEAST_FREE:
        found.append(f"{free // 1024 // 1024} MB are free on the disk")
    return found
