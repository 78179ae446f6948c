"""Which retained topics of the MQTT feed the broker keeps, and what has ended just now"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table("mqtt_feed_topics", sa.Column("topic", sa.String(500), primary_key=True))
    op.create_index("ix_incidents_answered_at", "incidents", ["answered_at"])
    op.create_index("ix_patrols_ended_at", "patrols", ["ended_at"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_patrols_ended_at", "patrols")
    op.drop_index("ix_incidents_answered_at", "incidents")
    op.drop_table("mqtt_feed_topics")
