"""Schedules, and the rounds that they asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "schedules",
        sa.Column("schedule_id", sa.String(36), primary_key=True),
        sa.Column("route_id", sa.String(64), sa.ForeignKey("routes.route_id"), nullable=False, index=True),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("rule", sa.String(500), nullable=False),
        sa.Column("start", sa.String(19), nullable=False),
        sa.Column("but_not", sa.JSON(), nullable=False),
        sa.Column("promise_every_s", sa.Integer(), nullable=True),
        sa.Column("promise_ends", sa.String(5), nullable=True),
        sa.Column("missed", sa.String(16), nullable=False),
        sa.Column("late_s", sa.Integer(), nullable=False),
        sa.Column("dogs", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("looked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "rounds",
        sa.Column("schedule_id", sa.String(36), primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("schedule_name", sa.JSON(), nullable=False),
        sa.Column("route_id", sa.String(64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("patrol_id", sa.String(36), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_rounds_status_due_at", "rounds", ["status", "due_at"])


def downgrade() -> None:
    """Back."""
    op.drop_table("rounds")
    op.drop_table("schedules")
