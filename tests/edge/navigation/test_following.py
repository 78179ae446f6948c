import math

import numpy as np
import pytest

from edge.navigation.following import Follower, FollowingConfig, Stage
from edge.types import Pose2D, Twist2D

CONFIG = FollowingConfig()
CORNER = np.vstack(
    [
        np.stack([np.arange(0, 5, 0.1), np.zeros(50)], axis=1),
        np.stack([np.full(51, 5.0), np.arange(0, 5.1, 0.1)], axis=1),
    ]
)


def walk(
    path: np.ndarray, start: Pose2D, heading: float, limit: float = math.inf
) -> tuple[Pose2D, list[Twist2D], float]:
    """The dog as a point that obeys at once: where it ends, all commands, and how far it strayed from the path."""
    follower, pose, commands, strayed = Follower(path, heading, CONFIG), start, [], 0.0
    for _ in range(1200):
        step = follower.update(pose, limit)
        commands.append(step.command)
        if step.stage is Stage.ARRIVED:
            return pose, commands, strayed
        move = step.command
        pose = pose.compose(Pose2D(move.vx * 0.05, 0.0, move.omega * 0.05))
        strayed = max(strayed, float(np.hypot(path[:, 0] - pose.x, path[:, 1] - pose.y).min()))
    raise AssertionError(f"never arrived; at {pose}")


def test_a_corner_is_walked_and_the_final_heading_taken() -> None:
    end, commands, strayed = walk(CORNER, Pose2D(0, 0, 0), -2.0)
    assert math.dist((end.x, end.y), (5.0, 5.0)) < CONFIG.goal_distance
    assert abs(math.remainder(end.theta + 2.0, math.tau)) < CONFIG.goal_heading
    assert strayed < 0.45
    assert max(c.vx for c in commands) <= CONFIG.speed + 1e-9
    assert max(abs(c.omega) for c in commands) <= CONFIG.turn + 1e-9


def test_a_dog_that_faces_away_turns_on_the_spot_first() -> None:
    step = Follower(CORNER, math.nan, CONFIG).update(Pose2D(0, 0, math.pi), math.inf)
    assert step.stage is Stage.TURNING
    assert step.command.vx == 0.0
    assert abs(step.command.omega) > 0.5


def test_any_heading_will_do_when_none_is_asked_for() -> None:
    end, _, _ = walk(CORNER, Pose2D(0, 0, 0.3), math.nan)
    assert end.y > 4.8


def test_a_limit_is_kept_and_the_goal_approached_slowly() -> None:
    _, commands, _ = walk(CORNER, Pose2D(0, 0, 0), math.nan, limit=0.3)
    assert max(c.vx for c in commands) <= 0.3
    _, commands, _ = walk(CORNER, Pose2D(0, 0, 0), math.nan)
    walking = [c.vx for c in commands if c.vx > 0]
    assert walking[-1] < 0.5


def test_a_goal_underfoot_is_only_turned_at() -> None:
    step = Follower(np.array([[1.0, 1.0]]), 1.5, CONFIG).update(Pose2D(1.02, 1.0, 0.0), math.inf)
    assert step.stage is Stage.ALIGNING
    assert step.command.vx == 0.0


def test_a_dog_that_drifts_away_while_turning_walks_back() -> None:
    follower = Follower(np.array([[0.0, 0.0], [1.0, 0.0]]), 3.0, CONFIG)
    assert follower.update(Pose2D(1.0, 0.0, 0.0), math.inf).stage is Stage.ALIGNING
    assert follower.update(Pose2D(0.4, 0.0, 0.0), math.inf).stage is not Stage.ALIGNING


def test_a_path_that_is_no_path_is_refused() -> None:
    for path in (np.zeros((0, 2)), np.array([[0.0, math.nan]])):
        with pytest.raises(ValueError, match="path"):
            Follower(path, 0.0, CONFIG)
