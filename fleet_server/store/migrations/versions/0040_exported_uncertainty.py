"""How unsure an incident's place is stands in the view that exports are made of"""

from alembic import op

revision = "0040"
down_revision = "0037"
branch_labels = None
depends_on = None

BEFORE = """
    incident_id, site_id, kind, zone_id, status, first_seen, last_seen, received_at, acknowledged_at, escalated_at,
    answered_at, x, y, score, dog_id, patrol_id"""
ADDED = ", deviation AS deviation_m, " + ", ".join(
    f"CAST(covariance ->> '{name}' AS DOUBLE PRECISION) AS {name}_m2" for name in ("xx", "xy", "yy")
)


def upgrade() -> None:
    """Forward."""
    _view(BEFORE, ADDED)


def downgrade() -> None:
    """Back."""
    _view(BEFORE)


def _view(columns: str, more: str = "") -> None:
    grown = more and op.get_bind().dialect.name == "postgresql"  # who was granted the view may read it still
    if not grown:
        op.execute("DROP VIEW ledger_incidents")
    create = "CREATE OR REPLACE VIEW" if grown else "CREATE VIEW"
    op.execute(f"{create} ledger_incidents AS SELECT {columns}{more} FROM incidents")  # noqa: S608 - no input
