"""How far a patrol has come, from what the vehicle's ``state`` says (VDA 5050 2.1.0, 6.10.2 and 6.11)."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from fleet_server.patrols.tables import OPEN, UNENDED, CheckpointStatus, PatrolStatus
from protocol.state import ActionStatus, Error, ErrorLevel, State

CANCEL = "cancelOrder"
SKIPPED = "skipped"  # an information of our dogs': a node that was left out
_ENDED = (ActionStatus.FINISHED, ActionStatus.FAILED)
_PENDING, _REACHED = CheckpointStatus.PENDING, CheckpointStatus.REACHED


class IllegalTransition(ValueError):
    """A patrol that has ended does not go on."""


class CheckpointRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A checkpoint of a patrol: its node in the order, the actions there, and what came of them.

    ``reason`` is why it was SKIPPED, as the dog says it, or what the dog waited for long on its way there.
    """

    checkpoint_id: str
    name: dict[str, str]
    node_id: str
    sequence_id: int
    action_ids: list[str]
    status: CheckpointStatus = CheckpointStatus.PENDING
    reached_at: datetime | None = None
    reason: str | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A patrol as far as it can change."""

    status: PatrolStatus
    checkpoints: list[CheckpointRecord]
    reason: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def fraction(self) -> float:
        """Checkpoints reached of all, 0 to 1."""
        reached = sum(c.status not in (CheckpointStatus.PENDING, CheckpointStatus.SKIPPED) for c in self.checkpoints)
        return reached / len(self.checkpoints) if self.checkpoints else 1.0


def follow(
    patrol: Progress,
    order_id: str,
    cancel_action_id: str | None,
    state: State,
    now: datetime,
    interrupting: bool = False,
) -> Progress:
    """The patrol after ``state``; unchanged where the state is about another order and rejects nothing.

    ``interrupting``: it is canceled to be gone on with later, so work that this cuts off has not failed.
    """
    if patrol.status not in OPEN:
        raise IllegalTransition(f"a patrol that is {patrol.status} does not go on")
    if state.order_id != order_id:
        refusal = _refusal(state, order_id)
        return end(patrol, PatrolStatus.REJECTED, refusal, now) if refusal and _is_sent(patrol) else patrol
    walking = replace(
        patrol,
        status=PatrolStatus.ACTIVE,
        started_at=patrol.started_at or now,
        checkpoints=_checkpoints(patrol.checkpoints, state, now),
        reason=_trouble(state),
    )
    if interrupting:
        walking = replace(walking, checkpoints=_spared(patrol.checkpoints, walking.checkpoints))
    return _ended(walking, cancel_action_id, state, now, interrupting) or walking


def interrupted(patrol: Progress) -> Progress:
    """The patrol, its dog taken off it; a checkpoint whose work is not at its end is to be walked to again.

    Where none is left it was at its end: IllegalTransition.
    """
    left = [replace(c, status=_PENDING, reached_at=None) if c.status is _REACHED else c for c in patrol.checkpoints]
    if patrol.status not in OPEN or all(c.status is not _PENDING for c in left):
        raise IllegalTransition(f"a patrol that is {patrol.status} with nothing left is not interrupted")
    return replace(patrol, status=PatrolStatus.INTERRUPTED, checkpoints=left, reason=None)


def end(patrol: Progress, status: PatrolStatus, reason: str | None, now: datetime) -> Progress:
    """The patrol, ended as ``status``; raises IllegalTransition if it has ended already."""
    if patrol.status not in UNENDED or status in UNENDED:
        raise IllegalTransition(f"a patrol does not go from {patrol.status} to {status}")
    return replace(patrol, status=status, reason=reason, ended_at=now)


def _is_sent(patrol: Progress) -> bool:
    return patrol.status is PatrolStatus.SENT


def _ended(
    patrol: Progress, cancel_action_id: str | None, state: State, now: datetime, interrupting: bool
) -> Progress | None:
    if state.node_states or any(a.action_status not in _ENDED for a in state.action_states):
        return None
    if interrupting and any(c.status in (_PENDING, _REACHED) for c in patrol.checkpoints):
        return interrupted(patrol)
    if all(c.status is not CheckpointStatus.PENDING for c in patrol.checkpoints):
        return _completed(patrol, now)
    if cancel_action_id is not None:
        return end(patrol, PatrolStatus.CANCELED, None, now)
    if any(a.action_type == CANCEL and a.action_status is ActionStatus.FINISHED for a in state.action_states):
        return end(patrol, PatrolStatus.CANCELED, "canceled by somebody else", now)
    why = _trouble(state) or _refusal(state, state.order_id) or "the dog ended the order before its last checkpoint"
    return end(patrol, PatrolStatus.FAILED, why, now)


def _completed(patrol: Progress, now: datetime) -> Progress:
    """A round at its end; one that reached nothing is none."""
    failed = sum(c.status is CheckpointStatus.FAILED for c in patrol.checkpoints)
    skipped = sum(c.status is CheckpointStatus.SKIPPED for c in patrol.checkpoints)
    if skipped == len(patrol.checkpoints) > 0:
        return end(patrol, PatrolStatus.FAILED, "no checkpoint could be reached", now)
    said = [f"{skipped} checkpoints were skipped"] if skipped else []
    said += [f"work failed at {failed} checkpoints"] if failed else []
    return end(patrol, PatrolStatus.COMPLETED, "; ".join(said) or None, now)


def _checkpoints(records: list[CheckpointRecord], state: State, now: datetime) -> list[CheckpointRecord]:
    left_out = _skipped(state)
    records = [_left_out(record, left_out) for record in records]
    # A vehicle that has just taken an order may still name the last node of the one before.
    last = next((r for r in records if r.sequence_id == state.last_node_sequence_id), None)
    if last is None or last.node_id != state.last_node_id:
        return [_worked(record, state) for record in records]
    ahead = {node.sequence_id for node in state.node_states}
    passed = [r.sequence_id <= state.last_node_sequence_id and r.sequence_id not in ahead for r in records]
    return [_worked(_reached(r, now) if p else r, state) for r, p in zip(records, passed, strict=True)]


def _spared(before: list[CheckpointRecord], after: list[CheckpointRecord]) -> list[CheckpointRecord]:
    """The checkpoints ``after``, without work that has failed since ``before``: it was cut off."""
    cut_off = [
        a.status is CheckpointStatus.FAILED and b.status is not a.status for b, a in zip(before, after, strict=True)
    ]
    return [replace(a, status=_REACHED) if cut else a for a, cut in zip(after, cut_off, strict=True)]


def _skipped(state: State) -> dict[int, str]:
    """What the vehicle says to have left out of the order that it carries: the sequence ids, and why."""
    found = {}
    for said in state.information or []:
        if said.info_type != SKIPPED:
            continue
        references = {each.reference_key: each.reference_value for each in said.info_references or []}
        number = references.get("sequenceId", "")
        if references.get("orderId") == state.order_id and number.isdecimal():
            found[int(number)] = (said.info_description or "")[:500]
    return found


def _left_out(record: CheckpointRecord, skipped: dict[int, str]) -> CheckpointRecord:
    if record.status is not CheckpointStatus.PENDING or record.sequence_id not in skipped:
        return record
    return replace(record, status=CheckpointStatus.SKIPPED, reason=skipped[record.sequence_id] or None)


def _reached(record: CheckpointRecord, now: datetime) -> CheckpointRecord:
    if record.status is not CheckpointStatus.PENDING:
        return record
    return replace(record, status=CheckpointStatus.REACHED, reached_at=now)


def _worked(record: CheckpointRecord, state: State) -> CheckpointRecord:
    if record.status is not CheckpointStatus.REACHED:
        return record
    said = {a.action_id: a.action_status for a in state.action_states}
    statuses = [said.get(action_id) for action_id in record.action_ids]
    if ActionStatus.FAILED in statuses:
        return replace(record, status=CheckpointStatus.FAILED)
    if all(status is ActionStatus.FINISHED for status in statuses):
        return replace(record, status=CheckpointStatus.DONE)
    return record


def _refusal(state: State, order_id: str) -> str | None:
    """Why the vehicle did not take the order, or broke it off, if it says so (6.6.4: an error that refers to it)."""
    for error in state.errors:
        if any(r.reference_key == "orderId" and r.reference_value == order_id for r in error.error_references or []):
            return _sentence(error)
    return None


def _trouble(state: State) -> str | None:
    return next((_sentence(e) for e in state.errors if e.error_level is ErrorLevel.FATAL), None)


def _sentence(error: Error) -> str:
    return (f"{error.error_type}: {error.error_description}" if error.error_description else error.error_type)[:500]
