"""The order that the dog holds, and how far it has come; every change gives a new value."""

from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.faults import Fault, warning
from protocol.order import Action, Edge, Node, Order
from protocol.state import ActionState, ActionStatus, Error

ENDED = (ActionStatus.FINISHED, ActionStatus.FAILED)
CANCEL = "cancelOrder"
MOST_INSTANT = 50  # instant actions that have ended; older ones are forgotten before a new order comes


class Verdict(StrEnum):
    """What an order is to the one that is held."""

    NEW = "NEW"
    UPDATE = "UPDATE"
    DUPLICATE = "DUPLICATE"
    REFUSED = "REFUSED"


class Work(msgspec.Struct, frozen=True):
    """An action and how far it has come; ``remaining`` is what is left of a dwell, in seconds."""

    action: Action
    node_id: str = ""
    sequence_id: int = -1  # of the node; -1 for an instant action
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


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """``nodes`` and ``edges`` are those still ahead, base and horizon; ``works`` all actions since the last order.

    ``passed`` is the sequenceId reached in this order, -1 before its first node; ``last_node_id`` outlives orders.
    ``aborted`` says why the order was broken off. It, the way home and a pause are kept with the order, for a dog that
    starts again must neither call such an order done, nor stand where it was on its way home, nor walk while paused.
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

    def open_works(self) -> list[Work]:
        """What was begun or is due at the node reached last, in the order of the message."""
        return [w for w in self.works if not w.ended and 0 <= w.sequence_id <= self.passed]

    def with_work(self, work: Work) -> "Held":
        """The same with this work in the place of the one with its id, or after all others."""
        known = any(w.action.action_id == work.action.action_id for w in self.works)
        others = [work if w.action.action_id == work.action.action_id else w for w in self.works]
        return replace(self, works=others if known else [*self.works, work])

    def with_instant(self, work: Work) -> "Held":
        """The same with an instant action after all others; of those that have ended the oldest is forgotten."""
        ended = [w for w in self.works if w.sequence_id < 0 and w.ended]
        oldest = ended[0] if len(ended) >= MOST_INSTANT else None
        return replace(self, works=[*(w for w in self.works if w is not oldest), work])

    def reached(self) -> "Held":
        """The first node ahead has been reached: it becomes the last one, and the edge to it is behind."""
        node, *rest = self.nodes
        return replace(
            self,
            nodes=rest,
            edges=[edge for edge in self.edges if edge.sequence_id > node.sequence_id],
            last_node_id=node.node_id,
            last_node_sequence_id=node.sequence_id,
            passed=node.sequence_id,
        )

    def broken_off(self, why: str, error: Error | None = None, going_home: bool = False) -> "Held":
        """Nothing is ahead any more, and what had not ended has failed; ``error`` is told from now on."""
        failed = [
            w if w.ended or w.sequence_id < 0 else replace(w, status=ActionStatus.FAILED, result=why)
            for w in self.works
        ]
        aborted = self.aborted if error is None else [error]
        return replace(self, nodes=[], edges=[], works=failed, aborted=aborted, going_home=going_home)

    def stranded(self, error: Error) -> "Held":
        """There was no way home: told once, however often it is tried."""
        others = [e for e in self.aborted if e.error_type != error.error_type]
        return replace(self, aborted=[*others, error], going_home=False)


def judge(held: Held, order: Order) -> tuple[Verdict, Error | None]:
    """What to do with a sound order (figure 8): take it, join it to what is held, pass over it, or refuse it."""
    ids = {"orderId": order.order_id, "orderUpdateId": str(order.order_update_id)}
    if order.order_id != held.order_id:
        if held.busy:
            return Verdict.REFUSED, warning(Fault.ORDER, f"order {held.order_id!r} is still being carried out", **ids)
        return Verdict.NEW, None
    if order.order_update_id == held.order_update_id:
        return Verdict.DUPLICATE, None
    if order.order_update_id < held.order_update_id:
        why = f"update {order.order_update_id} is older than {held.order_update_id}"
        return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, why, **ids)
    first, end = order.nodes[0], _end_of_base(held)
    if (first.node_id, first.sequence_id) != end:
        why = f"the update starts at {first.node_id!r} ({first.sequence_id}), the base ends at {end[0]!r} ({end[1]})"
        return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, why, nodeId=first.node_id, **ids)
    twice = {w.action.action_id for w in _kept_works(held)} & {w.action.action_id for w in _works(order.nodes[1:])}
    if twice:
        action_id = min(twice)
        why = f"actionId {action_id!r} is that of another action"
        return Verdict.REFUSED, warning(Fault.ORDER_UPDATE, why, actionId=action_id, **ids)
    return Verdict.UPDATE, None


def taken(order: Order, kept: Held) -> Held:
    """A new order as it is held; of what was held only running instant actions and the last node stay."""
    return Held(
        order_id=order.order_id,
        order_update_id=order.order_update_id,
        zone_set_id=order.zone_set_id or "",
        nodes=order.nodes,
        edges=order.edges,
        works=[*(w for w in kept.works if w.sequence_id < 0 and not w.ended), *_works(order.nodes)],
        last_node_id=kept.last_node_id,
        last_node_sequence_id=kept.last_node_sequence_id,
        paused=kept.paused,
    )


def stitched(held: Held, order: Order) -> Held:
    """The held order with an update joined to the end of its base; its old horizon is dropped."""
    base = [node for node in held.nodes if node.released]
    return replace(
        held,
        order_update_id=order.order_update_id,
        nodes=[*base, *order.nodes[1:]],
        edges=[*(edge for edge in held.edges if edge.released), *order.edges],
        works=[*_kept_works(held), *_works(order.nodes[1:])],
        aborted=[],
        going_home=False,
    )


def _kept_works(held: Held) -> list[Work]:
    """The works without those of the horizon, which an update drops."""
    horizon = {node.sequence_id for node in held.nodes if not node.released}
    return [w for w in held.works if w.sequence_id not in horizon]


def _works(nodes: list[Node]) -> list[Work]:
    return [
        Work(action, node.node_id, node.sequence_id, remaining=_dwell(action))
        for node in nodes
        for action in node.actions
    ]


def _dwell(action: Action) -> float:
    seconds: Any = action.parameter("seconds")
    return float(seconds) if action.action_type == "dwell" else 0.0


def _end_of_base(held: Held) -> tuple[str, int]:
    base = [node for node in held.nodes if node.released]
    return (base[-1].node_id, base[-1].sequence_id) if base else (held.last_node_id, held.last_node_sequence_id)
