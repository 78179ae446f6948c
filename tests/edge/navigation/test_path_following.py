import math

import numpy as np
import pytest

from edge.navigation.path_following import Follower, FollowingConfig, Stage
from edge.types import Pose2D

CONFIG = FollowingConfig()
STRAIGHT = np.stack([np.arange(0, 5.05, 0.1), np.zeros(51)], axis=1)


def test_what_remains_shrinks_as_the_dog_walks_on_and_what_is_ahead_begins_at_the_dog() -> None:
    follower = Follower(STRAIGHT, math.nan, CONFIG)
    for x in (0.0, 1.0, 2.0, 3.0):
        assert follower.update(Pose2D(x, 0.1, 0.0)) is Stage.WALKING
        assert follower.remaining == pytest.approx(5.0 - x, abs=0.06)
        assert follower.ahead(2.0)[0] == pytest.approx((x, 0.0), abs=0.06)
    assert follower.ends_within(2.5)
    assert not follower.ends_within(1.5)


def test_a_path_that_comes_by_again_is_not_jumped_on_to() -> None:
    there = np.stack([np.arange(0, 6.05, 0.1), np.zeros(61)], axis=1)
    follower = Follower(np.vstack([there, there[::-1] + np.array([0.0, 0.3])]), math.nan, CONFIG)
    follower.update(Pose2D(0.0, 0.3, 0.0))
    assert follower.remaining > 10.0


def test_the_end_is_arrived_at_when_near_and_turned_as_asked() -> None:
    follower = Follower(STRAIGHT, 1.5, CONFIG)
    for x in np.arange(0.0, 4.9, 0.5):
        follower.update(Pose2D(x, 0.0, 0.0))
    assert follower.update(Pose2D(4.95, 0.0, 0.0)) is Stage.ALIGNING
    assert follower.align(Pose2D(4.95, 0.0, 0.0)).omega > 0.5
    assert follower.align(Pose2D(4.95, 0.0, 0.0)).vx == 0.0
    assert [follower.update(Pose2D(4.95, 0.0, 1.48)) for _ in range(CONFIG.goal_steady)][-1] is Stage.ARRIVED


def test_any_heading_will_do_when_none_is_asked_for() -> None:
    assert Follower(np.array([[1.0, 1.0]]), math.nan, CONFIG).update(Pose2D(1.02, 1.0, 2.0)) is Stage.ARRIVED


def test_a_dog_that_drifts_away_while_turning_walks_back() -> None:
    follower = Follower(np.array([[0.0, 0.0], [1.0, 0.0]]), 3.0, CONFIG)
    assert follower.update(Pose2D(1.0, 0.0, 0.0)) is Stage.ALIGNING
    assert follower.update(Pose2D(0.7, 0.0, 0.0)) is Stage.ALIGNING
    assert follower.update(Pose2D(0.4, 0.0, 0.0)) is Stage.WALKING


def test_a_path_that_is_no_path_is_refused() -> None:
    for path in (np.zeros((0, 2)), np.array([[0.0, math.nan]])):
        with pytest.raises(ValueError, match="path"):
            Follower(path, 0.0, CONFIG)


def test_a_dog_that_swings_by_the_heading_asked_for_has_not_arrived_yet() -> None:
    follower = Follower(np.array([[0.0, 0.0], [1.0, 0.0]]), 1.5, CONFIG)
    turning = np.arange(0.9, 2.2, 0.07)  # 1.4 rad/s at 20 Hz
    stages = [follower.update(Pose2D(1.0, 0.0, float(theta))) for theta in turning]
    assert Stage.ARRIVED not in stages
    for _ in range(CONFIG.goal_steady):
        stage = follower.update(Pose2D(1.0, 0.0, 1.5))
    assert stage is Stage.ARRIVED


def test_a_dog_that_drifted_off_while_it_turned_walks_back_and_does_not_stand_turned_as_asked_for_ever() -> None:
    follower = Follower(np.array([[0.0, 0.0], [1.0, 0.0]]), 1.5, CONFIG)
    assert follower.update(Pose2D(1.0, 0.0, 0.0)) is Stage.ALIGNING
    beside = (CONFIG.goal_distance + CONFIG.goal_drift) / 2
    stages = [follower.update(Pose2D(1.0, beside, 1.5)) for _ in range(CONFIG.goal_steady)]
    assert stages[-1] is Stage.WALKING
