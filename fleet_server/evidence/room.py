"""Evidence: the row is stored when it is said, and acknowledged when its bytes are whole."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.intake import Arrival, Stored
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.core.tokens import token_in
from fleet_server.evidence import api, originals, reference_api, upload
from fleet_server.evidence.checkpoint_references import drop_of_lost_checkpoints
from fleet_server.evidence.opening import evidence_of
from fleet_server.evidence.record import Refused, record_evidence
from fleet_server.evidence.tables import CheckpointReference, Evidence, EvidenceAnomaly
from fleet_server.evidence.upload_claims import UploadClaims
from fleet_server.evidence.upload_token import UploadToken
from fleet_server.evidence.verification import Verification
from fleet_server.evidence.view_audit import FirstViews
from fleet_server.evidence.views import evidence_view
from fleet_server.patrols.tables import Patrol
from fleet_server.sites.site_import import NewSiteVersion
from protocol import evidence as wire
from protocol.header import Wire

log = structlog.get_logger()


def set_up(station: Station) -> None:
    """What the room does in a station."""
    settings = station.settings
    files, verification = station.add(evidence_of(settings)), station.add(Verification())
    station.add(FirstViews())
    station.add(UploadClaims())
    station.add(UploadToken(token_in(settings.token_file)))

    def record(
        session: Session, arrivals: Sequence[Arrival], now: datetime, changes: ChangeEvents
    ) -> list[tuple[Arrival, str]]:
        refused = []
        for arrival in arrivals:
            assert isinstance(arrival.message, wire.Evidence)
            try:
                record_evidence(session, arrival.address, arrival.message, now, changes, settings.evidence_max_bytes)
            except Refused as error:
                refused.append((arrival, str(error)))
        return refused

    def verify() -> None:
        try:
            with station.database.read() as session:
                verification.update(session, files)
        except OSError as error:
            log.error("the store of evidence is out of reach", reason=str(error))

    station.daily(verify)
    station.intake.stores(wire.Evidence, Stored(record, _row_id))
    station.events.on(NewSiteVersion, drop_of_lost_checkpoints)
    station.consoles.show(Evidence, "evidence", _changed)


def _row_id(message: Wire) -> UUID:
    assert isinstance(message, wire.Evidence)
    return message.evidence_id


def _changed(session: Session, ids: Collection[str], _now: datetime) -> Iterable[dict[str, Any]]:
    having = originals.with_original(session, ids)
    looked_at = select(Evidence).where(Evidence.evidence_id.in_(ids), Evidence.media_type != wire.ORIGINAL)
    for row in session.scalars(looked_at).all():
        patrol_id = session.scalar(select(Patrol.patrol_id).where(Patrol.order_id == row.order_id))
        yield evidence_view(row, patrol_id, row.evidence_id in having).model_dump(mode="json")


ROOM = Room(
    tables=(Evidence, EvidenceAnomaly, CheckpointReference),
    api=(api.router, originals.router, reference_api.router),
    doors=(upload.router,),
    set_up=set_up,
)
