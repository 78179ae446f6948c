"""The vehicle that a route names, and the sentences for one that is not known, is not heard or cannot do it."""

from fastapi import HTTPException

from fleet_server.core.station import Station
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.vehicle_capabilities import features


def find_vehicle(station: Station, dog_id: str) -> Vehicle:
    """The vehicle of that id, or 404."""
    vehicle = station[Fleet].get(dog_id)
    if vehicle is None:
        raise HTTPException(404, f"there is no dog {dog_id!r}")
    return vehicle


def not_live(vehicle: Vehicle) -> str:
    """That it is not live, and since when; the console has these words in Chinese."""
    return f"{vehicle.dog_id} is not live: last heard {vehicle.last_heard_at:%Y-%m-%dT%H:%M:%SZ}"


def refusal_of(vehicle: Vehicle, live: bool, action: str, lack: str) -> str | None:
    """Why the vehicle cannot be asked for an instant ``action`` now; None where it can. ``lack`` says it in words."""
    takes = features(vehicle.factsheet).takes(action)
    if not live:
        return not_live(vehicle)
    if takes is None:
        return f"{vehicle.dog_id} has not said yet what it can"
    return None if takes else f"{vehicle.dog_id} {lack}: its factsheet has no {action}"
