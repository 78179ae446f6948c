"""What became of each round stands in its row: counting a month's rounds read the long rows of all their patrols"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INDICES = {
    "ix_rounds_outcomes": ["site_id", "schedule_id", "due_at", "outcome", "why"],
    "ix_rounds_site_due_at": ["site_id", "due_at"],
    "ix_rounds_due_at": ["due_at"],
    "ix_rounds_patrol_id": ["patrol_id"],
}
PUNCTUAL_S = 120
BADLY = "patrols.status IN ('FAILED', 'CANCELED', 'REJECTED')"
LATE_BY = {
    "sqlite": "(julianday(patrols.created_at) - julianday(rounds.due_at)) * 86400.0",
    "postgresql": "EXTRACT(EPOCH FROM (patrols.created_at - rounds.due_at))",
}


def upgrade() -> None:
    """Forward."""
    op.add_column("rounds", sa.Column("site_id", sa.String(64), nullable=True))
    op.add_column("rounds", sa.Column("outcome", sa.String(16), nullable=False, server_default="KEPT"))
    op.add_column("rounds", sa.Column("why", sa.String(500), nullable=True))
    op.execute("UPDATE rounds SET site_id = (SELECT site_id FROM routes WHERE routes.route_id = rounds.route_id)")
    op.execute("UPDATE rounds SET outcome = status WHERE status IN ('MISSED', 'WAITING')")
    op.execute("UPDATE rounds SET why = reason WHERE status = 'MISSED'")
    op.execute(f"""
        UPDATE rounds SET
            site_id = coalesce(rounds.site_id, patrols.site_id),
            outcome = CASE
                WHEN rounds.status <> 'BEGUN' THEN rounds.outcome
                WHEN {BADLY} THEN 'UNFINISHED'
                WHEN {LATE_BY[op.get_bind().dialect.name]} > {PUNCTUAL_S} THEN 'LATE'
                ELSE 'KEPT' END,
            why = CASE
                WHEN rounds.status = 'BEGUN' AND {BADLY} THEN coalesce(nullif(rounds.reason, ''), patrols.reason)
                ELSE rounds.why END
        FROM patrols WHERE patrols.patrol_id = rounds.patrol_id
    """)  # noqa: S608 - of constants alone
    for name, columns in INDICES.items():
        op.create_index(name, "rounds", columns)


def downgrade() -> None:
    """Back."""
    for name in INDICES:
        op.drop_index(name, "rounds")
    for column in ("why", "outcome", "site_id"):
        op.drop_column("rounds", column)
