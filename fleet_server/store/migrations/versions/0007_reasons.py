"""Why an anomaly was raised, and by which weights"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("incidents", sa.Column("reason", sa.JSON(), nullable=True))
    op.add_column("incidents", sa.Column("weights_sha256", sa.String(64), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("incidents", "weights_sha256")
    op.drop_column("incidents", "reason")
