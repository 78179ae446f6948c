"""What was alike at the same place before: whoever looks at an incident sees whether it is the third of this week."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.incidents.tables import Incident

NEAR_M = 5.0  # half a side of a square about it; places err by a metre or two
BEFORE = timedelta(days=8)  # the same evening of last week is among them
MOST = 12


def same_place(session: Session, incident: Incident) -> Sequence[Incident]:
    """Incidents of its kind and site within NEAR_M, told of before it and not longer ago than BEFORE; newest first."""
    query = select(Incident).where(
        Incident.site_id == incident.site_id,
        Incident.received_at.between(incident.received_at - BEFORE, incident.received_at),
        Incident.incident_id != incident.incident_id,
        Incident.kind == incident.kind,
        Incident.x.between(incident.x - NEAR_M, incident.x + NEAR_M),
        Incident.y.between(incident.y - NEAR_M, incident.y + NEAR_M),
    )
    return session.scalars(query.order_by(Incident.received_at.desc()).limit(MOST)).all()
