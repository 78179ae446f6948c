"""Each message goes into what is known of its vehicle; for another vehicle than all before there must be room."""

import time
from dataclasses import dataclass

import structlog

from fleet_server.core.events import Events
from fleet_server.core.intake import Arrival
from fleet_server.core.log_throttle import LogThrottle
from fleet_server.telemetry.fleet_state import MOST_VEHICLES, Fleet
from fleet_server.telemetry.vehicle_id import dog_id

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NewDog:
    """A vehicle that was never heard before, said before its first message is taken in."""

    dog_id: str


class MessageIntake:
    """For the ingest thread alone."""

    def __init__(self, fleet: Fleet, events: Events) -> None:
        self._fleet, self._events = fleet, events
        self._throttle = LogThrottle()

    def take(self, arrival: Arrival) -> bool:
        """Take a message in; False where there is no room for another vehicle."""
        address, name = arrival.address, dog_id(arrival.address)
        if self._fleet.is_new(address):
            if self._fleet.full:
                if (count := self._throttle.take("full", time.monotonic())) is not None:
                    log.error("no room for another vehicle", count=count, dog=name, most=MOST_VEHICLES)
                return False
            log.info("a new dog", dog=name, manufacturer=address.manufacturer)
            self._events.tell(NewDog(name))
        self._fleet.hear(address, arrival.message, arrival.at, arrival.retained, arrival.challenge, arrival.loosely)
        return True
