"""What a station has kept of a dog, put into its database as the server itself would have."""

import math
from collections.abc import Iterable

from fleet_server.store.database import Database
from fleet_server.telemetry_history.recorder import insert
from fleet_server.telemetry_history.sample import Sample, down_sampled
from fleet_server.telemetry_history.tables import MINUTE_S, QUARTER_S, TelemetryMinute, TelemetryQuarter
from tests.console.running_station import RunningStation

DAY_S = 86_400


def keep(station: RunningStation, minutes: Iterable[Sample]) -> None:
    """Store ``minutes``, and the quarters of an hour that they make."""
    rows = list(minutes)
    database = Database(f"sqlite:///{station.data_dir / 'xiaotian.sqlite3'}")
    with database.write() as session:
        insert(session, TelemetryMinute.__table__, rows)
        insert(session, TelemetryQuarter.__table__, down_sampled(rows, QUARTER_S))
    database.engine.dispose()


def month_of(dog: str, now: int) -> list[Sample]:
    """Thirty days of rounds and charging, with nights off, a bad link now and then, and faults."""
    first = (now // MINUTE_S - 30 * DAY_S // MINUTE_S) * MINUTE_S
    return [
        _minute(dog, at)
        for at in range(first, now // MINUTE_S * MINUTE_S, MINUTE_S)
        if at % DAY_S // 3600 not in (3, 4)
    ]


def _minute(dog: str, at: int) -> Sample:
    place = at % 10_800 / 10_800  # a round of two hours, and an hour of charging
    walks = place < 2 / 3
    battery = 95 - 60 * place if walks else 55 + 40 * (place - 2 / 3) * 3
    weak = at % 17_000 < 900
    return Sample(
        dog_id=dog,
        at=at,
        watched_s=MINUTE_S,
        live_s=round(60 * (0.55 + 0.3 * math.sin(at / 400))) if weak else 60,
        battery=round(battery, 2),
        battery_least=round(battery - 1.5, 2),
        walked_m=round(24 + 8 * math.sin(at / 700), 2) if walks else 0.0,
        speed_most=0.8 if walks else 0.0,
        errors="localizationLost" if weak and walks and at % 300 == 0 else "",
    )
