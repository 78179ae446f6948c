"""To which checkpoint an incident belongs: it is kept with the incident, so that scores are a matter of counting."""

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from fleet_server.incidents.tables import Incident
from fleet_server.sites.tables import Site

NEAR_M = 15.0  # what is farther from every checkpoint belongs to none


def near_checkpoint(checkpoints: Sequence[dict[str, Any]], x: float, y: float) -> str | None:
    """The checkpoint nearest to a place on the map, none farther than 15 m."""
    away = [(math.dist((x, y), (c["pose"]["x"], c["pose"]["y"])), str(c["checkpointId"])) for c in checkpoints]
    near = min(away, default=None)
    return near[1] if near is not None and near[0] <= NEAR_M else None


def assign_checkpoints(session: Session, site: Site) -> None:
    """Of all incidents of a site whose checkpoints may be others than they were."""
    columns = (Incident.incident_id, Incident.checkpoint_id, Incident.x, Incident.y)
    moved = []
    for incident_id, before, x, y in session.execute(select(*columns).where(Incident.site_id == site.site_id)):
        near = near_checkpoint(site.checkpoints, x, y)
        if near != before:
            moved.append({"which": incident_id, "near": near})
    if moved:
        change = update(Incident).where(Incident.incident_id == bindparam("which"))
        session.connection().execute(change.values(checkpoint_id=bindparam("near")), moved)
