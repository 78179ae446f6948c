"""A mission on a dog in the simulated world, in lock-step: no process, no ROS, the same to the last bit."""

from collections.abc import Mapping, Sequence
from typing import Any

from edge.mission.events import (
    Battery,
    ClearFall,
    Event,
    Go,
    GoalEnded,
    GoalProgress,
    Halt,
    LookEnded,
    Outcome,
    Safety,
    Situation,
    TakePhoto,
)
from edge.mission.mission import Mission, MissionConfig
from edge.mission.standing_ground import standing_ground
from edge.mission.way_home import way_home
from edge.navigation.navigator import Failure, Goal, Progress, Status
from edge.navigation.safety_gate import Level
from edge.types import STILL, Obstruction, Pose2D
from protocol.codec import header
from protocol.order import Action, Edge, Node, NodePosition, Order
from protocol.topics import Address
from sim.engine.simulation import Make
from xiaotian.direct.trial import Trial

NAME = "dog1"
EVERY = 5  # steps of the world between two of the mission's


class MissionTrial:
    """One dog at the site's first dock, with a mission over it."""

    def __init__(
        self,
        where: str = "station_yard",
        make: Make = Make.LEGGED,
        script: Sequence[Mapping[str, Any]] = (),
        seed: int = 0,
    ) -> None:
        probe = Trial(where)
        self.docks = [Pose2D(dock.pose.x, dock.pose.y, dock.pose.theta) for dock in probe.site.file.docks]
        probe.close()
        dock = self.docks[0]
        self.trial = Trial(where, {NAME: (dock.x, dock.y, dock.theta)}, script, seed, make)
        message, zones = self.trial.site.ground.message, self.trial.site.ground.zones
        self.map_id = message.map_id
        self.address = Address("xiaotian", NAME)
        self.mission = Mission(MissionConfig())
        self._can_stand, self._way_home = standing_ground(message, zones), way_home(message, zones, self.docks)
        self._events: list[Event] = []
        self._wish: dict[str, Any] = {}
        self._goal, self._steps = 0, 0
        self._told: list[str] = []
        self.said: list[str] = []  # the errors, each with its stage, as they came

    @property
    def now(self) -> float:
        """Seconds since the trial began."""
        return self.trial.sim.elapsed

    @property
    def truth(self) -> Pose2D:
        """Where the dog truly is."""
        return Pose2D(*self.trial.sim.dogs[NAME].place(self.trial.sim.data))

    def order(self, *places: tuple[float, float], first: Sequence[Action] = (), work: Sequence[Action] = ()) -> Order:
        """From where the dog is along ``places``, with ``work`` at the last."""
        here = self.truth
        nodes = [
            Node(
                node_id=f"n{number}",
                sequence_id=2 * number,
                released=True,
                actions=list(first if not number else work if number == len(places) else ()),
                node_position=NodePosition(x=x, y=y, map_id=self.map_id, allowed_deviation_xy=0.5),
            )
            for number, (x, y) in enumerate([(here.x, here.y), *places])
        ]
        edges = [
            Edge(
                edge_id=f"e{n}",
                sequence_id=2 * n + 1,
                released=True,
                actions=[],
                start_node_id=f"n{n}",
                end_node_id=f"n{n + 1}",
            )
            for n in range(len(places))
        ]
        head = header(self.address, 0, self.trial.sim.now)
        return Order(**head, order_id="o1", order_update_id=0, nodes=nodes, edges=edges)

    def tell(self, *events: Event) -> None:
        """With the mission's next step."""
        self._events += events

    def set_battery(self, charge: float) -> None:
        """As if it had charged or drained meanwhile."""
        self.trial.sim.dogs[NAME].battery.set(charge, None)

    def topple(self) -> None:
        """Throw it on its side."""
        dog = self.trial.sim.dogs[NAME]
        dog.body.topple(self.trial.sim.data)

    def run(self, seconds: float, until: Any = lambda: False) -> bool:
        """So many seconds, or until something holds; whether it does."""
        end = self.now + seconds
        while self.now < end:
            wish, self._wish = self._wish, {}
            out = self.trial.lockstep.step({NAME: wish})[NAME]
            self.trial.observer.look()
            replaced = "goal" in wish and out.ended is not None and out.ended.failure is Failure.CANCELED
            if out.ended is not None and self._goal and not replaced:
                self._events.append(self._ended(out.ended))
            self._steps += 1
            if self._steps % EVERY == 0:
                self._think(out.progress)
                if until():
                    return True
        return bool(until())

    def _think(self, progress: Progress) -> None:
        if self._goal:
            waiting = progress.reason if progress.status is Status.WAITING else ""
            self._events.append(GoalProgress(self._goal, waiting, _seen(progress)))
        events, self._events = self._events, []
        wanted = self.mission.update(events, self.situation(), self.trial.sim.now)
        for command in wanted.items:
            match command:
                case Go():
                    self._goal = command.goal
                    pose = Pose2D(command.x, command.y, float("nan") if command.theta is None else command.theta)
                    self._wish = {"goal": Goal(pose, command.speed or float("inf"), *command.tolerance)}
                case Halt():
                    self._goal, self._wish = 0, {"cancel": True}
                case TakePhoto(action_id):
                    self._events.append(LookEnded(action_id, True))
                case ClearFall():
                    self._wish = {**self._wish, "clear_fall": True}
        told = []
        for error in self.mission.report().errors:
            about = {r.reference_key: r.reference_value for r in error.error_references or []}
            told.append(f"{error.error_type} {about.get('stage', '')}".strip())
        if told != self._told:
            self._told = told
            self.said += told

    def situation(self) -> Situation:
        """What the mission is shown."""
        dog = self.trial.lockstep.dogs[NAME]
        verdict, charge = dog.safety.verdict, self.trial.sim.dogs[NAME].battery.read()
        estimate = dog.navigator.estimate
        return Situation(
            pose=estimate,
            twist=STILL,
            battery=Battery(charge.charge, charge.voltage, charge.charging),
            safety=Safety(verdict.level is Level.STOPPED, tuple(map(str, verdict.reasons)), verdict.emergency_stop)
            if verdict
            else None,
            map_id=self.map_id,
            docks=tuple(self.docks),
            can_stand=self._can_stand,
            way_home=self._way_home,
        )

    def _ended(self, progress: Progress) -> GoalEnded:
        goal, self._goal = self._goal, 0
        outcome = Outcome.REACHED if progress.status is Status.REACHED else Outcome(str(progress.failure))
        return GoalEnded(goal, outcome, progress.reason, _seen(progress))


def _seen(progress: Progress) -> Obstruction | None:
    seen = progress.obstruction
    return Obstruction(seen.x, seen.y, seen.length, seen.width) if seen is not None else None
