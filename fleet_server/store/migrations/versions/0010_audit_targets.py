"""What was done with one thing is found in the audit log at once"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_index("ix_audit_log_target", "audit_log", ["target"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_audit_log_target", "audit_log")
