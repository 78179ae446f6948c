"""What the parts of a mission share during an update: the order held, how the dog is, and what is asked for."""

from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.errors import short
from edge.mission.events import Command, Commands, Situation
from edge.mission.health_monitor import Findings
from edge.mission.order_progress import OrderProgress, Work
from protocol.order import Action
from protocol.state import ActionStatus, Error

MOST_REJECTIONS = 10
AT_DOCK = 0.6  # m from the dock's pose


@dataclass(slots=True)
class MissionContext:
    """``now`` in seconds of the dog's clock, ``elapsed`` since the last update."""

    held: OrderProgress
    situation: Situation = field(default_factory=Situation)
    findings: Findings = field(default_factory=Findings)
    now: float = 0.0
    elapsed: float = 0.0
    out: Commands = field(default_factory=Commands)
    rejections: list[Error] = field(default_factory=list)  # each stands until an order is accepted (6.6.4)

    def begin(self, situation: Situation, now: float) -> None:
        """Another update."""
        self.out, self.situation = Commands(), situation
        self.elapsed = max(0.0, now - self.now) if self.now else 0.0
        self.now = now

    def ask(self, command: Command) -> None:
        """Have something done."""
        self.out.items.append(command)

    def tell(self) -> None:
        """The state has changed."""
        self.out.report = True

    def reject(self, error: Error) -> None:
        """Tell why something was refused."""
        if error not in self.rejections:
            self.rejections = [*self.rejections, error][-MOST_REJECTIONS:]

    def add_instant(self, action: Action, status: ActionStatus, result: str = "", remaining: float = 0.0) -> None:
        """An instant action; only its state is kept."""
        bare = replace(action, action_type=short(action.action_type), action_parameters=UNSET)
        self.held = self.held.with_instant(Work(bare, status=status, result=result, remaining=remaining))

    def end_work(self, action_id: str, success: bool, result: str = "") -> None:
        """An action is over; one that has ended already stays what it is."""
        for work in self.held.works:
            if work.action.action_id == action_id and not work.ended:
                status = ActionStatus.FINISHED if success else ActionStatus.FAILED
                self.held = self.held.with_work(replace(work, status=status, result=short(result)))
                self.tell()

    def open_instants(self, *kinds: str) -> list[Work]:
        """The instant actions of these kinds that have not ended."""
        return [w for w in self.held.works if w.sequence_id < 0 and not w.ended and w.action.action_type in kinds]

    def break_off(self, error: Error) -> None:
        """End the order, tell why, and go home."""
        why = error.error_description or "broken off"
        self.held = self.held.broken_off(why, error, going_home=bool(self.situation.docks))
        self.tell()

    @property
    def charging(self) -> bool:
        """Whether the battery is being charged."""
        return self.situation.battery is not None and self.situation.battery.charging

    @property
    def at_dock(self) -> bool:
        """Whether the dog stands where it charges."""
        pose = self.situation.pose
        return pose is not None and any(pose.pose.distance(dock) < AT_DOCK for dock in self.situation.docks)
