"""Driving: who has which dog in hand, and what they say to it."""

from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.driving import api, socket
from fleet_server.driving.drive_requests import DriveRequests
from fleet_server.driving.drive_watch import DriveWatch
from fleet_server.driving.drives import Drives
from fleet_server.driving.hands import Hands
from fleet_server.telemetry.driver import Driver
from fleet_server.telemetry.fleet_state import Fleet
from protocol.manual_driving import DriveState


def set_up(station: Station) -> None:
    """What the room does in a station."""
    fleet, drives = station[Fleet], station.add(Drives(station.bus))
    requests = station.add(DriveRequests(station[OrderSender], drives, fleet))
    hands = station.add(Hands(requests.begin, requests.end))

    def driver(dog_id: str) -> Driver | None:
        hand = hands.of(dog_id)
        return hand.shown if hand is not None else None

    def lose_all(leads: bool) -> None:
        for hand in () if leads else hands.all():
            if hands.lose(hand):
                drives.end(hand.session_id)

    fleet.driver = driver
    station.on_lead(lose_all)
    station.intake.hears_at_once(DriveState, drives.hear)
    station.intake.each_second(DriveWatch(hands, drives, fleet).update, everywhere=True)


ROOM = Room(api=(api.router,), doors=(socket.router,), set_up=set_up, led=True)
