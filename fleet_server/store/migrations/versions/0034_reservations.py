"""Narrow places are reserved, and orders have a base"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: an order that was sent before is all base."""
    op.create_table(
        "reservations",
        sa.Column("site_id", sa.String(length=64), nullable=False),
        sa.Column("place_id", sa.String(length=32), nullable=False),
        sa.Column("dog_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "place_id", name=op.f("pk_reservations")),
    )
    op.add_column("patrols", sa.Column("base_from", sa.Integer(), nullable=True))
    op.add_column("patrols", sa.Column("waits_for", sa.JSON(), nullable=True))
    op.execute("UPDATE patrols SET base_from = 0")


def downgrade() -> None:
    """Back."""
    op.drop_column("patrols", "waits_for")
    op.drop_column("patrols", "base_from")
    op.drop_table("reservations")
