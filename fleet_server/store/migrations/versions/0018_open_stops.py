"""Emergency stops that are not confirmed outlive the server"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "open_stops",
        sa.Column("dog_id", sa.String(64), primary_key=True),
        sa.Column("action_id", sa.String(36), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("open_stops")
