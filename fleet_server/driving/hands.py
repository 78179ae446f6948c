"""Who has which dog in hand. In memory: after a restart of the server nobody drives, and each dog stands by itself."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from fleet_server.telemetry.driver import Driver


class Refused(Exception):
    """Why somebody cannot have, ask for or hand over a dog now, in words for the operator."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One driver's drive. ``action_id`` is the instant action that began it; ``manual``: the dog has confirmed it.

    ``spoken_at`` is when the driver's page was last heard.
    """

    dog_id: str
    driver: str
    session_id: str
    since: datetime
    spoken_at: datetime
    action_id: str = ""
    manual: bool = False
    asked_by: str = ""

    @property
    def shown(self) -> Driver:
        """As the dogs' API tells it."""
        return Driver(self.driver, self.since, self.asked_by)


class Hands:
    """One at a time for each dog, from any thread."""

    def __init__(self, begin: Callable[[Hand, Hand | None], str], end: Callable[[Hand], None]) -> None:
        """Both tell the dog, under the lock. ``begin`` is given whose hand it was before, too, and returns the id of
        the instant action that it asked for."""
        self._begin, self._end = begin, end
        self._hands: dict[str, Hand] = {}
        self._lock = threading.RLock()

    def of(self, dog_id: str) -> Hand | None:
        """Who has that dog in hand."""
        return self._hands.get(dog_id)

    def all(self) -> list[Hand]:
        """All that are taken."""
        with self._lock:
            return list(self._hands.values())

    def take(self, dog_id: str, driver: str, now: datetime) -> Hand:
        """A dog that nobody has; raises Refused. To take it again who has it already is to begin anew."""
        with self._lock:
            held = self.of(dog_id)
            if held is not None and held.driver != driver:
                raise Refused(f"{held.driver} drives {dog_id}")
            return self._give(dog_id, driver, now)

    def take_over(self, dog_id: str, driver: str, now: datetime) -> str:
        """Out of another's hand: whose it was; raises Refused where nobody has it."""
        with self._lock:
            held = self.of(dog_id)
            if held is None or held.driver == driver:
                raise Refused(f"nobody else drives {dog_id}")
            self._give(dog_id, driver, now)
            return held.driver

    def ask(self, dog_id: str, asker: str) -> None:
        """Ask the driver for the hand; raises Refused."""
        with self._lock:
            held = self.of(dog_id)
            if held is None or held.driver == asker:
                raise Refused(f"nobody else drives {dog_id}")
            if held.asked_by not in ("", asker):
                raise Refused(f"{held.asked_by} has asked for {dog_id} before")
            self._hands[dog_id] = replace(held, asked_by=asker)

    def grant(self, dog_id: str, driver: str, now: datetime) -> str:
        """Hand it to who has asked: their name; raises Refused."""
        with self._lock:
            held = self._mine(dog_id, driver)
            if not held.asked_by:
                raise Refused(f"nobody has asked for {dog_id}")
            self._give(dog_id, held.asked_by, now)
            return held.asked_by

    def refuse(self, dog_id: str, driver: str) -> str:
        """Keep it from who has asked: their name, who may ask again; raises Refused."""
        with self._lock:
            held = self._mine(dog_id, driver)
            if not held.asked_by:
                raise Refused(f"nobody has asked for {dog_id}")
            self._hands[dog_id] = replace(held, asked_by="")
            return held.asked_by

    def give_back(self, dog_id: str, driver: str) -> None:
        """Nobody drives it any more, and it is told to go on; raises Refused."""
        with self._lock:
            held = self._mine(dog_id, driver)
            del self._hands[dog_id]
            self._end(held)

    def lose(self, hand: Hand) -> bool:
        """The drive is over without its driver's word; the dog is told nothing, and stands. False: it was over."""
        with self._lock:
            held = self.of(hand.dog_id)
            if held is None or held.session_id != hand.session_id:
                return False
            del self._hands[hand.dog_id]
            return True

    def note(self, hand: Hand, spoken_at: datetime | None = None, manual: bool | None = None) -> None:
        """What was heard of a drive that is under way."""
        with self._lock:
            held = self.of(hand.dog_id)
            if held is not None and held.session_id == hand.session_id:
                self._hands[hand.dog_id] = replace(
                    held,
                    spoken_at=spoken_at or held.spoken_at,
                    manual=held.manual if manual is None else manual,
                )

    def _mine(self, dog_id: str, driver: str) -> Hand:
        held = self.of(dog_id)
        if held is None or held.driver != driver:
            raise Refused(f"{driver} does not drive {dog_id}")
        return held

    def _give(self, dog_id: str, driver: str, now: datetime) -> Hand:
        made = Hand(dog_id, driver, secrets.token_urlsafe(24), now, now)
        made = replace(made, action_id=self._begin(made, self.of(dog_id)))
        self._hands[dog_id] = made
        return made
