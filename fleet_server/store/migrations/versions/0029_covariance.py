"""How unsure an incident's place is, each way"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("incidents", sa.Column("covariance", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("incidents", "covariance")
