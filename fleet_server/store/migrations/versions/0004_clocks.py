"""By how much a dog's clock was ahead when it told of what it saw"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    for table in ("incidents", "sightings"):
        op.add_column(table, sa.Column("clock_skew_s", sa.Double(), nullable=True))


def downgrade() -> None:
    """Back."""
    for table in ("incidents", "sightings"):
        op.drop_column(table, "clock_skew_s")
