"""What hinders the station now."""

import shutil

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from fleet_server.core.station import Station
from fleet_server.evidence.files import EvidenceFiles
from fleet_server.ingest.database_writer import Writer
from fleet_server.ingest.mqtt_session import Session

LEAST_FREE = 200 * 1024 * 1024  # bytes: ten pictures of the largest size that is taken


def stuck(station: Station) -> list[str]:
    """Threads that are not at work: a new start is all that helps, if they are not started again within seconds."""
    found = []
    if not station[Writer].turns:
        found.append("the ingest thread does not turn")
    if station[Session].connected and not station[Session].hears:
        found.append("the broker's thread does not turn")
    return found


def faults(station: Station) -> list[str]:
    """Why work should not be sent here now, a sentence each; none where it is ready."""
    found = stuck(station)
    if not station[Session].connected:
        found.append("no connection to the broker")
    try:
        with station.database.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        found.append(f"the database does not answer: {type(error).__name__}")
    if trouble := station[EvidenceFiles].store.trouble():
        found.append(trouble)
    free = shutil.disk_usage(station.settings.data_dir).free
    if free < LEAST_FREE:
        found.append(f"{free // 1024 // 1024} MB are free on the disk")
    return found
