"""The whole database at one moment, into files and back, while others write: SQLite's own backup, PostgreSQL's COPY."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, func, inspect, select, text

from fleet_server.backup.manifest import BadBackup
from fleet_server.store.database import SQLITE, Database
from fleet_server.store.migrate import REVISION, migrate
from fleet_server.store.partitions import part_names

FILE = "xiaotian.sqlite3"
BUSY_S = 10.0


def kind_of(database: Database) -> str:
    """``sqlite`` or ``postgresql``."""
    return database.engine.url.get_backend_name()


@contextlib.contextmanager
def copied(database: Database, folder: Path) -> Iterator[Connection]:
    """Write all tables into ``folder``, and let the block read the very same moment."""
    folder.mkdir(parents=True)
    if kind_of(database) == SQLITE:
        _copy_pages(Path(str(database.engine.url.database)), folder / FILE)
        made = Database(f"sqlite:///{folder / FILE}")
        try:
            with made.engine.connect() as connection:
                yield connection
        finally:
            made.close()
        # What was read through WAL leaves two more files beside it: all of it is in the one.
        with contextlib.closing(sqlite3.connect(folder / FILE)) as file:
            file.execute("PRAGMA journal_mode=DELETE")
        return
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as connection:
        for table in tables(connection):
            _copy_out(connection, table, folder / f"{table.name}.copy")
        yield connection


def put_back(database: Database, folder: Path, revision: str) -> None:
    """Make the tables as they were at ``revision`` and fill them from ``folder``.

    Raises BadBackup where tables are there already.
    """
    if inspect(database.engine).get_table_names():
        raise BadBackup(f"{database.engine.url.render_as_string()} has tables already: a backup goes into an empty one")
    if kind_of(database) == SQLITE:
        _copy_pages(folder / FILE, Path(str(database.engine.url.database)))
    else:
        migrate(database.engine, revision)
        with database.engine.execution_options(writes=True).begin() as connection:
            for table in tables(connection):
                _copy_in(connection, table, folder / f"{table.name}.copy")


def fault_of(engine: Engine) -> str:
    """What the database itself says is wrong with it; empty: nothing."""
    if engine.url.get_backend_name() != SQLITE:
        return ""  # PostgreSQL has checked every key and rule of the tables when the rows came in
    with engine.connect() as connection:
        found = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
        found += [f"{row[0]} without its {row[2]}" for row in connection.execute(text("PRAGMA foreign_key_check"))]
    return "; ".join(each for each in found if each != "ok")


def tables(connection: Connection) -> list[Table]:
    """All of ours as they are there now, those first to which others point."""
    found = MetaData()
    parts = part_names(connection)
    found.reflect(connection, only=lambda name, _: name not in parts)
    return [table for table in found.sorted_tables if table.name != REVISION]


def rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables(connection)}


def _copy_pages(source: Path, target: Path) -> None:
    """All pages in one step: in WAL nobody waits for it, and it begins but once."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=BUSY_S)) as pages,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        pages.backup(copy)


def _copy_out(connection: Connection, table: Table, target: Path) -> None:
    with (
        target.open("wb") as file,
        _cursor(connection) as cursor,
        cursor.copy(f'COPY (SELECT {_columns(table)} FROM "{table.name}") TO STDOUT') as rows,  # noqa: S608 - our own names
    ):
        for block in rows:
            file.write(block)


def _copy_in(connection: Connection, table: Table, source: Path) -> None:
    with source.open("rb") as file, _cursor(connection) as cursor:
        with cursor.copy(f"COPY {_named(table)} FROM STDIN") as rows:
            while block := file.read(1 << 16):
                rows.write(block)
        for column in table.primary_key.columns:
            counter = connection.scalar(
                text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column.name}
            )
            if counter is not None:
                last = connection.scalar(select(func.max(column)))
                if last is not None:
                    connection.execute(text("SELECT setval(:counter, :last)"), {"counter": counter, "last": last})


def _named(table: Table) -> str:
    """The table with its columns by name: one that a later migration has changed may hold them in another order."""
    return f'"{table.name}" ({_columns(table)})'


def _columns(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in sorted(column.name for column in table.columns))


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()
