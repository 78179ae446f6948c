"""What a route wants where a way stays blocked, and when the dog has to charge"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = {"on_blocked": '{"policy": "skip", "tries": 2}', "on_low_battery": '{"policy": "resume"}'}


def upgrade() -> None:
    """Forward."""
    for name, before in BEFORE.items():
        op.add_column("routes", sa.Column(name, sa.JSON(), nullable=False, server_default=before))


def downgrade() -> None:
    """Back."""
    for name in BEFORE:
        op.drop_column("routes", name)
