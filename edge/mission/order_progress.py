"""The order that the dog holds, and how far it has come; every change gives a new value."""

from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.errors import Fault, named, warning
from edge.mission.link_loss import LinkLoss
from edge.mission.order_policies import Blocked, blocked_at, low_battery_at
from protocol.on_low_battery import LowBatteryPolicy
from protocol.order import Action, BlockingType, Edge, Node, Order
from protocol.state import ActionState, ActionStatus, Error

ENDED = (ActionStatus.FINISHED, ActionStatus.FAILED)
CANCEL = "cancelOrder"
LEFT = "ended on leaving the edge"
QUARTERS = 4  # of a turn, in which a dog looks around: of less it is clear which way is the shorter
CHARGE_WITHIN_S = 30.0  # at the dock: after it the charger is said not to work
MOST_INSTANT = 50  # instant actions that have ended; older ones are forgotten before a new order comes


class Verdict(StrEnum):
    """What an order is to the one that is held."""

    NEW = "NEW"
    UPDATE = "UPDATE"
    DUPLICATE = "DUPLICATE"
    REFUSED = "REFUSED"


class Work(msgspec.Struct, frozen=True):
    """An action and how far it has come; ``remaining`` is what is left of a dwell or of patience, in seconds, and of a
    look around in quarters of a turn."""

    action: Action
    node_id: str = ""  # or the edge's id
    sequence_id: int = -1  # of the node or edge; -1 for an instant action
    status: ActionStatus = ActionStatus.WAITING
    result: str = ""
    remaining: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in ENDED

    def state(self) -> ActionState:
        """As the wire tells it."""
        return ActionState(
            action_id=self.action.action_id,
            action_type=self.action.action_type,
            action_status=self.status,
            result_description=self.result or UNSET,
        )


class Skipped(msgspec.Struct, frozen=True):
    """A node that was left out, and why."""

    node_id: str
    sequence_id: int
    why: str


