"""Incidents are answered, assigned, commented and escalated"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    ("answered_by", sa.String(64)),
    ("answered_at", sa.DateTime(timezone=True)),
    ("answer", sa.Text()),
    ("assigned_to", sa.String(64)),
    ("escalated_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Forward."""
    for name, kind in COLUMNS:
        op.add_column("incidents", sa.Column(name, kind, nullable=True))
    op.create_table(
        "incident_comments",
        sa.Column("comment_id", sa.String(36), primary_key=True),
        sa.Column(
            "incident_id",
            sa.String(36),
            sa.ForeignKey("incidents.incident_id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "site_escalations",
        sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.site_id"), primary_key=True),
        sa.Column("minutes", sa.Double(), nullable=True),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("site_escalations")
    op.drop_table("incident_comments")
    for name, _ in reversed(COLUMNS):
        op.drop_column("incidents", name)
