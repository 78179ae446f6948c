"""From where each deed was asked for; what was written before has no address, and keeps its hash"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("audit_log", sa.Column("address", sa.String(45), nullable=True))


def downgrade() -> None:
    """Back. An entry that has an address is covered by its hash with it, and will not verify without."""
    op.drop_column("audit_log", "address")