class OrderProgress(msgspec.Struct, frozen=True, kw_only=True):
    """``nodes`` and ``edges`` are those still ahead, base and horizon; ``works`` all actions since the last order.

    ``passed`` is the sequenceId reached in this order, -1 before its first node; ``last_node_id`` outlives orders.
    ``aborted`` says why the order was broken off. It, the way home and a pause are kept with the order, for a dog that
    starts again must neither call such an order done, nor stand where it was on its way home, nor walk while paused.
    ``here`` is the node reached last; ``displaced`` says that the dog fell since, and may lie anywhere beside it.
    ``blocked`` and ``low_battery`` are what the order wants in these cases, ``skipped`` the nodes that it left out.
    ``recharging``: the order waits for the battery; ``dock``: x and y of the dock where the dog charged last.
    ``link_loss`` is what the order wants when the station is out of reach, ``link_lost_at`` since when it is (0: it is
    not), ``link_deed`` what was done about it, and ``link_note`` what is told of the last time.
    ``manual``: a person has the dog in hand, and the order waits; no restart lifts it.
    """

    order_id: str = ""
    order_update_id: int = 0
    zone_set_id: str = ""
    nodes: list[Node] = []
    edges: list[Edge] = []
    works: list[Work] = []
    last_node_id: str = ""
    last_node_sequence_id: int = 0
    passed: int = -1
    aborted: list[Error] = []
    going_home: bool = False
    paused: bool = False
    here: Node | None = None
    displaced: bool = False
    blocked: Blocked = Blocked()
    low_battery: LowBatteryPolicy = LowBatteryPolicy.END
    skipped: list[Skipped] = []
    recharging: bool = False
    dock: list[float] = []
    link_loss: LinkLoss = LinkLoss()
    link_lost_at: float = 0.0
    link_deed: str = ""
    link_note: str = ""
    manual: bool = False

    @property
    def busy(self) -> bool:
        """Whether it still has to be walked or worked at, or waits for more of its base."""
        return bool(self.nodes) or any(not work.ended for work in self.works if work.sequence_id >= 0)

    @property
    def next_node(self) -> Node | None:
        """Where to walk next: the first node ahead, if it is released."""
        return self.nodes[0] if self.nodes and self.nodes[0].released else None

    @property
    def waits_for_base(self) -> bool:
        """Whether only horizon is ahead."""
        return bool(self.nodes) and not self.nodes[0].released

    @property
    def wants_base(self) -> bool:
        """Whether the last node of the base is next, or behind, and there is a horizon (6.10.3)."""
        return any(not node.released for node in self.nodes[:2])

    @property
    def cancelling(self) -> str:
        """The id of the cancelOrder that waits for the dog to stand; empty where there is none."""
        running = (w for w in self.works if w.sequence_id < 0 and not w.ended and w.action.action_type == CANCEL)
        return next((w.action.action_id for w in running), "")

    @property
    def edge(self) -> Edge | None:
        """The edge on which the dog is: the released one after the node passed last."""
        ahead = self.edges and self.nodes and self.passed >= 0
        return self.edges[0] if ahead and self.edges[0].released else None

    def open_works(self) -> list[Work]:
        """What was begun or is due, in its sequence: at the nodes passed, then on the edge.

        An edge is entered when nothing holds the dog at the node any more (6.10.2).
        """
        at_nodes = [
            w for w in self.works if not w.ended and w.sequence_id % 2 == 0 and 0 <= w.sequence_id <= self.passed
        ]
        edge = self.edge
        if edge is None or any(w.action.blocking_type is not BlockingType.NONE for w in at_nodes):
            return at_nodes
        return [*at_nodes, *(w for w in self.works if not w.ended and w.sequence_id == edge.sequence_id)]

    @property
    def held_by_work(self) -> bool:
        """Whether some work wants the dog to stand."""
        return any(work.action.blocking_type is not BlockingType.NONE for work in self.open_works())

    def skipping(self, why: str) -> "OrderProgress":
        """The first node ahead is left out, with the edge to it; what was to be done there has failed."""
        node, *rest = self.nodes
        failed = [
            replace(w, status=ActionStatus.FAILED, result=f"skipped: {why}")
            if not w.ended and self.passed < w.sequence_id <= node.sequence_id
            else w
            for w in self.works
        ]
        return replace(
            self,
            nodes=rest,
            works=failed,
            edges=[edge for edge in self.edges if edge.sequence_id > node.sequence_id],
            passed=node.sequence_id,
            skipped=[*self.skipped, Skipped(node.node_id, node.sequence_id, why)],
        )

    def rule_for(self, node: Node) -> Blocked:
        """What to do where the way to ``node`` stays blocked."""
        return blocked_at(node) or self.blocked

    @property
    def to_return_to(self) -> Node | None:
        """The node to which a dog that fell beside it has to go back, for there is work left at it."""
        node = self.here if self.displaced else None
        left = node is not None and any(not w.ended for w in self.works if w.sequence_id == node.sequence_id)
        return node if left else None

    def with_work(self, work: Work) -> "OrderProgress":
        """The same with this work in the place of the one with its id, or after all others."""
        known = any(w.action.action_id == work.action.action_id for w in self.works)
        others = [work if w.action.action_id == work.action.action_id else w for w in self.works]
        return replace(self, works=others if known else [*self.works, work])

    def turned(self, action_id: str) -> "OrderProgress":
        """A quarter less is left of the look around of that id."""
        return replace(
            self,
            works=[replace(w, remaining=w.remaining - 1) if w.action.action_id == action_id else w for w in self.works],
        )

    def with_instant(self, work: Work) -> "OrderProgress":
        """The same with an instant action after all others; of those that have ended the oldest is forgotten."""
        ended = [w for w in self.works if w.sequence_id < 0 and w.ended]
        oldest = ended[0] if len(ended) >= MOST_INSTANT else None
        return replace(self, works=[*(w for w in self.works if w is not oldest), work])

    def reached(self) -> "OrderProgress":
        """The first node ahead has been reached: it becomes the last one, and the edge to it and its works end."""
        node, *rest = self.nodes
        return replace(
            self,
            nodes=rest,
            works=[_left(w) if w.sequence_id % 2 and 0 <= w.sequence_id < node.sequence_id else w for w in self.works],
            edges=[edge for edge in self.edges if edge.sequence_id > node.sequence_id],
            last_node_id=node.node_id,
            last_node_sequence_id=node.sequence_id,
            passed=node.sequence_id,
            here=node,
            displaced=False,
        )

    def canceled(self) -> "OrderProgress":
        """What had not ended has failed. What is ahead stays until the dog stands (6.6.3): then it is broken off."""
        return replace(self.broken_off("canceled"), nodes=self.nodes, edges=self.edges)

    def broken_off(self, why: str, error: Error | None = None, going_home: bool = False) -> "OrderProgress":
        """Nothing is ahead any more, and what had not ended has failed; ``error`` is told from now on."""
        failed = [
            w if w.ended or w.sequence_id < 0 else replace(w, status=ActionStatus.FAILED, result=why)
            for w in self.works
        ]
        aborted = self.aborted if error is None else [error]
        home = going_home or self.recharging
        return replace(
            self, nodes=[], edges=[], works=failed, aborted=aborted, going_home=home, recharging=False, displaced=False
        )

    def stranded(self, error: Error) -> "OrderProgress":
        """There was no way home: told once, however often it is tried."""
        others = [e for e in self.aborted if e.error_type != error.error_type]
        return replace(self, aborted=[*others, error], going_home=False)


