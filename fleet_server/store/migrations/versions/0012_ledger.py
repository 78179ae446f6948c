"""The ledger: each patrol's account, its visits and its walked path"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _patrol() -> sa.Column[str]:
    return sa.Column(
        "patrol_id", sa.String(36), sa.ForeignKey("patrols.patrol_id", ondelete="CASCADE"), primary_key=True
    )


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "patrol_accounts",
        _patrol(),
        sa.Column("site_id", sa.String(64), nullable=False),
        sa.Column("route_id", sa.String(64), nullable=False),
        sa.Column("dog_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True, index=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("planned_m", sa.Double(), nullable=False),
        sa.Column("walked_m", sa.Double(), nullable=True),
        sa.Column("charge_used_pct", sa.Double(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("checkpoints", "reached", "late", "skipped", "failed")
        ),
    )
    op.create_index("ix_patrol_accounts_site_began", "patrol_accounts", ["site_id", "began_at"])
    op.create_table(
        "checkpoint_visits",
        _patrol(),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("site_id", sa.String(64), nullable=False),
        sa.Column("dog_id", sa.String(64), nullable=False),
        sa.Column("checkpoint_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("planned_at", TIME, nullable=True),
        sa.Column("reached_at", TIME, nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
    )
    op.create_index("ix_checkpoint_visits_site_reached", "checkpoint_visits", ["site_id", "reached_at"])
    op.create_index("ix_checkpoint_visits_site_place", "checkpoint_visits", ["site_id", "checkpoint_id", "reached_at"])
    op.create_table("patrol_tracks", _patrol(), sa.Column("points", sa.LargeBinary(), nullable=False))
    op.create_index("ix_incidents_patrol_id", "incidents", ["patrol_id"])
    op.create_index("ix_incidents_site_received", "incidents", ["site_id", "received_at"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_incidents_site_received", "incidents")
    op.drop_index("ix_incidents_patrol_id", "incidents")
    for table in ("patrol_tracks", "checkpoint_visits", "patrol_accounts"):
        op.drop_table(table)
