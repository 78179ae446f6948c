"""A recording as a mapper takes it: level scans, each with where legs and gyroscope had got to by then."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

from edge.mapping.bag_reading import Recording, UnusableRecording
from edge.navigation.motion_history import Motion
from edge.navigation.scan_leveling import LevelScan, Mounting, level
from edge.types import Imu, Odometry, Pose2D, Scan

FEWEST = 20  # scans
LEAST_WALK = 2.0  # m: with less there is nothing to map
BACK = 0.05  # s: messages may come so much out of order
GAP = 1.0  # s without scans that is worth a word
LEAP = 4.0  # m/s: no dog walks so fast; its odometry was set anew


@dataclass(frozen=True, slots=True)
class Turn:
    """One level scan. ``odometry`` is of a drifting frame: only differences of it mean anything."""

    scan: LevelScan
    odometry: Pose2D


@dataclass(frozen=True)
class Walk:
    """Turns in order, metres walked by the legs, and what was wrong with the recording without spoiling it."""

    turns: list[Turn]
    metres: float
    warnings: list[str] = field(default_factory=list)


def walk_in(recording: Recording, mounting: Mounting | None = None) -> Walk:
    """The walk of a recording; raises UnusableRecording."""
    name, mounting = recording.name, mounting or Mounting()
    if len(recording.scans) < FEWEST:
        raise UnusableRecording(f"{name}: {len(recording.scans)} scans in it; a walk has hundreds")
    for said, what in ((recording.scans, "scan"), (recording.odometry, "odom"), (recording.imu, "imu")):
        _refuse_back(name, what, [each.stamp for each in said], recording.scans[0].stamp)
    _refuse_leaps(name, recording.odometry)
    warnings = [f"{recording.cut_off}; what came before is used"] if recording.cut_off else []
    if not recording.imu:
        warnings.append("no imu: where the body leans, the ground may be taken for walls")
    turns = _turns(recording, mounting)
    if len(turns) < FEWEST:
        raise UnusableRecording(
            f"{name}: only {len(turns)} of {len(recording.scans)} scans have odom and imu at their time: "
            "do all their drivers use one clock?"
        )
    if len(turns) < 0.9 * len(recording.scans):
        warnings.append(f"{len(recording.scans) - len(turns)} of {len(recording.scans)} scans lack odom or imu")
    warnings += _gaps([turn.scan.stamp for turn in turns])
    metres = sum(a.odometry.distance(b.odometry) for a, b in zip(turns, turns[5:], strict=False)) / 5
    if metres < LEAST_WALK:
        raise UnusableRecording(f"{name}: the dog walked {metres:.1f} m in it; a map needs a walk round the site")
    return Walk(turns, metres, warnings)


def _turns(recording: Recording, mounting: Mounting) -> list[Turn]:
    motion, waiting, turns = Motion(), list(reversed(recording.scans)), []
    lean_known = bool(recording.imu)
    said_in_order: list[Imu | Odometry] = [*recording.imu, *recording.odometry]
    for said in sorted(said_in_order, key=lambda each: each.stamp):
        if isinstance(said, Imu):
            motion.add_imu(said)
            continue
        motion.add_odometry(said)
        while waiting and waiting[-1].stamp <= said.stamp - 0.05:  # by then its IMU samples are there, too
            scan = waiting.pop()
            turn = _turn(motion, scan, mounting, lean_known)
            turns += [turn] if turn else []
    return turns


def _turn(motion: Motion, scan: Scan, mounting: Mounting, lean_known: bool) -> Turn | None:
    lean = motion.lean_at(scan.stamp) if lean_known else Imu(0.0, 0.0, 0.0, scan.stamp)
    pose = motion.pose_at(scan.stamp)
    return Turn(level(scan, lean, mounting), pose) if lean and pose else None


def _refuse_back(name: str, what: str, stamps: list[float], start: float) -> None:
    for before, after in pairwise(stamps):
        if after < before - BACK:
            raise UnusableRecording(
                f"{name}: the clock of {what} jumps back by {before - after:.1f} s, {before - start:.1f} s after the "
                "start: record in one go, with one clock (a simulator that was started anew begins another recording)"
            )


def _refuse_leaps(name: str, odometry: list[Odometry]) -> None:
    for before, after in pairwise(odometry):
        leap, passed = before.pose.distance(after.pose), after.stamp - before.stamp
        if not math.isfinite(leap) or leap > 0.5 + LEAP * max(passed, 0.0):
            raise UnusableRecording(
                f"{name}: odom leaps by {leap:.1f} m within {passed:.2f} s, {before.stamp - odometry[0].stamp:.1f} s "
                "after the start: was it set anew during the walk?"
            )


def _gaps(stamps: list[float]) -> list[str]:
    gaps = [(after - before, before) for before, after in pairwise(stamps) if after - before > GAP]
    if not gaps:
        return []
    longest, at = max(gaps)
    return [f"{len(gaps)} gaps in the scans, the longest of {longest:.1f} s, {at - stamps[0]:.0f} s after the start"]