def judge(held: OrderProgress, order: Order) -> tuple[Verdict, Error | None]:
    """What to do with a sound order (figure 8): take it, join it to what is held, pass over it, or refuse it."""
    ids = named(order)
    if order.order_id != held.order_id:
        if held.busy:
            return Verdict.REFUSED, warning(Fault.ORDER, f"order {held.order_id!r} is still being carried out", **ids)
        if order.order_update_id:
            why = f"the order begins with update {order.order_update_id}: what came before it was not heard"
            return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, why, **ids)
        return Verdict.NEW, None
    if order.order_update_id == held.order_update_id:
        return Verdict.DUPLICATE, None
    if held.cancelling:
        return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, "the order is being canceled", **ids)
    if order.order_update_id < held.order_update_id:
        why = f"update {order.order_update_id} is older than {held.order_update_id}"
        return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, why, **ids)
    first, end = order.nodes[0], _end_of_base(held)
    if (first.node_id, first.sequence_id) != end:
        why = f"the update starts at {first.node_id!r} ({first.sequence_id}), the base ends at {end[0]!r} ({end[1]})"
        return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, why, nodeId=first.node_id, **ids)
    twice = {w.action.action_id for w in _kept_works(held)} & {w.action.action_id for w in _added(order)}
    if twice:
        action_id = min(twice)
        why = f"actionId {action_id!r} is that of another action"
        return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, why, actionId=action_id, **ids)
    return Verdict.UPDATE, None


def taken(order: Order, kept: OrderProgress) -> OrderProgress:
    """A new order as it is held; of what was held only running instant actions stay."""
    return OrderProgress(
        order_id=order.order_id,
        order_update_id=order.order_update_id,
        zone_set_id=order.zone_set_id or "",
        nodes=order.nodes,
        edges=order.edges,
        works=[*(w for w in kept.works if w.sequence_id < 0 and not w.ended), *_works([*order.nodes, *order.edges])],
        last_node_id=order.nodes[0].node_id,  # on which it stands (6.6.1)
        last_node_sequence_id=order.nodes[0].sequence_id,
        paused=kept.paused,
        dock=kept.dock,
        blocked=blocked_at(order.nodes[0]) or Blocked(),
        low_battery=low_battery_at(order.nodes[0]),
        link_lost_at=kept.link_lost_at,
    )


def stitched(held: OrderProgress, order: Order) -> OrderProgress:
    """The held order with an update joined to the end of its base; its old horizon is dropped."""
    base = [node for node in held.nodes if node.released]
    return replace(
        held,
        order_update_id=order.order_update_id,
        nodes=[*base, *order.nodes[1:]],
        edges=[*(edge for edge in held.edges if edge.released), *order.edges],
        works=[*_kept_works(held), *_added(order)],
        aborted=[],
        going_home=held.recharging and held.going_home,
    )


def _kept_works(held: OrderProgress) -> list[Work]:
    """The works without those of the horizon, which an update drops."""
    parts: list[Node | Edge] = [*held.nodes, *held.edges]
    horizon = {part.sequence_id for part in parts if not part.released}
    return [w for w in held.works if w.sequence_id not in horizon]


def _added(order: Order) -> list[Work]:
    """What an update adds: the work of its first node is known already, and stays what it was (6.6.2)."""
    return _works([*order.nodes[1:], *order.edges])


def _works(parts: list[Node | Edge]) -> list[Work]:
    return [
        Work(
            action,
            part.node_id if isinstance(part, Node) else part.edge_id,
            part.sequence_id,
            remaining=_to_do(action),
        )
        for part in sorted(parts, key=lambda part: part.sequence_id)
        for action in part.actions
    ]


def _to_do(action: Action) -> float:
    if action.action_type == "lookAround":
        return QUARTERS
    seconds: Any = action.parameter("seconds")
    return float(seconds) if action.action_type == "dwell" else CHARGE_WITHIN_S


def _left(work: Work) -> Work:
    """What becomes of an edge's work when the edge is left: it was active until now, or it came to nothing."""
    if work.ended:
        return work
    active = work.action.action_type == "dwell" and work.status is not ActionStatus.WAITING
    return replace(work, status=ActionStatus.FINISHED if active else ActionStatus.FAILED, result=LEFT)


def _end_of_base(held: OrderProgress) -> tuple[str, int]:
    base = [node for node in held.nodes if node.released]
    if base:
        return base[-1].node_id, base[-1].sequence_id
    left_out = held.skipped[-1] if held.skipped else None
    if left_out is not None and left_out.sequence_id == held.passed:
        return left_out.node_id, left_out.sequence_id
    return held.last_node_id, held.last_node_sequence_id
