"""Calls: a dog goes to a place, or home; all dogs of a site home; rounds that are interrupted meanwhile"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward."""
    op.add_column("patrols", sa.Column("call_id", sa.String(36), nullable=True))
    op.add_column("patrols", sa.Column("interrupted_for", sa.String(36), nullable=True))
    op.add_column("patrols", sa.Column("interrupted_at", TIME, nullable=True))
    op.create_index("ix_patrols_call_id", "patrols", ["call_id"])
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False, index=True),
        sa.Column("site_id", sa.String(64), nullable=False),
        sa.Column("name", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("to_x", sa.Double(), nullable=False),
        sa.Column("to_y", sa.Double(), nullable=False),
        sa.Column("to_theta", sa.Double(), nullable=True),
        sa.Column("work", sa.JSON(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False, index=True),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("waiting_since", TIME, nullable=False),
        sa.Column("chosen_dog", sa.String(64), nullable=True),
        sa.Column("dog_id", sa.String(64), nullable=True),
        sa.Column("tried", sa.JSON(), nullable=False),
        sa.Column("patrol_id", sa.String(36), nullable=True),
        sa.Column("charge_action_id", sa.String(36), nullable=True),
        sa.Column("recall_id", sa.String(36), nullable=True),
        sa.Column("external_id", sa.String(300), nullable=True, unique=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("there_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("why", sa.String(500), nullable=True),
    )
    op.create_table(
        "recalls",
        sa.Column("recall_id", sa.String(36), primary_key=True),
        sa.Column("site_id", sa.String(64), nullable=False, index=True),
        sa.Column("rounds", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("begun_by", sa.String(64), nullable=False),
        sa.Column("released_at", TIME, nullable=True),
        sa.Column("released_by", sa.String(64), nullable=True),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("recalls")
    op.drop_table("calls")
    op.drop_index("ix_patrols_call_id", "patrols")
    for name in ("interrupted_at", "interrupted_for", "call_id"):
        op.drop_column("patrols", name)
