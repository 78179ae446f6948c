"""Tables that are parts of others, by time: a matter of PostgreSQL alone, and of no interest to who wants all rows."""

from sqlalchemy import Connection, text

from fleet_server.store.database import POSTGRESQL

PARTS = text("SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')")


def part_names(connection: Connection) -> frozenset[str]:
    """The names of the tables that are parts of others."""
    if connection.dialect.name != POSTGRESQL:
        return frozenset()
    return frozenset(connection.scalars(PARTS))
