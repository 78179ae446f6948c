"""The read-only views of the database that exports are made of: nothing of persons or accounts stands in them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Float, Integer, String, column, table
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from fleet_server.store.columns import Utc

TEXT, TIME, NUMBER, COUNT, YES = String, Utc, Float, Integer, Boolean


class Export(StrEnum):
    """What can be exported."""

    PATROLS = "patrols"
    VISITS = "visits"
    INCIDENTS = "incidents"


@dataclass(frozen=True)
class ExportView:
    """A view's columns in their order; ``at`` is the time by which a span is taken, ``key`` what orders it further."""

    name: str
    columns: dict[str, type[TypeEngine[Any]]]
    at: str
    key: tuple[str, ...]

    @property
    def table(self) -> TableClause:
        """As SQLAlchemy knows it."""
        return table(self.name, *(column(name, kind) for name, kind in self.columns.items()))


VIEWS = {
    Export.PATROLS: ExportView(
        "ledger_patrols",
        {
            "patrol_id": TEXT, "site_id": TEXT, "route_id": TEXT, "dog_id": TEXT, "status": TEXT, "began_at": TIME,
            "ended_at": TIME, "seconds": COUNT, "planned_m": NUMBER, "walked_m": NUMBER, "charge_used_pct": NUMBER,
            "checkpoints": COUNT, "reached": COUNT, "late": COUNT, "skipped": COUNT, "failed": COUNT,
        },
        "began_at",
        ("patrol_id",),
    ),
    Export.VISITS: ExportView(
        "ledger_visits",
        {
            "patrol_id": TEXT, "number": COUNT, "site_id": TEXT, "dog_id": TEXT, "checkpoint_id": TEXT, "status": TEXT,
            "began_at": TIME, "planned_at": TIME, "reached_at": TIME, "late": YES, "reason": TEXT,
        },
        "began_at",
        ("patrol_id", "number"),
    ),
    Export.INCIDENTS: ExportView(
        "ledger_incidents",
        {
            "incident_id": TEXT, "site_id": TEXT, "kind": TEXT, "zone_id": TEXT, "status": TEXT, "first_seen": TIME,
            "last_seen": TIME, "received_at": TIME, "acknowledged_at": TIME, "escalated_at": TIME, "answered_at": TIME,
            "x": NUMBER, "y": NUMBER, "score": NUMBER, "dog_id": TEXT, "patrol_id": TEXT,
            "deviation_m": NUMBER, "xx_m2": NUMBER, "xy_m2": NUMBER, "yy_m2": NUMBER,
        },
        "received_at",
        ("incident_id",),
    ),
}  # fmt: skip
