"""The last metre to a dock, whatever direction the dog comes from."""

import math

import numpy as np
import pytest

from edge.navigation.docking import Docking, DockingConfig, Outcome
from edge.types import Pose2D, Twist2D

DOCK = Pose2D(5.0, 9.5, -math.pi / 2)
WITHIN, TURNED = 0.05, math.radians(5)
STEP = 0.1


def moved(pose: Pose2D, command: Twist2D, share: float) -> Pose2D:
    """The dog after STEP; its legs do ``share`` of what they are told."""
    return pose.compose(Pose2D(share * command.vx * STEP, share * command.vy * STEP, share * command.omega * STEP))


def docked(start: Pose2D, rng: np.random.Generator, noise: float) -> tuple[Outcome, Pose2D, float, float]:
    """How it ends, where it truly stands, after how many seconds, and the highest speed."""
    docking, pose, fastest, now = Docking(DOCK, WITHIN, TURNED, DockingConfig(), 0.0), start, 0.0, 0.0
    share = rng.uniform(0.7, 1.1)
    while now < 90.0:
        seen = Pose2D(*(np.array([pose.x, pose.y, pose.theta]) + rng.normal(0.0, noise, 3)))
        outcome, command = docking.update(seen, now)
        if outcome is not Outcome.MOVING:
            return outcome, pose, now, fastest
        fastest = max(fastest, math.hypot(command.vx, command.vy))
        pose, now = moved(pose, command, share), now + STEP
    return Outcome.MOVING, pose, now, fastest


@pytest.mark.parametrize("seed", range(40))
def test_from_anywhere_near_it_stands_within_five_centimetres_and_five_degrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    way, off = rng.uniform(-math.pi, math.pi), rng.uniform(0.0, 1.2)
    start = Pose2D(DOCK.x + off * math.cos(way), DOCK.y + off * math.sin(way), rng.uniform(-math.pi, math.pi))
    outcome, pose, _, fastest = docked(start, rng, noise=0.01)
    assert outcome is Outcome.THERE
    assert pose.distance(DOCK) <= WITHIN
    assert abs(math.remainder(pose.theta - DOCK.theta, math.tau)) <= TURNED
    assert fastest <= 0.15 + 1e-9


def test_a_dog_that_is_held_off_says_so_and_does_not_push_for_ever() -> None:
    docking, outcome = Docking(DOCK, WITHIN, TURNED, DockingConfig(), 0.0), Outcome.MOVING
    for tick in range(200):
        outcome, _ = docking.update(Pose2D(5.0, 9.0, -math.pi / 2), tick * STEP)
        if outcome is Outcome.STUCK:
            break
    assert outcome is Outcome.STUCK
    assert tick * STEP < 13


def test_any_heading_will_do_where_none_is_asked_for() -> None:
    outcome, _ = Docking(Pose2D(0, 0, math.nan), 0.05, 0.1, DockingConfig(), 0.0).update(Pose2D(0.01, 0, 2.0), 0.0)
    assert outcome is Outcome.THERE
