"""The audit room: at the bottom, for every other writes into its log. Its head is kept elsewhere each day."""

from fleet_server.audit import api
from fleet_server.audit.chain_check import ChainCheck
from fleet_server.audit.head_export import PERIOD_S, HeadExport
from fleet_server.audit.tables import AuditEntry
from fleet_server.core.clock import utc_now
from fleet_server.core.detached_signature import StationKey
from fleet_server.core.room import Room
from fleet_server.core.signing import station_key
from fleet_server.core.station import Station


def set_up(station: Station) -> None:
    """What the room does in a station."""
    settings = station.settings
    key = station.add(StationKey(station_key(settings.station_key_file, settings.station_public_key_file)))
    station.add(ChainCheck(station.database, settings.audit_heads_file, settings.station_public_key_file))
    url = settings.audit_webhook.get_secret_value() if settings.audit_webhook is not None else None
    export = station.add(HeadExport(station.database, key.private, settings.audit_heads_file, url))
    station.every(PERIOD_S, lambda: export.update(utc_now()), at_once=True)


ROOM = Room(tables=(AuditEntry,), api=(api.router,), set_up=set_up)
