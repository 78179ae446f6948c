"""A real dog at the wall's pace: its mind and its link are the robot's own, its body and its yard the simulator's."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge.dog.mission_core import MissionCore
from edge.link.command_authentication import CommandAuthentication
from edge.link.whole_link import Reach, open_link
from edge.mission.events import Event, InstantActionsCame, LinkHeard, OrderCame
from edge.mission.factsheet import factsheet
from edge.mission.state import position, velocity
from edge.types import STILL, Twist2D
from protocol.codec import decode
from protocol.instant_actions import InstantActions
from protocol.manual_driving import DriveCommand
from protocol.order import Order
from protocol.topics import Address, Topic
from sim.engine.dog_bodies import CONTROL_S
from sim.engine.simulation import Make
from xiaotian.direct.trial import Trial

MOST_BEHIND_S = 0.1  # of the world, on a busy machine: it then goes slower, and does not catch up


@dataclass(frozen=True)
class Sent:
    """To the legs: when, by the wall's steady clock and by the dog's, which is simulated."""

    wall: float
    at: float
    command: Twist2D


@dataclass
class Driven:
    """What its legs were told, and what was heard of its driver, by the dog's clock."""

    address: Address
    trial: Trial
    sent: list[Sent] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)
    heard: list[tuple[float, DriveCommand]] = field(default_factory=list)
    refused: int = 0

    @property
    def place(self) -> tuple[float, float, float]:
        return self.trial.sim.dogs["dog1"].place(self.trial.sim.data)

    @property
    def moves(self) -> bool:
        """Whether its legs are told to move it."""
        return bool(self.sent) and self.sent[-1].command != STILL

    @property
    def stopped_at(self) -> float:
        """The wall's second at which its legs were first told the zero of now."""
        moved = [n for n, each in enumerate(self.sent) if each.command != STILL]
        return self.sent[min(moved[-1] + 1, len(self.sent) - 1)].wall if moved else 0.0


@contextmanager
def driven_dog(
    mqtt_port: int, data: Path, name: str = "dog1", authority: CommandAuthentication | None = None
) -> Iterator[Driven]:
    """It stands in the open of the yard, and is on the wire while the block runs."""
    address = Address("xiaotian", name)
    with Trial("station_yard", {"dog1": (8.0, 4.0, 0.0)}, make=Make.LIGHT) as trial:
        mission = MissionCore(address)
        mission.take_site(trial.site.ground.message, 1, trial.site.file.docks, trial.site.ground.zones)
        trial.lockstep.dogs["dog1"].mission = mission
        made = Driven(address, trial)
        ended = threading.Event()
        thread = threading.Thread(target=_live, args=(made, mission, mqtt_port, data, authority, ended.is_set))
        thread.start()
        try:
            yield made
        finally:
            ended.set()
            thread.join(30)


def _live(
    made: Driven,
    mission: MissionCore,
    mqtt_port: int,
    data: Path,
    authority: CommandAuthentication | None,
    is_over: Callable[[], bool],
) -> None:
    reach = Reach("127.0.0.1", mqtt_port, "http://127.0.0.1:9", None)
    line = open_link(made.address, data, reach, time.time(), authority)
    line.link.take_factsheet(factsheet(made.address, time.time()), time.time())
    line.start()
    due, connected = time.monotonic(), None
    try:
        while not is_over():
            situation = mission.latest.situation(made.trial.sim.now)
            place = (position(situation), velocity(situation)) if situation.pose is not None else None
            step = line.step(place, time.monotonic(), time.time())  # type: ignore[arg-type]
            events: list[Event] = []
            for passed in step.inbox:
                if passed.topic == Topic.INSTANT_ACTIONS:
                    events.append(InstantActionsCame(decode(passed.payload, InstantActions)))
                elif passed.topic == Topic.ORDER:
                    events.append(OrderCame(decode(passed.payload, Order)))
            if line.link.connected is not connected:
                connected = line.link.connected
                events.append(LinkHeard(connected))
            drives = tuple(decode(passed.payload, DriveCommand) for passed in step.drives)
            made.refused = line.link.refused.total()
            made.trial._wishes["dog1"] = {"events": tuple(events), "drives": drives}
            out = made.trial.step()["dog1"]
            made.heard += [(made.trial.sim.now, drive) for drive in drives]
            if out.command is not None:
                made.sent.append(Sent(time.monotonic(), made.trial.sim.now, out.command))
            if out.told is not None:
                made.errors.update(error.error_type for error in out.told.report.errors)
                line.link.take_state(out.told.state)
            if out.drive is not None:
                line.link.take_drive_state(out.drive, time.monotonic())
            due = max(due + CONTROL_S, time.monotonic() - MOST_BEHIND_S)
            time.sleep(max(0.0, due - time.monotonic()))
    finally:
        line.stop(time.time())
