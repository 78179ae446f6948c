"""What a route wants when the link is lost; vehicles of other makers by serial number and maker"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = '{"policy": "carryOnThenHome", "minutes": 30.0}'
OTHERS = "manufacturer <> 'xiaotian'"


def upgrade() -> None:
    """Forward."""
    op.add_column("routes", sa.Column("on_link_loss", sa.JSON(), nullable=False, server_default=BEFORE))
    for table in ("dogs", "patrols", "evidence"):
        op.execute(f"UPDATE {table} SET dog_id = dog_id || '@' || manufacturer WHERE {OTHERS}")  # noqa: S608


def downgrade() -> None:
    """Back."""
    for table in ("dogs", "patrols", "evidence"):
        op.execute(f"UPDATE {table} SET dog_id = replace(dog_id, '@' || manufacturer, '') WHERE {OTHERS}")  # noqa: S608
    op.drop_column("routes", "on_link_loss")
