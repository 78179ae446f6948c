"""An export as CSV or Parquet, written row by row: its size is the disk's matter, not the memory's."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.ledger.export_views import COUNT, NUMBER, TEXT, TIME, YES, ExportView
from fleet_server.ledger.span import Span

ROWS = 5000  # of a row group
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a text begins that a spreadsheet would carry out


class Format(StrEnum):
    """Of an export."""

    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.PARQUET: "application/vnd.apache.parquet"}


def write_export(session: Session, view: ExportView, span: Span, kind: Format, file: IO[bytes]) -> int:
    """Write what the view has of the span into ``file``, oldest first; returns how many rows."""
    rows = _rows(session, view, span)
    return _write_csv(view, rows, file) if kind is Format.CSV else _write_parquet(view, rows, file)


def _rows(session: Session, view: ExportView, span: Span) -> Iterator[Sequence[Any]]:
    here = view.table
    at = here.c[view.at]
    query = select(here).where(here.c.site_id == span.site_id, at >= span.since, at < span.until)
    query = query.order_by(at, *(here.c[name] for name in view.key))
    yield from session.execute(query, execution_options={"yield_per": ROWS})


def _write_csv(view: ExportView, rows: Iterator[Sequence[Any]], file: IO[bytes]) -> int:
    count = 0
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(view.columns)
    for row in rows:
        writer.writerow([_told(value) for value in row])
        count += 1
    text.detach()
    return count


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _write_parquet(view: ExportView, rows: Iterator[Sequence[Any]], file: IO[bytes]) -> int:
    import pyarrow as pa  # large, and few requests need it
    import pyarrow.parquet as pq

    kinds = {
        TEXT: pa.string(), TIME: pa.timestamp("us", tz="UTC"), NUMBER: pa.float64(), COUNT: pa.int64(), YES: pa.bool_()
    }  # fmt: skip
    schema = pa.schema([(name, kinds[kind]) for name, kind in view.columns.items()])
    count = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(rows, ROWS)):
            columns = [pa.array(values, schema.field(n).type) for n, values in enumerate(zip(*some, strict=True))]
            writer.write_table(pa.table(columns, schema=schema))
            count += len(some)
    return count
