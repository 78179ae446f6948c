"""A dog is taken off its round, and gets the rest of it back; or the round ends.

VDA 5050 changes an order beyond the end of its base alone (6.6.2), so it is canceled, and the rest is an order of its
own: what is done stays done, and what was cut off is done again.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.dispatch.order_building import edge_between, start_node
from fleet_server.patrols.progress import CheckpointRecord, Progress, end, interrupted
from fleet_server.patrols.queries import progress_of, records, write_back
from fleet_server.patrols.tables import CheckpointStatus, Patrol, PatrolStatus
from protocol.order import Action, Node, Order
from protocol.state import AgvPosition

NOT_IN_THE_ORDER = -2  # the sequenceId of a checkpoint that was done in an order before


def cancel(session: Session, patrol: Patrol, by: str, now: datetime) -> None:
    """Have a patrol end: when its dog says so, or at once where the dog is not on it."""
    if patrol.canceled_by is None:
        patrol.canceled_by, patrol.interrupted_for = by, None
        patrol.cancel_action_id = patrol.cancel_action_id or str(uuid4())
        append(session, now, by, "patrol.canceled", patrol.patrol_id, dog=patrol.dog_id)
    if patrol.status != PatrolStatus.ACTIVE:
        write_back(patrol, end(progress_of(patrol), PatrolStatus.CANCELED, None, now))


def give_up(session: Session, patrol: Patrol, by: str, why: str, now: datetime) -> None:
    """End a patrol at once, whatever its dog does: that is told to let go as soon as it is heard again."""
    patrol.canceled_by, patrol.interrupted_for = by, None
    patrol.cancel_action_id = patrol.cancel_action_id or str(uuid4())
    append(session, now, by, "patrol.canceled", patrol.patrol_id, dog=patrol.dog_id, reason=why)
    write_back(patrol, end(progress_of(patrol), PatrolStatus.CANCELED, why, now))


def interrupt(session: Session, patrol: Patrol, interrupted_for: str, by: str, now: datetime) -> None:
    """Take a dog off its round: INTERRUPTED as soon as it stands, or at once where it never took the order."""
    patrol.interrupted_for, patrol.interrupted_at = interrupted_for, now
    patrol.cancel_action_id = str(uuid4())
    append(session, now, by, "patrol.interrupted", patrol.patrol_id, dog=patrol.dog_id, by=interrupted_for)
    if patrol.status == PatrolStatus.SENT:
        write_back(patrol, interrupted(progress_of(patrol)))


def let_go(patrol: Patrol, now: datetime) -> Progress:
    """The progress of a patrol whose order its dog does not carry any more, as it was told."""
    progress = progress_of(patrol)
    unfinished = any(c.status in (CheckpointStatus.PENDING, CheckpointStatus.REACHED) for c in progress.checkpoints)
    if patrol.interrupted_for is not None and unfinished:
        return interrupted(progress)
    return end(progress, PatrolStatus.CANCELED, None, now)


def resume(session: Session, patrol: Patrol, rest: Order, by: str, now: datetime) -> None:
    """Give the rest of an interrupted round, which is ``rest_of`` it, back to its dog."""
    patrol.checkpoints = records(renumbered(progress_of(patrol).checkpoints, rest))
    patrol.order_id, patrol.order = rest.order_id, msgspec.to_builtins(rest)
    patrol.status, patrol.reason = PatrolStatus.SENT, None
    patrol.cancel_action_id = patrol.interrupted_for = patrol.interrupted_at = None
    patrol.base_from = patrol.waits_for = None
    append(session, now, by, "patrol.resumed", patrol.patrol_id, dog=patrol.dog_id)


def rest_of(patrol: Patrol, start: AgvPosition, order_id: str, new_id: Callable[[], str]) -> Order:
    """What is left of an interrupted round as an order from where the dog stands, with its rules, under new ids."""
    order = msgspec.convert(patrol.order, Order)
    left = {c.sequence_id for c in progress_of(patrol).checkpoints if c.status is CheckpointStatus.PENDING}
    first = replace(start_node(start, f"start-{order_id[:8]}"), actions=_anew(order.nodes[0].actions, new_id))
    place = order.nodes[0].node_position
    if place is not UNSET and first.node_position is not UNSET and place.allowed_deviation_xy is UNSET:
        first = replace(first, node_position=replace(first.node_position, allowed_deviation_xy=UNSET))
    ahead = [node for node in order.nodes[1:] if node.sequence_id in left]
    nodes = [first, *(_moved(node, 2 * n, new_id) for n, node in enumerate(ahead, 1))]
    edges = [edge_between(a, b) for a, b in pairwise(nodes)]
    return replace(order, order_id=order_id, order_update_id=0, nodes=nodes, edges=edges)


def renumbered(checkpoints: list[CheckpointRecord], rest: Order) -> list[CheckpointRecord]:
    """The records of a round that goes on by ``rest``, whose nodes are those of its pending ones, in their order."""
    nodes = iter(rest.nodes[1:])
    return [
        _record(each, next(nodes))
        if each.status is CheckpointStatus.PENDING
        else replace(each, sequence_id=NOT_IN_THE_ORDER)
        for each in checkpoints
    ]


def _record(checkpoint: CheckpointRecord, node: Node) -> CheckpointRecord:
    """The node's first actions are the checkpoint's work; a rule of its own may come after them."""
    work = node.actions[: len(checkpoint.action_ids)]
    return replace(checkpoint, sequence_id=node.sequence_id, action_ids=[action.action_id for action in work])


def _moved(node: Node, sequence_id: int, new_id: Callable[[], str]) -> Node:
    return replace(node, sequence_id=sequence_id, released=True, actions=_anew(node.actions, new_id))


def _anew(actions: list[Action], new_id: Callable[[], str]) -> list[Action]:
    return [replace(action, action_id=new_id()) for action in actions]
