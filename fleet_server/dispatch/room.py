"""Dispatch: what was said to dogs is said again every few seconds until they echo it."""

from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.dispatch import api, assignment
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.telemetry.fleet_state import Fleet


def set_up(station: Station) -> None:
    """What the room does in a station."""
    sender = station.add(OrderSender(station.bus, station[Fleet]))
    station.intake.each_second(sender.update)


ROOM = Room(api=(api.router, assignment.router), set_up=set_up)
