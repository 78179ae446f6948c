"""The ways of calls leave the ledger, in whose sums they stood as patrols"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    calls = "(SELECT patrol_id FROM patrols WHERE call_id IS NOT NULL)"
    for table in ("patrol_tracks", "checkpoint_visits", "patrol_accounts"):
        op.execute(f"DELETE FROM {table} WHERE patrol_id IN {calls}")  # noqa: S608 - constants


def downgrade() -> None:
    """Back: the recorder makes accounts anew of all that have none."""
