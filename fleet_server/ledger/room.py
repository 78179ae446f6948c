"""The ledger: it takes note of every patrol as it goes on."""

from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.shifts import Shifts
from fleet_server.core.station import Station
from fleet_server.ledger import api, export_api, report_api
from fleet_server.ledger.patrol_recorder import PatrolRecorder
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount, PatrolTrack
from fleet_server.telemetry.fleet_state import Fleet


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.add(Shifts.read(station.settings.shifts))
    recorder = PatrolRecorder(station.database, station[Fleet])
    station.intake.each_second(recorder.update)
    station.on_lead(lambda leads: recorder.forget() if leads else None)
    station.on_running(lambda: None, lambda: recorder.save(utc_now()) if station.leads() else None)


ROOM = Room(
    tables=(PatrolAccount, CheckpointVisit, PatrolTrack),
    api=(api.router, report_api.router, export_api.router),
    set_up=set_up,
)
