"""Telemetry that is kept, by the minute and by the quarter of an hour."""

from datetime import timedelta

from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry_history import api
from fleet_server.telemetry_history.recorder import Recorder
from fleet_server.telemetry_history.retention import HistoryRetention
from fleet_server.telemetry_history.tables import TelemetryMinute, TelemetryQuarter


def set_up(station: Station) -> None:
    """What the room does in a station."""
    settings = station.settings
    recorder = Recorder(station[Fleet])
    kept = timedelta(days=settings.history_days), timedelta(days=settings.history_quarters_days)
    retention = HistoryRetention(station.database, *kept)
    station.on_lead(lambda leads: recorder.forget() if leads else None)
    station.intake.each_second(recorder.update)
    station.daily(lambda: retention.update(utc_now()))


ROOM = Room(tables=(TelemetryMinute, TelemetryQuarter), api=(api.router,), set_up=set_up)
