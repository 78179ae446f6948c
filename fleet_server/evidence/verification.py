"""What was whole once is looked at again, a part each day: a disk forgets without saying so."""

from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.evidence.files import EvidenceFiles
from fleet_server.evidence.tables import Evidence

MOST = 2000  # pictures a day

log = structlog.get_logger()


@dataclass(slots=True)
class Verification:
    """Where it has come to, how many it has looked at, and which of those of the last run are not as they were."""

    after: str = ""
    looked_at: int = 0
    damaged: list[str] = field(default_factory=list)

    def update(self, session: Session, files: EvidenceFiles, most: int = MOST) -> None:
        """Look at the next ``most`` pictures; at the end it begins anew. Raises OSError where the store is away."""
        query = select(Evidence.evidence_id, Evidence.sha256).where(Evidence.complete_at.is_not(None))
        query = query.where(Evidence.evidence_id > self.after).order_by(Evidence.evidence_id).limit(most)
        rows, self.damaged = session.execute(query).all(), []
        for row in rows:
            self.looked_at += 1
            if files.store.digest(row.evidence_id) != row.sha256:
                self.damaged.append(row.evidence_id)
                log.error("a picture is damaged or gone", evidence=row.evidence_id)
        self.after = rows[-1].evidence_id if len(rows) == most else ""
