"""Orders in short, and a dog that does what the mission asks of it, step by step."""

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from edge.mission.events import (
    Battery,
    Command,
    CompareToReference,
    Event,
    Go,
    GoalEnded,
    Halt,
    InstantActionsCame,
    LetDrive,
    LookEnded,
    Outcome,
    Safety,
    SetEmergencyStop,
    SetPose,
    Situation,
    TakePhoto,
)
from edge.mission.mission import Mission, MissionConfig, Report
from edge.mission.order_progress import OrderProgress
from edge.types import STILL, Pose2D, PoseEstimate, Twist2D
from protocol.codec import header
from protocol.instant_actions import InstantActions
from protocol.order import Action, ActionParameter, BlockingType, Edge, Node, NodePosition, Order
from protocol.topics import Address

ADDRESS = Address("xiaotian", "dog1")
NOW = 1_795_000_000.0
PLACES = {"a": (0.0, 0.0), "b": (5.0, 0.0), "c": (5.0, 5.0), "d": (0.0, 5.0)}
DOCK = Pose2D(-3.0, 0.0, 0.0)


def action(kind: str, action_id: str, blocking: BlockingType = BlockingType.HARD, **parameters: object) -> Action:
    given = [ActionParameter(key=key, value=value) for key, value in parameters.items()]  # type: ignore[arg-type]
    return Action(action_type=kind, action_id=action_id, blocking_type=blocking, action_parameters=given)


def node(name: str, sequence_id: int, *actions: Action, released: bool = True) -> Node:
    x, y = PLACES[name]
    place = NodePosition(x=x, y=y, map_id="yard", allowed_deviation_xy=0.5)
    return Node(node_id=name, sequence_id=sequence_id, released=released, actions=list(actions), node_position=place)


def order(*nodes: Node, order_id: str = "o1", update: int = 0, on_edge: dict[int, list[Action]] | None = None) -> Order:
    """Straight edges between the nodes; ``on_edge`` has their actions by sequenceId."""
    edges = [
        Edge(
            edge_id=f"{before.node_id}{after.node_id}",
            sequence_id=before.sequence_id + 1,
            released=after.released,
            start_node_id=before.node_id,
            end_node_id=after.node_id,
            actions=(on_edge or {}).get(before.sequence_id + 1, []),
        )
        for before, after in pairwise(nodes)
    ]
    return Order(**header(ADDRESS, 0, NOW), order_id=order_id, order_update_id=update, nodes=list(nodes), edges=edges)


def instant(*actions: Action) -> InstantActionsCame:
    return InstantActionsCame(InstantActions(**header(ADDRESS, 0, NOW), actions=list(actions)))


def situation(x: float = 0.0, y: float = 0.0, theta: float = 0.0) -> Situation:
    pose = PoseEstimate(Pose2D(x, y, theta), np.eye(3) * 0.01, 0.9, NOW)
    return Situation(
        pose=pose,
        battery=Battery(0.8, 29.0, charging=False),
        safety=Safety(),
        map_id="yard",
        docks=(DOCK,),
        detector="eyes",
    )


@dataclass
class Dog:
    """Walks in a straight line at a metre a second, takes pictures at once, and keeps what the mission asked for."""

    mission: Mission = field(default_factory=lambda: Mission(MissionConfig()))
    situation: Situation = field(default_factory=situation)
    now: float = NOW
    going: Go | None = None
    stuck: bool = False
    camera: bool = True
    gate: bool = True
    localizes: bool = True
    asked: list[Command] = field(default_factory=list)
    coming: list[Event] = field(default_factory=list)
    told: bool = False

    def tell(self, *events: Event) -> None:
        self.step(0.0, list(events))

    def step(self, seconds: float = 0.1, events: list[Event] | None = None) -> None:
        self.now += seconds
        self._walk(seconds)
        came, self.coming = [*self.coming, *(events or [])], []
        wanted = self.mission.update(came, self.situation, self.now)
        self.told |= wanted.report
        for command in wanted.items:
            self._do(command)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            self.step()

    def report(self) -> Report:
        return self.mission.report()

    @property
    def held(self) -> OrderProgress:
        return self.mission.held

    def errors(self) -> list[str]:
        return [error.error_type for error in self.report().errors]

    def statuses(self) -> dict[str, str]:
        return {work.action.action_id: work.status for work in self.held.works}

    @property
    def place(self) -> Pose2D:
        assert self.situation.pose is not None
        return self.situation.pose.pose

    def _do(self, command: Command) -> None:
        if command == LetDrive(""):  # told at each start, whoever drove before
            return
        self.asked.append(command)
        match command:
            case Go():
                self.going = command
            case Halt():
                self.going = None
                self.situation = replace(self.situation, twist=STILL)
            case SetEmergencyStop(on) if self.gate:
                self.situation = replace(self.situation, safety=Safety(stopped=on, emergency_stop=on))
            case SetPose(pose) if self.localizes:
                self.situation = replace(self.situation, pose=PoseEstimate(pose, np.eye(3) * 0.01, 0.9, self.now))
            case CompareToReference(action_id):
                self.coming.append(LookEnded(action_id, self.camera, "as it was" if self.camera else "no camera"))
            case TakePhoto(action_id):
                self.coming.append(LookEnded(action_id, self.camera, "" if self.camera else "no camera"))

    def _walk(self, seconds: float) -> None:
        if self.going is None or self.situation.pose is None or not self.situation.pose.quality:
            return
        if self.stuck:
            self.coming.append(GoalEnded(self.going.goal, Outcome.BLOCKED, "a box"))
            self.going = None
            return
        left = math.dist((self.place.x, self.place.y), (self.going.x, self.going.y))
        share = min(1.0, seconds / left) if left else 1.0
        here = Pose2D(
            self.place.x + share * (self.going.x - self.place.x),
            self.place.y + share * (self.going.y - self.place.y),
            self.going.theta or 0.0,
        )
        pose = PoseEstimate(here, np.eye(3) * 0.01, 0.9, self.now)
        self.situation = replace(self.situation, pose=pose, twist=Twist2D(1.0, 0, 0))
        if share == 1.0:
            self.coming.append(GoalEnded(self.going.goal, Outcome.REACHED))
            self.going, self.situation = None, replace(self.situation, twist=STILL)
