"""The key to which a site's dogs seal originals, and of which masked picture an original is one"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("sites", sa.Column("evidence_key", sa.String(64)))
    op.add_column("evidence", sa.Column("original_of", sa.String(36)))
    op.create_index("ix_evidence_original_of", "evidence", ["original_of"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_evidence_original_of", "evidence")
    op.drop_column("evidence", "original_of")
    op.drop_column("sites", "evidence_key")
