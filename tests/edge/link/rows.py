"""Rows of an outbox for tests."""

import uuid

from edge.link.outbox import Kind, Outbox, Row


def anomaly(outbox: Outbox) -> str:
    key = str(uuid.uuid4())
    outbox.put([Row(key, Kind.ANOMALY, b"{}")])
    return key


def picture(outbox: Outbox, kind: Kind, size: int) -> str:
    key = str(uuid.uuid4())
    if outbox.keep_picture(key, kind, bytes(size)):
        outbox.put([Row(key, kind, b"{}", size)])
    return key


def ids(rows: list[Row]) -> list[str]:
    return [row.id for row in rows]
