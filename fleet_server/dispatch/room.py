"""Dispatch: what was said to dogs is said again until they echo it, and rounds that are due are given to dogs."""

from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.dispatch import api, assignment, coming_rounds, plan_backtest, speech
from fleet_server.dispatch.emergency_stop import EmergencyStops
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.dispatch.scheduled_rounds import PERIOD_S, ScheduledRounds
from fleet_server.dispatch.tables import OpenStop, Reservation
from fleet_server.dispatch.traffic_control import TrafficControl
from fleet_server.sites.walkable_ground import Grounds
from fleet_server.telemetry.fleet_state import Fleet


def set_up(station: Station) -> None:
    """What the room does in a station."""
    traffic = station.add(TrafficControl(station[Fleet], station[Grounds]))
    station.intake.each_second(traffic.update)  # before the sender: what it releases is said in the same second
    sender = station.add(OrderSender(station.bus, station[Fleet]))
    station.intake.each_second(sender.update)
    stops = station.add(EmergencyStops(sender, station[Fleet]))
    station.intake.each_second(lambda session, now, _: stops.update(session, now), everywhere=True)
    station.intake.each_second(lambda _, now, __: sender.say_asked(now), everywhere=True)
    station.on_lead(lambda leads: sender.forget() if leads else None)

    def load() -> None:
        with station.database.read() as session:
            stops.load(session)
            traffic.load(session)

    station.on_open(load)
    rounds = station.add(ScheduledRounds(station))
    station.every(PERIOD_S, rounds.update)


ROOM = Room(
    tables=(OpenStop, Reservation),
    api=(api.router, assignment.router, coming_rounds.router, plan_backtest.router, speech.router),
    set_up=set_up,
)
