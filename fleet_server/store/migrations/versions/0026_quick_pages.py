"""What an incident's page, its scores and the ledger's sums ask for, by indices and two columns more"""

import math
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None

NEAR_M = 15.0
INDICES = {
    "ix_incidents_site_seen": ["site_id", "last_seen"],
    "ix_incidents_site_status": ["site_id", "status", "received_at"],
    "ix_incidents_sums": ["site_id", "kind", "received_at", "status", "acknowledged_after_s"],
    "ix_incidents_scores": ["site_id", "kind", "zone_id", "checkpoint_id", "status"],
}


def upgrade() -> None:
    """Forward."""
    op.add_column("incidents", sa.Column("checkpoint_id", sa.String(64), nullable=True))
    op.add_column("incidents", sa.Column("acknowledged_after_s", sa.Double(), nullable=True))
    _fill(op.get_bind())
    for name, columns in INDICES.items():
        op.create_index(name, "incidents", columns)
    op.drop_index("ix_incidents_site_id", "incidents")


def downgrade() -> None:
    """Back."""
    op.create_index("ix_incidents_site_id", "incidents", ["site_id"])
    for name in INDICES:
        op.drop_index(name, "incidents")
    for column in ("acknowledged_after_s", "checkpoint_id"):
        op.drop_column("incidents", column)


def _fill(connection: sa.Connection) -> None:
    time = sa.DateTime(timezone=True)
    incidents = sa.table(
        "incidents",
        sa.column("incident_id", sa.String),
        sa.column("site_id", sa.String),
        sa.column("x", sa.Double),
        sa.column("y", sa.Double),
        sa.column("received_at", time),
        sa.column("acknowledged_at", time),
        sa.column("checkpoint_id", sa.String),
        sa.column("acknowledged_after_s", sa.Double),
    )
    sites = sa.table("sites", sa.column("site_id", sa.String), sa.column("checkpoints", sa.JSON))
    places = {row.site_id: row.checkpoints for row in connection.execute(sa.select(sites))}
    filled = [
        {
            "which": row.incident_id,
            "near": _near(places.get(row.site_id, []), row.x, row.y),
            "after": _seconds(row.received_at, row.acknowledged_at),
        }
        for row in connection.execute(sa.select(incidents))
    ]
    if filled:
        connection.execute(
            sa.update(incidents)
            .where(incidents.c.incident_id == sa.bindparam("which"))
            .values(checkpoint_id=sa.bindparam("near"), acknowledged_after_s=sa.bindparam("after")),
            filled,
        )


def _near(checkpoints: list[dict[str, Any]], x: float, y: float) -> str | None:
    away = [(math.dist((x, y), (c["pose"]["x"], c["pose"]["y"])), str(c["checkpointId"])) for c in checkpoints]
    near = min(away, default=None)
    return near[1] if near is not None and near[0] <= NEAR_M else None


def _seconds(told: datetime, acknowledged: datetime | None) -> float | None:
    return None if acknowledged is None else (acknowledged - told).total_seconds()
