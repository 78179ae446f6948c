"""What is too old goes: once a day, and idempotency keys each hour."""

from datetime import timedelta

import structlog

from fleet_server.core.clock import utc_now
from fleet_server.core.idempotency import IdempotencyKey, forget_old
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.evidence.files import EvidenceFiles
from fleet_server.retention.age_out import age_out

FORGET_S = 3600.0  # between looks for idempotency keys that are too old

log = structlog.get_logger()


def set_up(station: Station) -> None:
    """What the room does in a station."""

    def age_out_once() -> None:
        with station.database.write() as session:
            aged = age_out(session, utc_now(), timedelta(days=station.settings.retention_days))
        try:
            for evidence_id in aged.evidence_ids:
                station[EvidenceFiles].remove(evidence_id)
        except OSError as error:
            log.error("the store of evidence is out of reach", reason=str(error))

    station.daily(age_out_once)
    station.every(FORGET_S, lambda: forget_old(station.database, utc_now()), at_once=True)


ROOM = Room(tables=(IdempotencyKey,), set_up=set_up)
