"""Whatever is fed to the gate in whatever order, no command passes that breaks a limit; and each limit is needed.

The limits are judged here a second time, in the simplest words, from what the gate was fed. A gate of which a single
limit was loosened is caught by the same judge over the same sequences.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.navigation.collision_monitor import Outline, Stopping
from edge.navigation.low_obstacles import NOTHING, Low
from edge.navigation.safety_gate import Inputs, SafetyConfig, SafetyGate, Verdict
from edge.navigation.scan_leveling import Mounting, level
from edge.types import STILL, Cloud, Imu, Odometry, Pose2D, PoseEstimate, Scan, Twist2D

CONFIG = SafetyConfig(has_points=True)
BLIND = SafetyConfig(has_points=False)
BEAMS, PERIOD = 60, 0.05
SLACK = 1e-6
SEEDS, STEPS = 40, 100
HERE = Pose2D(0.0, 0.0, 0.0)
SENSES = ("scan", "cloud", "imu", "odom", "command", "pose")


@dataclass(frozen=True)
class Fed:
    """One look of the gate, with what its judge has to know."""

    inputs: Inputs
    now: float
    ahead: float = math.inf  # m from base_link to a wall across the way
    unseen: float = math.inf  # m to where the known ground ends
    fence: float = math.inf  # m to a border of the map
    scan_repeated: float = 0.0  # s that the lidar has said the very same while the dog moved ...
    cloud_repeated: float = 0.0  # ... and the cloud
    jumped: float = math.inf  # s since the clock stepped back
    stood: float = 0.0  # s of wall time since the clock moved


def story(seed: int) -> Iterator[Fed]:
    """A sound dog to which, now and then, something happens for a while."""
    random = np.random.default_rng(seed)
    wall, now, jumped_at, last_move = 0.0, 100.0, -math.inf, 0.0
    repeated, scan_before, cloud_before = {"scan": 0.0, "cloud": 0.0}, None, None
    plan = {}
    for number in range(STEPS):
        wall += PERIOD
        if random.random() < 0.06 or not plan:
            plan = _happening(random)
        if random.random() < 0.02:
            plan = {}
        step = plan.get("step", PERIOD)
        if plan.get("step"):
            step = step if number else PERIOD
            plan = {k: v for k, v in plan.items() if k != "step"}
        if plan.get("stands"):
            step = 0.0
        if step < -0.05:
            jumped_at, repeated = now + step, {"scan": 0.0, "cloud": 0.0}
        now += step
        last_move = wall if step else last_move
        command = plan.get("command", Twist2D(1.0, 0.0, 0.0))
        ahead, unseen, fence = (plan.get(name, math.inf) for name in ("ahead", "unseen", "fence"))
        scan = scan_before if plan.get("frozen") == "scan" and scan_before is not None else _ranges(random, plan)
        repeated["scan"] = repeated["scan"] + max(step, 0.0) if scan is scan_before else 0.0
        cloud = cloud_before if plan.get("frozen") == "cloud" and cloud_before is not None else _points(random)
        repeated["cloud"] = repeated["cloud"] + max(step, 0.0) if cloud is cloud_before else 0.0
        scan_before, cloud_before = scan, cloud
        ages = {**dict.fromkeys(SENSES, 0.0), **plan.get("old", {})}
        lean = Imu(plan.get("roll", 0.0), plan.get("pitch", 0.0), 0.0, now - ages["imu"])
        seen = Scan(-math.pi, math.tau / BEAMS, 0.15, 25.0, scan, now - ages["scan"])
        low, doubt = Low(_line(ahead), _line(unseen)), np.eye(3) * plan.get("doubt", 0.02) ** 2
        inputs = Inputs(
            command, now - ages["command"], seen, level(seen, lean, Mounting()), lean,
            Odometry(Pose2D(1e-3 * now, 0.0, 0.0), Twist2D(0.5, 0, 0), now - ages["odom"]),
            PoseEstimate(HERE, doubt, plan.get("quality", 0.9), now - ages["pose"]),
            plan.get("zone", math.inf), wall, Cloud(cloud, now - ages["cloud"]), plan.get("usable", 4000),
            low, _line(fence),
        )  # fmt: skip
        yield Fed(
            inputs, now, ahead, unseen, fence, repeated["scan"], repeated["cloud"], now - jumped_at, wall - last_move
        )


def _happening(random: np.random.Generator) -> dict[str, object]:
    def some(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    name = SENSES[random.integers(len(SENSES))]
    twist = Twist2D(some(-2, 2), some(-2, 2), some(-3, 3))
    choices: list[Callable[[], dict[str, object]]] = [
        lambda: {"command": twist},
        lambda: {"command": Twist2D(*(float(random.choice([math.nan, math.inf, -math.inf, 1.0])) for _ in range(3)))},
        lambda: {"old": {name: some(0.0, 0.9)}},
        lambda: {"old": {name: some(-0.9, 0.0)}},
        lambda: {"roll": some(-1, 1)},
        lambda: {"pitch": some(-1, 1)},
        lambda: {"frozen": ("scan", "cloud")[random.integers(2)]},
        lambda: {"nans": some(0.3, 1.0)},
        lambda: {"usable": int(random.integers(0, 400))},
        lambda: {"zone": some(0.0, 0.9)},
        lambda: {"ahead": some(0.5, 3.0)},
        lambda: {"ahead": some(0.5, 3.0), "command": Twist2D(some(0.2, 1.0), 0.0, 0.0)},
        lambda: {"unseen": some(0.5, 2.5)},
        lambda: {"fence": some(0.6, 2.5), "doubt": some(0.0, 0.3)},
        lambda: {"step": -some(0.06, 30.0)},
        lambda: {"stands": True},
        lambda: {"quality": float(random.choice([0.0, math.nan]))},
    ]
    return choices[random.integers(len(choices))]()


def _ranges(random: np.random.Generator, plan: dict[str, object]) -> np.ndarray:
    ranges = (12.0 + random.normal(0, 0.01, BEAMS)).astype(np.float32)
    ranges[: round(BEAMS * float(plan.get("nans", 0.0)))] = math.nan  # type: ignore[arg-type]
    return ranges


def _points(random: np.random.Generator) -> np.ndarray:
    return random.normal(size=(20, 3)).astype(np.float32)


def _line(ahead: float) -> np.ndarray:
    return np.stack([np.full(21, ahead), np.linspace(-1, 1, 21)], axis=1) if math.isfinite(ahead) else NOTHING


def broken(fed: Fed, verdict: Verdict, before: Twist2D, passed: float, config: SafetyConfig) -> str:
    """Which limit of ``config`` the verdict breaks, ``passed`` seconds after ``before``; empty where it breaks none."""
    command, inputs = verdict.command, fed.inputs
    if not command.is_finite():
        return "finite"
    if command != STILL and (fault := _fault(fed, config)):
        return fault
    speed, was = math.hypot(command.vx, command.vy), math.hypot(before.vx, before.vy)
    most = min(config.speed, max(0.0, inputs.zone_limit), math.inf if config.has_points else config.half_blind_speed)
    axes = ((command.vx, before.vx), (command.vy, before.vy))
    slows = speed <= was and any(abs(new) <= abs(old) - config.slow_down * passed + SLACK for new, old in axes)
    if speed > most + SLACK and not slows:
        return "speed"
    if abs(command.omega) > config.turn + SLACK:
        return "turn"
    for new, old in axes:
        if abs(new) > abs(old) + config.speed_up * passed + SLACK and command != STILL:
            return "speed_up"
    if command != STILL and abs(command.omega - before.omega) > config.turn_change * passed + SLACK:
        return "turn_change"
    faster = speed > was - 0.5 * config.slow_down * passed + SLACK
    straight = inputs.command is not None and inputs.command.vx > 0 and inputs.command.vy == inputs.command.omega == 0
    return _too_fast(fed, command, config) if straight and faster and command.vy == command.omega == 0 else ""


def _too_fast(fed: Fed, command: Twist2D, config: SafetyConfig) -> str:
    """Straight ahead: what stands there, or is not known, or is forbidden, must be farther than the way to a stop."""
    outline, stopping, speed = config.outline, config.stopping, command.vx
    stop = speed * stopping.latency + speed**2 / (2 * stopping.brake)
    doubt = min(config.fence * math.sqrt(fed.inputs.estimate.covariance[0, 0]), config.fence_most)  # type: ignore[union-attr]
    for name, distance, more in (("ahead", fed.ahead, 0.0), ("unseen", fed.unseen, 0.0), ("fence", fed.fence, doubt)):
        gap = distance - outline.front
        if gap > outline.margin_ahead + more and stop > gap - outline.margin_ahead - more + 0.02:
            return name
    if fed.ahead - outline.front < min(config.near, speed * stopping.horizon) and speed > config.near_speed + SLACK:
        return "near_speed"
    return ""


def _fault(fed: Fed, config: SafetyConfig) -> str:
    """Why nothing may pass."""
    inputs, now = fed.inputs, fed.now
    for told in (inputs.scan, inputs.imu, inputs.odometry, inputs.estimate, inputs.cloud, inputs.command):
        assert told is not None
    stamps = {
        "stale": (inputs.command_stamp, inputs.scan.stamp, inputs.imu.stamp, inputs.odometry.stamp),
        "stale points": (inputs.cloud.stamp,) if config.has_points else (),
    }
    old = next((name for name, known in stamps.items() if any(abs(now - s) > config.stale + SLACK for s in known)), "")
    checks = {
        old: bool(old),
        "pose_stale": abs(now - inputs.estimate.stamp) > config.pose_stale + SLACK,
        "quality": not inputs.estimate.quality > 0,
        "command": not inputs.command.is_finite(),
        "tilt": max(abs(inputs.imu.roll), abs(inputs.imu.pitch)) > config.tilt,
        "valid_share": float(np.isnan(inputs.scan.ranges).mean()) > 1 - config.valid_share,
        "fewest_points": config.has_points and inputs.usable < config.fewest_points,
        # By its stamps, which may be as old as the gate bears.
        "frozen": fed.scan_repeated > config.frozen + PERIOD + config.stale,
        "frozen points": config.has_points and fed.cloud_repeated > config.frozen + PERIOD + config.stale,
        "clock_back": fed.jumped < config.clock_pause - SLACK,
        "clock_stands": fed.stood > config.clock_pause + SLACK,
    }
    return next((name for name, is_so in checks.items() if is_so), "")


def judge(gate_config: SafetyConfig, seed: int, config: SafetyConfig) -> str:
    """The first limit of ``config`` that a gate of ``gate_config`` breaks in this story."""
    gate, before, last = SafetyGate(gate_config), STILL, None
    for fed in story(seed):
        verdict = gate.update(fed.inputs, fed.now)
        passed = 0.0 if last is None else min(0.2, max(0.0, fed.now - last))
        if wrong := broken(fed, verdict, before, passed, config):
            return wrong
        before, last = verdict.command, fed.now
    return ""


@pytest.mark.parametrize("config", [CONFIG, BLIND])
def test_in_no_story_does_a_command_pass_that_breaks_a_limit(config: SafetyConfig) -> None:
    assert {judge(config, seed, config) for seed in range(SEEDS)} == {""}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(SEEDS, 2**31), blind=st.booleans())
def test_nor_in_stories_that_nobody_chose(seed: int, blind: bool) -> None:
    config = BLIND if blind else CONFIG
    assert judge(config, seed, config) == ""


LOOSER = {
    "stale": {"stale": 0.6},
    "pose_stale": {"pose_stale": 0.8},
    "tilt": {"tilt": 0.9},
    "frozen": {"frozen": 9.0},
    "valid_share": {"valid_share": 0.1},
    "clock_back": {"clock_back": 99.0},
    "clock_pause": {"clock_pause": 0.2},
    "clock_pause that is longer": {"clock_pause": 5.0},
    "speed": {"speed": 1.6},
    "turn": {"turn": 2.0},
    "speed_up": {"speed_up": 2.0},
    "turn_change": {"turn_change": 8.0},
    "near": {"near": 0.3},
    "near_speed": {"near_speed": 0.9},
    "fewest_points": {"fewest_points": 50},
    "has_points": {"has_points": False, "half_blind_speed": 9.0},
    "fence": {"fence": 0.0},
    "fence_most": {"fence_most": 0.05},
    "front": {"outline": Outline(front=0.2)},
    "margin_ahead": {"outline": Outline(margin_ahead=0.08)},
    "latency": {"stopping": Stopping(latency=0.1)},
    "brake": {"stopping": Stopping(brake=3.0)},
}


@pytest.mark.parametrize("name", LOOSER)
def test_a_gate_of_which_one_limit_is_loosened_is_caught(name: str) -> None:
    looser = replace(CONFIG, **LOOSER[name])  # type: ignore[arg-type]
    assert any(judge(looser, seed, CONFIG) for seed in range(SEEDS))


def test_a_gate_that_forgets_that_it_is_half_blind_is_caught() -> None:
    assert any(judge(replace(BLIND, half_blind_speed=1.0), seed, BLIND) for seed in range(SEEDS))
