"""Clips and recordings: how long they are, and the anomalies that each belongs to"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("evidence", sa.Column("duration_s", sa.Double(), nullable=True))
    op.create_table(
        "evidence_anomalies",
        sa.Column(
            "evidence_id",
            sa.String(36),
            sa.ForeignKey(
                "evidence.evidence_id", name="fk_evidence_anomalies_evidence_id_evidence", ondelete="CASCADE"
            ),
            primary_key=True,
        ),
        sa.Column("anomaly_id", sa.String(36), primary_key=True, index=True),
    )
    op.execute(
        "INSERT INTO evidence_anomalies (evidence_id, anomaly_id) "
        "SELECT evidence_id, anomaly_id FROM evidence WHERE anomaly_id IS NOT NULL"
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("evidence_anomalies")
    op.drop_column("evidence", "duration_s")
