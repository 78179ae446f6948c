"""A map from a walk: track, close loops, adjust all at once, twice; then draw what stands still."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.mapping.keyframes import Keyframe, keyframes
from edge.mapping.leveled_walk import Walk
from edge.mapping.loop_closure import loops
from edge.mapping.map_refinement import settled
from edge.mapping.occupancy_counts import Occupancy, occupancy
from edge.mapping.pose_graph import optimized
from edge.mapping.scan_odometry import tracked
from edge.types import Pose2D

RESOLUTION = 0.1  # m a cell
WINDOWS = (6.0, 1.0)  # m: how far off a loop is looked for, round by round
SETTLINGS = 3

Tell = Callable[[str, float], None]  # what is being done, and the share of it that is done


@dataclass(frozen=True)
class Made:
    """The map, and what it was made of. ``poses`` are the keyframes' on the map."""

    grid: Occupancy
    frames: list[Keyframe]
    poses: list[Pose2D]
    metres: float
    scale: float  # how much farther the legs believed to get than they did
    loops: int  # that were closed


def make_map(walk: Walk, start: Pose2D | None = None, resolution: float = RESOLUTION, tell: Tell | None = None) -> Made:
    """The map in whose frame the walk began at ``start``."""
    start, tell = start or Pose2D(0.0, 0.0, 0.0), tell or _silent
    frames = keyframes(walk.turns)
    _, _, scale = tracked(frames[: len(frames) // 3], 1.0, lambda share: tell("measuring the legs", share))
    poses, steps, again = tracked(frames, scale, lambda share: tell("tracking", share))
    closed = 0
    for window in WINDOWS:
        found = loops(frames, poses, window, lambda share: tell("closing loops", share))
        poses, closed = optimized(poses, [*steps, *found])
    for _ in range(SETTLINGS):
        anchors = settled(frames, poses, lambda share: tell("settling", share))
        poses, closed = optimized(poses, [*steps, *found], anchors)
    start = start.compose(poses[0].inverse())
    placed = [start.compose(pose) for pose in poses]
    grid = occupancy(frames, placed, resolution, lambda share: tell("drawing", share))
    return Made(grid, frames, placed, frames[-1].along / again, again, closed)


def _silent(what: str, share: float) -> None:
    """Nobody is told."""
