"""Which picture shows how a checkpoint should look; what was taken at a checkpoint is found at once"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "checkpoint_references",
        sa.Column("site_id", sa.String(64), primary_key=True),
        sa.Column("checkpoint_id", sa.String(64), primary_key=True),
        sa.Column("evidence_id", sa.String(36), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_checkpoint_references_site_id_sites"),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.evidence_id"], name="fk_checkpoint_references_evidence_id_evidence"
        ),
    )
    op.create_index("ix_checkpoint_references_evidence_id", "checkpoint_references", ["evidence_id"])
    op.create_index("ix_evidence_node_id", "evidence", ["node_id"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_evidence_node_id", "evidence")
    op.drop_table("checkpoint_references")
