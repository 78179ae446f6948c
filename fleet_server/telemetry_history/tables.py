"""What is kept of telemetry: a row a dog a minute, and one a quarter of an hour that is kept longer."""

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table

MINUTE_S, QUARTER_S = 60, 900


class _Sample:
    """A span of one dog that begins at ``at`` (Unix seconds, a multiple of its length).

    ``watched_s`` is for how many of its seconds the station looked, ``live_s`` for how many of those the dog was live.
    Charge in percent, places in metres on ``map_id`` at the end of the span, ``walked_m`` within it, m/s.
    """

    dog_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    watched_s: Mapped[int] = mapped_column(Integer)
    live_s: Mapped[int] = mapped_column(Integer)
    battery: Mapped[float | None]
    battery_least: Mapped[float | None]
    x: Mapped[float | None]
    y: Mapped[float | None]
    map_id: Mapped[str | None] = mapped_column(String(64))
    walked_m: Mapped[float]
    speed_most: Mapped[float]
    errors: Mapped[str] = mapped_column(String(200))
    """The types of the errors that it told, by name, joined by commas."""


class TelemetryMinute(_Sample, Table):
    """A dog's minute. On PostgreSQL partitioned by the day."""

    __tablename__ = "telemetry_minutes"


class TelemetryQuarter(_Sample, Table):
    """A dog's quarter of an hour, made of its minutes. On PostgreSQL partitioned by thirty days."""

    __tablename__ = "telemetry_quarters"
