"""What the mission node does between its messages: orders and the dog's situation -> walks, work, and the state."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.mission.events import Command, Event, Situation
from edge.mission.factsheet import Make, factsheet
from edge.mission.latest_inputs import LatestInputs
from edge.mission.mission import Mission, MissionConfig, Report
from edge.mission.order_progress import OrderProgress
from edge.mission.standing_ground import standing_ground
from edge.mission.state import compose
from edge.mission.way_home import way_home
from edge.types import Pose2D
from protocol.factsheet import Factsheet
from protocol.site import Dock, GridMap, Zone
from protocol.state import State
from protocol.topics import Address

PERIOD = 0.1  # s
STATE_EVERY = 10  # periods


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be said of the dog now: the wire's state, and the report of which it was made."""

    report: Report
    state: State


@dataclass(frozen=True, slots=True)
class MissionStep:
    """What is to be done, in order; ``told`` where something is to be said, after what is held has been kept."""

    commands: tuple[Command, ...]
    told: Told | None


class MissionCore:
    """Collects what came and the newest of everything; ``update`` each PERIOD hands it to the mission."""

    def __init__(
        self,
        address: Address,
        config: MissionConfig | None = None,
        held: OrderProgress | None = None,
        make: Make | None = None,
    ) -> None:
        """``held`` is the order that was kept when the dog was last on."""
        self.address, self.make = address, make or Make()
        self.latest = LatestInputs()
        self.latest.half_blind = self.make.half_blind
        self.mission = Mission(config, held)
        self._events: list[Event] = []
        self._ticks = 0

    def take(self, *events: Event) -> None:
        """What happened: handed on with the next update."""
        self._events += events

    def take_site(self, grid: GridMap, version: int, docks: Sequence[Dock], zones: Sequence[Zone]) -> None:
        """The site; raises UnusableMap."""
        poses = [dock.pose for dock in docks]
        home = way_home(grid, zones, [Pose2D(pose.x, pose.y, pose.theta) for pose in poses])
        self.latest.take_site(grid.map_id, version, poses, standing_ground(grid, zones), home)

    def update(self, now: float) -> MissionStep:
        """Go one step on."""
        events, self._events = self._events, []
        situation = self.latest.situation(now)
        wanted = self.mission.update(events, situation, now)
        self._ticks += 1
        due = wanted.report or self._ticks % STATE_EVERY == 0
        return MissionStep(tuple(wanted.items), self._tell(situation, now) if due else None)

    def state(self, now: float) -> State:
        """How the dog is now."""
        return self._tell(self.latest.situation(now), now).state

    def factsheet(self, now: float) -> Factsheet:
        """What the dog is and can."""
        return factsheet(self.address, now, make=self.make)

    def _tell(self, situation: Situation, now: float) -> Told:
        report = self.mission.report()
        return Told(report, compose(report, situation, self.address, now))
