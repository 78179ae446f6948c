"""The sentences of a site's own, which an operator has a dog speak there"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. A version of before says nothing of them, which reads as none."""
    op.add_column("sites", sa.Column("sentences", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Back."""
    op.drop_column("sites", "sentences")
