"""How long telemetry is kept: PostgreSQL drops whole partitions, and SQLite deletes rows."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, delete, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fleet_server.store.database import POSTGRESQL, Database
from fleet_server.telemetry_history.tables import TelemetryMinute, TelemetryQuarter

DAY_S = 86_400
WIDTHS_S = {TelemetryMinute.__tablename__: DAY_S, TelemetryQuarter.__tablename__: 30 * DAY_S}
AHEAD = 3  # partitions beyond the present one: a station that sleeps for less finds its own when it wakes

log = structlog.get_logger()


class HistoryRetention:
    """Called once a day, and at the start. Rows for which there is no partition lie in the default one."""

    def __init__(self, database: Database, minutes: timedelta, quarters: timedelta) -> None:
        self._database = database
        self._kept = {TelemetryMinute: minutes, TelemetryQuarter: quarters}

    def update(self, now: datetime) -> None:
        """Make room for what comes, and let go of what is too old."""
        for table, kept in self._kept.items():
            edge = int((now - kept).timestamp())
            if self._database.engine.dialect.name == POSTGRESQL:
                self._make(table.__tablename__, now)
            with self._database.write() as session:
                if self._database.engine.dialect.name == POSTGRESQL:
                    _drop(session.connection(), table.__tablename__, edge)
                _delete(session, table, edge)

    def _make(self, table: str, now: datetime) -> None:
        width = WIDTHS_S[table]
        first = int(now.timestamp()) // width * width
        with self._database.read() as session:
            there = set(partitions(session.connection(), table).values())
        for start in sorted({*range(first, first + (AHEAD + 1) * width, width)} - there):
            try:
                with self._database.write() as session:
                    session.execute(
                        text(
                            f"CREATE TABLE IF NOT EXISTS {table}_{start} PARTITION OF {table}"
                            f" FOR VALUES FROM ({start}) TO ({start + width})"
                        )
                    )
            except SQLAlchemyError as error:  # rows of that time lie in the default partition, as after a restoration
                log.warning("a partition was not made", table=table, start=start, reason=type(error).__name__)


def partitions(connection: Connection, table: str) -> dict[str, int]:
    """The partitions of ``table`` with a time of their own, and when each begins."""
    names = connection.scalars(
        text(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
            "JOIN pg_class parent ON parent.oid = inhparent WHERE parent.relname = :table"
        ),
        {"table": table},
    )
    starts = {name: name.removeprefix(f"{table}_") for name in names}
    return {name: int(start) for name, start in starts.items() if start.isdigit()}


def _drop(connection: Connection, table: str, edge: int) -> None:
    for name, start in partitions(connection, table).items():
        if start + WIDTHS_S[table] <= edge:
            connection.execute(text(f"DROP TABLE {name}"))


def _delete(session: Session, table: Any, edge: int) -> None:
    """On PostgreSQL what is left in the partition on the edge, and in the default one."""
    session.execute(delete(table).where(table.at < edge))
