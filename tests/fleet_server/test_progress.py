from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from fleet_server.patrols.progress import CheckpointRecord, IllegalTransition, Progress, end, follow
from fleet_server.patrols.tables import CheckpointStatus, PatrolStatus
from protocol.state import (
    ActionState,
    ActionStatus,
    Error,
    ErrorLevel,
    ErrorReference,
    InfoLevel,
    InfoReference,
    Information,
    NodeState,
    State,
)
from tests.protocol.samples import STATE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WAITING = ActionStatus.WAITING
NAME = {"zh": "门", "en": "Gate"}
SENT = Progress(
    status=PatrolStatus.SENT,
    checkpoints=[
        CheckpointRecord(checkpoint_id="a", name=NAME, node_id="a", sequence_id=2, action_ids=["x"]),
        CheckpointRecord(checkpoint_id="b", name=NAME, node_id="b", sequence_id=4, action_ids=[]),
    ],
)


def state(
    last: str, sequence: int, ahead: list[int], action: ActionStatus = ActionStatus.WAITING, **more: Any
) -> State:
    nodes = [NodeState(node_id="n", sequence_id=n, released=True) for n in ahead]
    actions = [ActionState(action_id="x", action_status=action, action_type="takePhoto")]
    fields = {"order_id": "o", "last_node_id": last, "last_node_sequence_id": sequence, "node_states": nodes}
    return replace(STATE, **fields | {"edge_states": [], "errors": [], "action_states": actions} | more)


def go(patrol: Progress, *states: State, cancel: str | None = None) -> Progress:
    for said in states:
        patrol = follow(patrol, "o", cancel, said, NOW)
    return patrol


def test_a_state_of_the_order_before_does_not_reach_a_checkpoint_of_this_one() -> None:
    patrol = go(SENT, state("old", 4, [2, 4]))
    assert [c.status for c in patrol.checkpoints] == [CheckpointStatus.PENDING] * 2
    assert patrol.status is PatrolStatus.ACTIVE


def test_states_that_were_missed_are_made_good_by_the_next() -> None:
    patrol = go(SENT, state("b", 4, [], ActionStatus.FINISHED))
    assert (patrol.status, patrol.fraction) == (PatrolStatus.COMPLETED, 1.0)


def test_the_last_work_is_waited_for() -> None:
    patrol = go(SENT, state("b", 4, [], ActionStatus.RUNNING))
    assert patrol.status is PatrolStatus.ACTIVE


def test_work_that_failed_shows_and_does_not_undo_the_round() -> None:
    patrol = go(SENT, state("b", 4, [], ActionStatus.FAILED))
    assert [c.status for c in patrol.checkpoints] == [CheckpointStatus.FAILED, CheckpointStatus.DONE]
    assert (patrol.status, patrol.reason) == (PatrolStatus.COMPLETED, "work failed at 1 checkpoints")


def test_an_order_that_the_dog_ends_early_is_a_failure_with_its_words() -> None:
    fatal = Error(error_type="stuck", error_level=ErrorLevel.FATAL, error_description="no way")
    patrol = go(SENT, state("a", 2, [4]), state("a", 2, [], ActionStatus.FAILED, errors=[fatal]))
    assert (patrol.status, patrol.reason) == (PatrolStatus.FAILED, "stuck: no way")


def test_an_order_that_the_dog_broke_off_without_its_station_has_failed_with_that_reason() -> None:
    about = [ErrorReference(reference_key="orderId", reference_value="o")]
    lost = Error(
        error_type="linkLost",
        error_level=ErrorLevel.WARNING,
        error_description="no station since noon: home",
        error_references=about,
    )
    patrol = go(SENT, state("a", 2, [4]), state("a", 2, [], ActionStatus.FAILED, errors=[lost]))
    assert (patrol.status, patrol.reason) == (PatrolStatus.FAILED, "linkLost: no station since noon: home")


def test_an_order_that_another_master_canceled_is_canceled() -> None:
    done = ActionState(action_id="y", action_status=ActionStatus.FINISHED, action_type="cancelOrder")
    patrol = go(SENT, state("a", 2, [], action_states=[done]))
    assert (patrol.status, patrol.reason) == (PatrolStatus.CANCELED, "canceled by somebody else")


def test_a_cancellation_that_came_too_late_leaves_the_patrol_completed() -> None:
    patrol = go(SENT, state("b", 4, [], ActionStatus.FINISHED), cancel="c")
    assert patrol.status is PatrolStatus.COMPLETED


def test_a_state_about_another_order_changes_nothing() -> None:
    assert go(SENT, state("b", 4, [], order_id="other")) == SENT


def test_a_patrol_that_has_ended_does_not_go_on() -> None:
    over = end(SENT, PatrolStatus.CANCELED, None, NOW)
    with pytest.raises(IllegalTransition):
        go(over, state("a", 2, [4]))
    with pytest.raises(IllegalTransition):
        end(over, PatrolStatus.FAILED, None, NOW)


def left_out(*numbers: int, order_id: str = "o") -> list[Information]:
    return [
        Information(
            info_type="skipped",
            info_level=InfoLevel.INFO,
            info_description="BLOCKED a box",
            info_references=[
                InfoReference(reference_key="orderId", reference_value=order_id),
                InfoReference(reference_key="sequenceId", reference_value=str(number)),
            ],
        )
        for number in numbers
    ]


def test_a_checkpoint_that_was_left_out_is_skipped_with_its_reason_and_the_round_is_completed() -> None:
    patrol = go(SENT, state("start", 0, [4], ActionStatus.FAILED, information=left_out(2)))
    assert [c.status for c in patrol.checkpoints] == [CheckpointStatus.SKIPPED, CheckpointStatus.PENDING]
    assert patrol.checkpoints[0].reason == "BLOCKED a box"
    patrol = go(patrol, state("b", 4, [], ActionStatus.FAILED, information=left_out(2)))
    assert [c.status for c in patrol.checkpoints] == [CheckpointStatus.SKIPPED, CheckpointStatus.DONE]
    assert (patrol.status, patrol.reason) == (PatrolStatus.COMPLETED, "1 checkpoints were skipped")
    assert patrol.fraction == 0.5


def test_a_round_whose_last_checkpoint_was_left_out_is_completed() -> None:
    patrol = go(SENT, state("a", 2, [], ActionStatus.FINISHED, information=left_out(4)))
    assert [c.status for c in patrol.checkpoints] == [CheckpointStatus.DONE, CheckpointStatus.SKIPPED]
    assert patrol.status is PatrolStatus.COMPLETED


def test_a_round_that_reached_nothing_is_not_completed() -> None:
    patrol = go(SENT, state("start", 0, [], ActionStatus.FAILED, information=left_out(2, 4)))
    assert (patrol.status, patrol.reason) == (PatrolStatus.FAILED, "no checkpoint could be reached")


def test_what_was_left_out_of_another_order_is_none_of_this_ones() -> None:
    patrol = go(SENT, state("start", 0, [2, 4], information=left_out(2, order_id="before")))
    assert {c.status for c in patrol.checkpoints} == {CheckpointStatus.PENDING}
