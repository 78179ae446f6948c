"""How a checkpoint should look, for people's eyes: one of the pictures that dogs took there.

A dog compares with its own memory (docs/perception.md) and knows nothing of these.
"""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER, append
from fleet_server.core.problems import field_fault
from fleet_server.evidence.record import PICTURES
from fleet_server.evidence.tables import CheckpointReference, Evidence
from fleet_server.patrols.tables import Patrol
from fleet_server.sites.site_import import NewSiteVersion
from protocol.evidence import EvidencePurpose


def photos_at(site_id: str, checkpoint_id: str) -> Select[Evidence, str]:
    """The whole pictures that dogs took at a checkpoint, each with the patrol on which it was; all are masked, for
    nothing else is taken in. A node of an order is named for its checkpoint."""
    query = select(Evidence, Patrol.patrol_id).join(Patrol, Patrol.order_id == Evidence.order_id)
    query = query.where(Patrol.site_id == site_id, Evidence.node_id == checkpoint_id)
    query = query.where(Evidence.purpose == EvidencePurpose.CHECKPOINT, Evidence.media_type.in_(PICTURES))
    return query.where(Evidence.complete_at.is_not(None))


def refuse_other_pictures(session: Session, site_id: str, checkpoint_id: str, evidence_id: str) -> None:
    """Raise 422 where it is no picture that a dog took at that checkpoint of that site, or not whole yet."""
    row = session.get(Evidence, evidence_id)
    if row is None:
        raise field_fault("evidenceId", f"there is no evidence {evidence_id!r}")
    if row.complete_at is None:
        raise field_fault("evidenceId", "the picture is still on its way")
    if session.execute(photos_at(site_id, checkpoint_id).where(Evidence.evidence_id == evidence_id)).first() is None:
        raise field_fault("evidenceId", f"it is no picture that a dog took at {checkpoint_id!r} of this site")


def drop_of_lost_checkpoints(new: NewSiteVersion) -> None:
    """A checkpoint that is gone keeps no picture from ageing out, also if a later version has it again."""
    kept = {each["checkpointId"] for each in new.site.checkpoints}
    query = select(CheckpointReference).where(CheckpointReference.site_id == new.site.site_id)
    for row in new.session.scalars(query.order_by(CheckpointReference.checkpoint_id)).all():
        if row.checkpoint_id not in kept:
            remove(new.session, row)
            details = {"site": row.site_id, "evidence": row.evidence_id, "version": new.site.version}
            deed = "checkpoint.reference_removed"
            append(new.session, new.site.updated_at, SERVER, deed, row.checkpoint_id, **details)


def remove(session: Session, row: CheckpointReference) -> None:
    """It shows nothing any more, and ages out as all else."""
    session.delete(row)
    session.flush()
