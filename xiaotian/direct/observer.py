"""What a run looked like from outside: contacts, nearness to people, falls and drops, and whose motion it was."""

import math
from collections import deque
from dataclasses import dataclass, field

from sim.engine.dog_bodies import CONTROL_S
from sim.engine.people import HULL_RADIUS, Posture
from sim.engine.simulation import BODY_M, HALF_LENGTH, HALF_WIDTH, Simulation

OWN_SPEED = 0.05  # m/s towards a thing: slower than that the dog did not go there, the thing came
OVER_S = 0.2  # over which a dog's speed is taken: a trotting body sways
NEAR_M = 3.0  # farther people are not looked at
GROUND_S = 0.1  # between two looks at the ground under a dog's middle
DROP_M = 0.12  # of that ground from look to look


@dataclass(frozen=True)
class Contact:
    """``own``: the dog moved towards the thing."""

    t: float
    thing: str
    own: bool


@dataclass
class Account:
    """One dog's. Metres and seconds; ``nearest`` is the least gap between its outline and a person's skin."""

    contacts: list[Contact] = field(default_factory=list)
    falls: int = 0
    drops: int = 0
    nearest: float = math.inf
    nearest_own: float = math.inf  # while the dog moved towards that person
    walked: float = 0.0
    path: list[tuple[float, float, float, float]] = field(default_factory=list)  # t, x, y, theta: five a second

    @property
    def own_contacts(self) -> list[Contact]:
        """Those that the dog is to answer for."""
        return [contact for contact in self.contacts if contact.own]


class Observer:
    """``look`` once after each step of the world."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self.accounts = {name: Account() for name in sim.dogs}
        self._places: dict[str, deque[tuple[float, float, float]]] = {
            name: deque(maxlen=round(OVER_S / CONTROL_S) + 1) for name in sim.dogs
        }
        self._heights: dict[str, float] = {}

    def look(self) -> None:
        """Take in how things are now."""
        for name in self.accounts:
            self._follow(name)

    def _follow(self, name: str) -> None:
        sim, account, places = self._sim, self.accounts[name], self._places[name]
        dog = sim.dogs[name]
        place = dog.place(sim.data)
        if places:
            account.walked += math.dist(places[-1][:2], place[:2])
        places.append(place)
        if not account.path or sim.steps % round(0.2 / CONTROL_S) == 0:
            account.path.append((round(sim.elapsed, 2), *place))
        account.falls = dog.falls
        self._note_contacts(name)
        self._note_people(name)
        self._note_drop(name)

    def speed(self, name: str) -> tuple[float, float, float]:
        """How the dog truly moves: m/s along x and y of the world, rad/s."""
        places = self._places[name]
        if len(places) < 2:
            return 0.0, 0.0, 0.0
        (x0, y0, t0), (x1, y1, t1), passed = places[0], places[-1], CONTROL_S * (len(places) - 1)
        return (x1 - x0) / passed, (y1 - y0) / passed, math.remainder(t1 - t0, math.tau) / passed

    def _note_contacts(self, name: str) -> None:
        account, touches = self.accounts[name], self._sim.touches(name)
        for touch in touches[len(account.contacts) :]:
            x, y, _ = self._places[name][-1]
            vx, vy, omega = self.speed(name)
            towards = (vx - omega * (touch.y - y)) * touch.outward[0] + (vy + omega * (touch.x - x)) * touch.outward[1]
            account.contacts.append(Contact(round(touch.t, 2), touch.thing, towards > OWN_SPEED))

    def _note_people(self, name: str) -> None:
        account, (x, y, theta) = self.accounts[name], self._places[name][-1]
        vx, vy, _ = self.speed(name)
        for figure, walker in self._sim.people:
            stance = walker.stance
            if math.hypot(stance.x - x, stance.y - y) > NEAR_M:
                continue
            lies = BODY_M * figure.scale if stance.posture is Posture.LYING else 0.0
            gap, away = _gap(lies, stance.x, stance.y, stance.theta, x, y, theta)
            gap -= HULL_RADIUS * figure.scale
            account.nearest = min(account.nearest, gap)
            if vx * away[0] + vy * away[1] > OWN_SPEED:
                account.nearest_own = min(account.nearest_own, gap)

    def _note_drop(self, name: str) -> None:
        if self._sim.steps % round(GROUND_S / CONTROL_S):
            return
        height = self._sim.ground_under(name)
        if height < self._heights.get(name, height) - DROP_M:
            self.accounts[name].drops += 1
        self._heights[name] = height


def _gap(
    lies: float, px: float, py: float, facing: float, x: float, y: float, theta: float
) -> tuple[float, tuple[float, float]]:
    """Metres from the dog's outline to a person's axis, and the direction in which that lies."""
    best, away = math.inf, (0.0, 0.0)
    for along in (-lies, 0.0, lies) if lies else (0.0,):
        dx, dy = px + along * math.cos(facing) - x, py + along * math.sin(facing) - y
        ahead, left = math.cos(theta) * dx + math.sin(theta) * dy, -math.sin(theta) * dx + math.cos(theta) * dy
        gap = math.hypot(max(0.0, abs(ahead) - HALF_LENGTH), max(0.0, abs(left) - HALF_WIDTH))
        if gap < best:
            far = math.hypot(dx, dy) or 1.0
            best, away = gap, (dx / far, dy / far)
    return best, away
