"""What a room registers: its tables, its API, and what it sets up. ``app.py`` has the rooms in their one order."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from fleet_server.core.station import Station
from fleet_server.store.columns import Table


def _nothing(_: Station) -> None:
    pass


@dataclass(frozen=True)
class Room:
    """A feature of the server.

    ``api`` is for who is signed in; ``doors`` decide themselves who may pass. ``outside`` is a door beside the API.
    ``set_up`` makes the room's parts, and names to the station what the room wants to hear and to do.
    ``led``: what it knows is in the memory of the process that leads, which alone opens its doors and serves its API.
    ``machines``: its doors are open in every process, those among them that serve nobody else.
    """

    tables: tuple[type[Table], ...] = ()
    api: tuple[APIRouter, ...] = ()
    doors: tuple[APIRouter, ...] = ()
    outside: tuple[APIRouter, ...] = ()
    set_up: Callable[[Station], None] = _nothing
    led: bool = False
    machines: bool = False
