"""Views for big data: patrols, visits and incidents without anything of persons or accounts"""

from alembic import op

revision = "0013"
down_revision = "0014"
branch_labels = None
depends_on = None

VIEWS = {
    "ledger_patrols": """
        SELECT patrol_id, site_id, route_id, dog_id, status, began_at, ended_at, seconds, planned_m, walked_m,
               charge_used_pct, checkpoints, reached, late, skipped, failed
        FROM patrol_accounts""",
    "ledger_visits": """
        SELECT v.patrol_id, v.number, v.site_id, v.dog_id, v.checkpoint_id, v.status, a.began_at, v.planned_at,
               v.reached_at, v.late, v.reason
        FROM checkpoint_visits v JOIN patrol_accounts a ON a.patrol_id = v.patrol_id""",
    "ledger_incidents": """
        SELECT incident_id, site_id, kind, zone_id, status, first_seen, last_seen, received_at, acknowledged_at,
               escalated_at, answered_at, x, y, score, dog_id, patrol_id
        FROM incidents""",
}


def upgrade() -> None:
    """Forward."""
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    """Back."""
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
