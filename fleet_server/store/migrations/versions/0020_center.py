"""Centers: who calls in and is told of incidents, what came in, and what is still to be told"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "centers",
        sa.Column("center_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, unique=True),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("removed_at", TIME, nullable=True),
    )
    op.create_table(
        "center_messages",
        sa.Column("message_key", sa.String(300), primary_key=True),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("received_at", TIME, nullable=False, index=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("call_id", sa.String(36), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "center_told",
        sa.Column("center_id", sa.String(36), primary_key=True),
        sa.Column("incident_id", sa.String(36), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "center_deliveries",
        sa.Column("delivery_id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("center_id", sa.String(36), nullable=False, index=True),
        sa.Column("incident_id", sa.String(36), nullable=False, index=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("given_up_at", TIME, nullable=True),
        sa.Column("problem", sa.String(300), nullable=True),
    )


def downgrade() -> None:
    """Back."""
    for table in ("center_deliveries", "center_told", "center_messages", "centers"):
        op.drop_table(table)
