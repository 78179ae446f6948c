"""The live camera: streams that are watched are asked for again and again, and end by themselves."""

import asyncio
import contextlib
from collections.abc import Callable
from time import monotonic

from fleet_server.camera_stream import api, dog_socket
from fleet_server.camera_stream.streams import PERIOD_S, Streams
from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.instant_actions import InstantActions
from protocol.order import Action, ActionParameter, BlockingType
from protocol.topics import Topic


def set_up(station: Station) -> None:
    """What the room does in a station."""

    def say(vehicle: Vehicle, action_type: str, action_id: str, parameters: dict[str, str]) -> None:
        given = [ActionParameter(key=key, value=value) for key, value in parameters.items()]
        action = Action(
            action_type=action_type, action_id=action_id, blocking_type=BlockingType.NONE, action_parameters=given
        )
        header = station.bus.header(vehicle.address, Topic.INSTANT_ACTIONS, utc_now())
        station.bus.publish(vehicle.address, Topic.INSTANT_ACTIONS, InstantActions(**header, actions=[action]))

    streams = station.add(Streams(station[Fleet], say))
    station[Fleet].watchers = streams.watchers
    loops: list[asyncio.AbstractEventLoop] = []

    def in_loop(work: Callable[[], object]) -> None:
        for loop in loops:
            with contextlib.suppress(RuntimeError):  # it has just closed: the server is ending
                loop.call_soon_threadsafe(work)

    def hear_lead(leads: bool) -> None:
        if not leads:
            in_loop(streams.end_all)

    station.on_running(lambda: loops.append(asyncio.get_running_loop()), loops.clear)
    station.on_lead(hear_lead)
    station.every(PERIOD_S, lambda: in_loop(lambda: streams.update(monotonic())), everywhere=True)


ROOM = Room(api=(api.router,), doors=(api.doors, dog_socket.router), set_up=set_up, led=True)
