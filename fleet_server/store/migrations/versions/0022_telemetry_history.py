"""Telemetry by the minute and by the quarter of an hour; partitioned by time where the database can"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("telemetry_minutes", "telemetry_quarters")


def upgrade() -> None:
    """Forward."""
    parts = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        op.create_table(
            table,
            sa.Column("dog_id", sa.String(64), primary_key=True),
            sa.Column("at", sa.BigInteger(), primary_key=True, autoincrement=False),
            sa.Column("watched_s", sa.Integer(), nullable=False),
            sa.Column("live_s", sa.Integer(), nullable=False),
            sa.Column("battery", sa.Double(), nullable=True),
            sa.Column("battery_least", sa.Double(), nullable=True),
            sa.Column("x", sa.Double(), nullable=True),
            sa.Column("y", sa.Double(), nullable=True),
            sa.Column("map_id", sa.String(64), nullable=True),
            sa.Column("walked_m", sa.Double(), nullable=False),
            sa.Column("speed_most", sa.Double(), nullable=False),
            sa.Column("errors", sa.String(200), nullable=False),
            postgresql_partition_by="RANGE (at)",
        )
        if parts:
            op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")


def downgrade() -> None:
    """Back."""
    for table in TABLES:
        op.drop_table(table)
