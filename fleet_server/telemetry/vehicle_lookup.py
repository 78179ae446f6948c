"""The vehicle that a route names, and the sentences for one that is not known or not heard."""

from fastapi import HTTPException

from fleet_server.core.station import Station
from fleet_server.telemetry.fleet_state import Fleet, Vehicle


def find_vehicle(station: Station, dog_id: str) -> Vehicle:
    """The vehicle of that id, or 404."""
    vehicle = station[Fleet].get(dog_id)
    if vehicle is None:
        raise HTTPException(404, f"there is no dog {dog_id!r}")
    return vehicle


def not_live(vehicle: Vehicle) -> str:
    """That it is not live, and since when; the console has these words in Chinese."""
    return f"{vehicle.dog_id} is not live: last heard {vehicle.last_heard_at:%Y-%m-%dT%H:%M:%SZ}"
