"""Doors that only the process that leads can open, since what is behind them is in its memory."""

from fastapi import HTTPException

from fleet_server.core.station import StationHere

MISDIRECTED = 421


def led_here(station: StationHere) -> None:
    """Refuses what the process that leads has to be asked for, and says where that is."""
    if not station.leads():
        where = station.leader or "no process yet; one does within seconds"
        raise HTTPException(
            MISDIRECTED,
            f"dogs are driven and watched by way of the process that leads: {where}",
            {"X-Xiaotian-Leader": station.leader} if station.leader else None,
        )
