"""A fall, and what has to be before the dog walks again."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.navigation.fall_recovery import Condition, FallRecovery, FallRecoveryConfig, Stage
from edge.types import STILL, Imu, Twist2D

STEP = 0.05


def standing(roll: float = 0.0, turn: float = 0.0, speed: float = 0.0, amiss: bool = False) -> Condition:
    return Condition(Imu(roll, 0.0, turn, 0.0), Twist2D(speed, 0.0, 0.0), amiss)


def run(recovery: FallRecovery, start: float, seconds: float, condition: Condition) -> Stage:
    for step in range(round(seconds / STEP)):
        recovery.update(condition, start + step * STEP)
    return recovery.stage


def test_a_dog_that_lies_stays_lying_for_as_long_as_it_lies() -> None:
    recovery = FallRecovery()
    recovery.fell(0.0)
    assert run(recovery, 0.0, 600.0, standing(roll=1.4)) is Stage.LYING


def test_half_upright_is_not_upright() -> None:
    recovery = FallRecovery()
    recovery.fell(0.0)
    assert run(recovery, 0.0, 60.0, standing(roll=0.4)) is Stage.LYING


def test_whatever_is_amiss_begins_the_check_anew() -> None:
    bad = (standing(roll=0.3), standing(turn=0.5), standing(speed=0.3), standing(amiss=True))
    bad += (Condition(None, STILL, False), Condition(Imu(0, 0, 0, 0), None, False), standing(roll=math.nan))
    for each in bad:
        recovery = FallRecovery()
        recovery.fell(0.0)
        assert run(recovery, 0.0, 2.5, standing()) is Stage.CHECKING
        recovery.update(each, 2.5)
        assert run(recovery, 2.55, 2.9, standing()) is Stage.CHECKING, each
        assert run(recovery, 5.45, 0.5, standing()) is Stage.UP


def test_falls_that_lie_far_apart_are_each_the_first() -> None:
    recovery = FallRecovery()
    for start in (0.0, 400.0, 800.0):
        recovery.fell(start)
        assert run(recovery, start, 5.0, standing()) is Stage.UP


def test_a_profile_may_want_a_person_after_every_fall() -> None:
    recovery = FallRecovery(FallRecoveryConfig(by_itself=False))
    recovery.fell(0.0)
    assert run(recovery, 0.0, 100.0, standing()) is Stage.WAITING
    assert recovery.clear()
    assert recovery.stage is Stage.UP


def test_a_person_lets_go_only_a_dog_that_waits_and_is_well() -> None:
    recovery = FallRecovery(FallRecoveryConfig(by_itself=False))
    assert not recovery.clear()
    recovery.fell(0.0)
    assert not recovery.clear()
    run(recovery, 0.0, 2.0, standing())
    assert not recovery.clear()
    run(recovery, 2.0, 5.0, standing())
    recovery.update(standing(amiss=True), 7.0)
    assert not recovery.clear()


def test_a_dog_that_falls_while_it_waits_lies_again() -> None:
    recovery = FallRecovery(FallRecoveryConfig(by_itself=False))
    recovery.fell(0.0)
    run(recovery, 0.0, 5.0, standing())
    recovery.fell(5.0)
    assert recovery.stage is Stage.LYING


conditions = st.builds(
    Condition,
    st.none()
    | st.builds(Imu, st.sampled_from([0.0, 0.2, 0.4, 1.4, math.nan]), st.just(0.0), st.floats(-1, 1), st.just(0)),
    st.none() | st.builds(Twist2D, st.floats(-1, 1), st.just(0.0), st.just(0.0)),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(conditions, st.floats(-1.0, 2.0), st.booleans(), st.booleans()), max_size=60))
def test_under_no_sequence_is_a_fallen_dog_up_before_it_has_been_well_for_long_enough(
    steps: list[tuple[Condition, float, bool, bool]],
) -> None:
    recovery, now, well_for, fallen = FallRecovery(), 0.0, 0.0, False
    for condition, passed, fells, pressed in steps:
        now += passed
        if fells:
            recovery.fell(now)
            fallen, well_for = True, 0.0
        imu, twist = condition.imu, condition.twist
        good = imu is not None and twist is not None and not condition.amiss and abs(imu.roll) <= recovery.config.tilt
        good = good and abs(imu.yaw_rate) <= recovery.config.turn and abs(twist.vx) <= recovery.config.speed
        well_for = well_for + passed if good and passed >= 0 else 0.0
        stage = recovery.update(condition, now)
        if pressed:
            assert recovery.clear() is (stage is Stage.WAITING and good)
        if fallen and recovery.stage is Stage.UP:
            assert well_for >= recovery.config.rest or stage is Stage.WAITING
            fallen = False
        assert fallen is (recovery.stage is not Stage.UP)
