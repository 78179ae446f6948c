import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.navigation.collision_monitor import Outline, Stopping, allowed_share, nearest, time_to_contact
from edge.navigation.low_obstacles import Low
from edge.navigation.safety_gate import Inputs, Level, Reason, SafetyConfig, SafetyGate, Verdict
from edge.navigation.scan_leveling import Mounting, level
from edge.types import STILL, Cloud, Imu, Odometry, Pose2D, PoseEstimate, Scan, Twist2D

CONFIG = SafetyConfig(has_points=True)
BLIND = SafetyConfig(has_points=False)
FORWARD = Twist2D(0.8, 0.0, 0.0)
BEAMS = 360
ANGLES = np.linspace(-math.pi, math.pi, BEAMS, endpoint=False)


def scan_of(ranges: np.ndarray, now: float) -> Scan:
    return Scan(-math.pi, 2 * math.pi / BEAMS, 0.15, 25.0, ranges.astype(np.float32), now)


def open_yard(now: float) -> np.ndarray:
    return 12.0 + 0.01 * np.sin(1000.0 * now + np.arange(BEAMS))


def wall_at(ahead: float, now: float) -> np.ndarray:
    """A wall across the way, ``ahead`` metres from base_link."""
    with np.errstate(divide="ignore"):
        to_wall = np.where(np.cos(ANGLES) > 0.05, ahead / np.cos(ANGLES), np.inf)
    return np.minimum(to_wall, open_yard(now))


def cloud_of(now: float) -> Cloud:
    """A few hundred points of noise: the gate itself looks at no more than whether a cloud lives."""
    return Cloud(np.random.default_rng(round(now * 1000)).normal(size=(300, 3)).astype(np.float32), now)


def inputs(now: float, command: Twist2D = FORWARD, ranges: np.ndarray | None = None, **other: object) -> Inputs:
    scan = scan_of(open_yard(now) if ranges is None else ranges, now)
    lean = Imu(0.0, 0.0, 0.0, now)
    estimate = PoseEstimate(Pose2D(0, 0, 0), np.eye(3) * 1e-3, 0.9, now)
    odometry = Odometry(Pose2D(0.001 * now, 0, 0), command, now)  # a millimetre a second: no trail, and not frozen
    given = Inputs(
        command, now, scan, level(scan, lean, Mounting()), lean, odometry, estimate, math.inf, now, cloud_of(now), 300
    )
    return replace(given, **other)  # type: ignore[arg-type]


def run(gate: SafetyGate, seconds: float, start: float = 0.0, **other: object) -> Verdict:
    for now in np.arange(start, start + seconds, 0.05):
        verdict = gate.update(inputs(float(now), **other), float(now))  # type: ignore[arg-type]
    return verdict


def test_a_clear_way_is_walked_at_the_speed_asked_for_after_a_ramp() -> None:
    gate = SafetyGate(CONFIG)
    first = gate.update(inputs(0.0), 0.0)
    assert first.level is Level.CLEAR
    speeds = [gate.update(inputs(t), t).command.vx for t in (0.05, 0.1, 0.15)]
    assert np.diff([0.0, *speeds]).max() <= 0.05 * CONFIG.speed_up + 1e-9
    assert run(gate, 2.0, 0.2).command == FORWARD


def test_more_than_the_limit_is_cut_to_it() -> None:
    verdict = run(SafetyGate(CONFIG), 3.0, command=Twist2D(9.0, 0.0, 5.0))
    assert verdict.command.vx <= CONFIG.speed
    assert verdict.command.omega <= CONFIG.turn


FAULTS = {
    Reason.SCAN_STALE: {"scan": scan_of(open_yard(0.0), 9.0)},
    Reason.POINTS_STALE: {"cloud": cloud_of(9.0)},
    Reason.POINTS_INVALID: {"usable": 30},
    Reason.IMU_STALE: {"imu": Imu(0, 0, 0, 9.0)},
    Reason.IMU_INVALID: {"imu": Imu(math.nan, 0, 0, 10.0)},
    Reason.ODOM_STALE: {"odometry": Odometry(Pose2D(0, 0, 0), FORWARD, 9.0)},
    Reason.ODOM_INVALID: {"odometry": Odometry(Pose2D(0, math.inf, 0), FORWARD, 10.0)},
    Reason.POSE_STALE: {"estimate": PoseEstimate(Pose2D(0, 0, 0), np.eye(3), 0.9, 9.0)},
    Reason.POSE_LOST: {"estimate": PoseEstimate(Pose2D(0, 0, 0), np.eye(3), 0.0, 10.0)},
    Reason.COMMAND_STALE: {"command_stamp": 9.0},
    Reason.COMMAND_INVALID: {"command": Twist2D(math.nan, 0.0, 0.0)},
    Reason.SCAN_INVALID: {"scan": scan_of(np.full(BEAMS, np.nan), 10.0)},
    Reason.FALLEN: {"imu": Imu(0.7, 0.0, 0.0, 10.0)},
}


@pytest.mark.parametrize("reason", FAULTS)
def test_each_fault_stops_at_once_and_says_why(reason: Reason) -> None:
    gate = SafetyGate(CONFIG)
    assert run(gate, 2.0, 8.0).command == FORWARD
    verdict = gate.update(replace(inputs(10.0), **FAULTS[reason]), 10.0)  # type: ignore[arg-type]
    assert verdict.command == STILL
    assert verdict.level is Level.STOPPED
    assert verdict.reasons == (reason,)


def test_nothing_heard_at_all_is_a_stop() -> None:
    verdict = SafetyGate(CONFIG).update(Inputs(None, -math.inf, None, None, None, None, None), 0.0)
    assert verdict.command == STILL
    assert Reason.SCAN_STALE in verdict.reasons


def test_a_stamp_from_the_future_is_no_fresher_than_an_old_one() -> None:
    verdict = SafetyGate(CONFIG).update(replace(inputs(10.0), command_stamp=12.0), 10.0)
    assert verdict.reasons == (Reason.COMMAND_STALE,)


def test_the_emergency_stop_is_latched_until_released() -> None:
    gate = SafetyGate(CONFIG)
    gate.latch()
    assert run(gate, 3.0).reasons == (Reason.EMERGENCY_STOP,)
    gate.release()
    assert run(gate, 2.0, 3.0).command == FORWARD


def fallen(gate: SafetyGate, now: float) -> Verdict:
    return gate.update(replace(inputs(now, STILL), imu=Imu(0.0, -0.8, 0.0, now)), now)


def test_a_dog_that_fell_stands_at_rest_for_a_while_and_goes_on_by_itself() -> None:
    gate = SafetyGate(CONFIG)
    assert fallen(gate, 0.0).reasons == (Reason.FALLEN,)
    still = Odometry(Pose2D(0, 0, 0), STILL, 0.0)
    for now in np.arange(0.05, 3.0, 0.05):  # however the navigator insists
        verdict = gate.update(replace(inputs(float(now)), odometry=replace(still, stamp=float(now))), float(now))
        assert (verdict.command, verdict.reasons) == (STILL, (Reason.CHECKING_AFTER_FALL,))
    assert run(gate, 3.0, 3.0, command=STILL).level is Level.CLEAR
    assert run(gate, 2.0, 6.0).command == FORWARD


def test_a_second_fall_waits_for_a_person_and_releasing_the_emergency_stop_is_not_that() -> None:
    gate = SafetyGate(CONFIG)
    for start in (0.0, 10.0):
        fallen(gate, start)
        verdict = run(gate, 8.0, start + 0.05, command=STILL)
    assert verdict.reasons == (Reason.WAITING_AFTER_FALL,)
    gate.release()
    assert run(gate, 5.0, 18.05, command=STILL).reasons == (Reason.WAITING_AFTER_FALL,)
    assert gate.clear_fall()
    assert run(gate, 2.0, 23.05).command == FORWARD


@pytest.mark.parametrize("reason", [Reason.SCAN_STALE, Reason.ODOM_STALE, Reason.POSE_STALE, Reason.POSE_LOST])
def test_after_a_fall_every_sensor_and_the_place_are_wanted_before_the_dog_goes_on(reason: Reason) -> None:
    gate = SafetyGate(CONFIG)
    fallen(gate, 8.0)
    for now in np.arange(8.05, 20.0, 0.05):
        lacking = replace(inputs(float(now), STILL), **FAULTS[reason])  # type: ignore[arg-type]
        if reason is Reason.POSE_LOST:
            lacking = replace(lacking, estimate=replace(lacking.estimate, stamp=float(now)))  # type: ignore[type-var]
        verdict = gate.update(lacking, float(now))
    assert verdict.reasons == (Reason.CHECKING_AFTER_FALL, reason)
    assert run(gate, 3.2, 20.0, command=STILL).level is Level.CLEAR


def test_a_frozen_scan_is_a_silent_sensor() -> None:
    gate, frozen = SafetyGate(CONFIG), open_yard(0.0)
    reasons = [gate.update(inputs(float(t), ranges=frozen), float(t)).reasons for t in np.arange(0.0, 3.0, 0.05)]
    assert reasons[10] == ()
    assert reasons[-1] == (Reason.SCAN_FROZEN,)
    assert run(gate, 0.5, 3.0).level is Level.CLEAR


@pytest.mark.parametrize(("twist", "within"), [(FORWARD, 0.35), (STILL, 1.35)])
def test_odometry_that_repeats_itself_while_the_dog_walks_is_frozen_and_the_dog_stands_until_it_lives(
    twist: Twist2D, within: float
) -> None:
    gate = SafetyGate(CONFIG)
    assert run(gate, 2.0).level is Level.CLEAR
    since = 2.0
    for now in np.arange(2.0, 2.0 + within, 0.05):
        frozen = Odometry(Pose2D(1.0, 0.0, 0.0), twist, float(now))
        verdict = gate.update(inputs(float(now), odometry=frozen), float(now))
        since = float(now)
    assert verdict.reasons == (Reason.ODOM_FROZEN,)
    assert verdict.command == STILL
    assert run(gate, 0.5, since + 0.05).level is Level.CLEAR


def test_legs_that_would_not_walk_for_a_while_are_asked_again() -> None:
    gate, passed = SafetyGate(CONFIG), []
    for now in np.arange(0.0, 12.0, 0.05):
        stuck = Odometry(Pose2D(1.0, 0.0, 0.0), STILL, float(now))
        passed.append(gate.update(inputs(float(now), odometry=stuck), float(now)).command.vx > 0)
    assert any(passed[-110:])
    assert sum(passed) < 0.35 * len(passed)


def test_a_noiseless_sensor_before_a_still_dog_is_not_frozen() -> None:
    verdict = run(SafetyGate(CONFIG), 5.0, command=STILL, ranges=open_yard(0.0))
    assert verdict.reasons == ()


def test_a_clock_that_jumps_back_stops_the_dog_for_a_while() -> None:
    gate = SafetyGate(CONFIG)
    run(gate, 2.0, 100.0)
    assert gate.update(replace(inputs(50.0), wall=102.0), 50.0).reasons == (Reason.CLOCK_JUMPED,)
    for now in np.arange(50.05, 52.0, 0.05):
        verdict = gate.update(replace(inputs(float(now)), wall=52.0 + float(now)), float(now))
    assert verdict.level is Level.CLEAR


def test_a_clock_that_stands_while_time_passes_stops_the_dog() -> None:
    gate = SafetyGate(CONFIG)
    gate.update(inputs(2.0), 2.0)
    verdict = gate.update(replace(inputs(2.0), wall=3.5), 2.0)
    assert verdict.reasons == (Reason.CLOCK_STOPPED,)
    assert verdict.command == STILL


def test_a_slow_zone_slows() -> None:
    verdict = run(SafetyGate(CONFIG), 2.0, zone_limit=0.3)
    assert verdict.command.vx == pytest.approx(0.3)
    assert verdict.reasons == (Reason.SLOW_ZONE,)


def test_a_wall_ahead_is_approached_ever_slower_and_never_touched() -> None:
    gate, x, speed, now = SafetyGate(CONFIG), 0.0, 0.0, 0.0
    for _ in range(300):
        verdict = gate.update(inputs(now, ranges=wall_at(4.0 - x, now)), now)
        speed += (1 - math.exp(-0.05 / 0.2)) * (verdict.command.vx - speed)  # legs lag by 0.2 s
        x, now = x + speed * 0.05, now + 0.05
    gap = 4.0 - x - CONFIG.outline.front
    assert 0.08 < gap < 0.5
    assert verdict.level is not Level.CLEAR


def test_where_the_gate_lets_nothing_pass_it_says_for_what_place_and_nowhere_else() -> None:
    before = np.array([[0.5, 0.1], [0.5, -0.3], [-1.5, 0.0]])
    held = run(SafetyGate(CONFIG), 1.0, low=Low(obstacles=before))
    assert (held.command, held.limiting) == (STILL, (0.5, 0.1))
    far = run(SafetyGate(CONFIG), 0.2, ranges=wall_at(2.0, 0.0))
    assert far.limiting is None
    assert run(SafetyGate(CONFIG), 1.0).limiting is None
    assert run(SafetyGate(CONFIG), 1.0, command=STILL, low=Low(obstacles=before)).limiting is None


def test_beside_a_wall_a_dog_may_walk_along_turn_away_or_back_off_but_not_into_it() -> None:
    outline, stopping = Outline(), Stopping()
    beside = np.stack([np.linspace(-2, 2, 80), np.full(80, outline.half_width + 0.05)], axis=1)
    assert math.isinf(time_to_contact(beside, Twist2D(0.5, 0, 0), outline, stopping))
    before = np.stack([np.full(40, outline.front + 0.05), np.linspace(-1, 1, 40)], axis=1)
    assert time_to_contact(before, Twist2D(0.5, 0, 0), outline, stopping) <= 0.1
    assert math.isinf(time_to_contact(before, Twist2D(-0.3, 0, 0), outline, stopping))


def test_a_thing_behind_does_not_hold_a_dog_that_walks_away_but_one_that_backs() -> None:
    behind = np.array([[-0.8, 0.0]])
    assert math.isinf(time_to_contact(behind, FORWARD, Outline(), Stopping()))
    assert time_to_contact(behind, Twist2D(-0.3, 0, 0), Outline(), Stopping()) < 2.0


def test_turning_on_the_spot_is_stopped_by_what_the_head_would_meet() -> None:
    corner = np.array([[0.28, 0.22]])
    assert time_to_contact(corner, Twist2D(0, 0, 0.8), Outline(), Stopping()) < 1.0
    assert math.isinf(time_to_contact(np.array([[1.0, 0.0]]), Twist2D(0, 0, 0.8), Outline(), Stopping()))


def test_the_share_allowed_is_what_can_still_be_stopped() -> None:
    stopping = Stopping()
    for contact in (0.2, 0.5, 1.0, 2.0):
        share = allowed_share(contact, FORWARD, stopping)
        speed = share * FORWARD.vx
        needed = speed * stopping.latency + speed**2 / (2 * stopping.brake)
        assert needed <= FORWARD.vx * contact + 1e-9
    assert allowed_share(math.inf, FORWARD, stopping) == 1.0
    assert math.isinf(nearest(np.zeros((0, 2)), Outline()))


@pytest.mark.parametrize(
    "gone", [{"cloud": None}, {"cloud": cloud_of(20.0)}, {"cloud": replace(cloud_of(0.0), stamp=math.nan)}]
)
def test_points_that_are_not_there_or_not_of_now_stop_a_dog_that_is_to_have_them(gone: dict[str, object]) -> None:
    verdict = SafetyGate(CONFIG).update(replace(inputs(10.0), **gone), 10.0)  # type: ignore[arg-type]
    assert (verdict.command, verdict.reasons) == (STILL, (Reason.POINTS_STALE,))


def test_a_frozen_cloud_is_a_silent_sensor() -> None:
    gate, frozen = SafetyGate(CONFIG), cloud_of(0.0)
    for now in np.arange(0.0, 2.0, 0.05):
        verdict = gate.update(inputs(float(now), cloud=replace(frozen, stamp=float(now))), float(now))
    assert verdict.reasons == (Reason.POINTS_FROZEN,)


def test_a_noisy_sensor_that_repeats_itself_is_known_to_be_frozen_within_a_third_of_a_second() -> None:
    gate = SafetyGate(CONFIG)
    run(gate, 1.0, command=STILL)
    for now in np.arange(1.0, 1.35, 0.05):
        verdict = gate.update(inputs(float(now), cloud=replace(cloud_of(1.0), stamp=float(now))), float(now))
    assert verdict.reasons == (Reason.POINTS_FROZEN,)


def test_each_sensor_that_falls_silent_stops_the_dog_within_a_fifth_of_a_second_of_its_next_word() -> None:
    for name in ("scan", "cloud", "imu", "odometry", "command_stamp"):
        gate, last = SafetyGate(CONFIG), inputs(1.0)
        run(gate, 1.05)
        for now in np.arange(1.05, 1.4, 0.05):  # what comes ten times a second was due at 1.1
            verdict = gate.update(replace(inputs(float(now)), **{name: getattr(last, name)}), float(now))
        assert verdict.command == STILL, name


def test_a_half_blind_dog_walks_slower_and_says_so() -> None:
    verdict = run(SafetyGate(BLIND), 2.0, cloud=None)
    assert verdict.command.vx == pytest.approx(BLIND.half_blind_speed)
    assert (verdict.level, verdict.reasons) == (Level.SLOWED, (Reason.HALF_BLIND,))


def test_a_half_blind_dog_walks_backwards_only_where_it_has_just_been() -> None:
    back, gate = Twist2D(-0.3, 0.0, 0.0), SafetyGate(BLIND)
    assert run(gate, 1.0, command=back).command == STILL
    for step in range(30):  # it walks a metre and a half ahead
        now = 1.0 + 0.05 * step
        gate.update(inputs(now, odometry=Odometry(Pose2D(0.05 * step, 0, 0), FORWARD, now)), now)
    verdicts = []
    for step in range(40):
        now = 3.0 + 0.05 * step
        place = Pose2D(1.45 - 0.05 * step, 0, 0)
        verdicts.append(gate.update(inputs(now, back, odometry=Odometry(place, back, now)), now))
    assert verdicts[15].command == back
    assert verdicts[-1].command == STILL
    assert Reason.HALF_BLIND in verdicts[-1].reasons


def test_what_is_low_stops_the_dog_as_what_is_tall_does() -> None:
    bag = Low(obstacles=np.array([[0.54, 0.05]]))
    verdict = run(SafetyGate(CONFIG), 1.0, low=bag)
    assert (verdict.command, verdict.reasons) == (STILL, (Reason.OBSTACLE_NEAR,))
    assert verdict.nearest_obstacle == pytest.approx(0.16)


def test_ground_that_nobody_has_looked_at_is_not_walked_on() -> None:
    edge = Low(unseen=np.stack([np.full(40, 0.55), np.linspace(-1, 1, 40)], axis=1))
    verdict = run(SafetyGate(CONFIG), 1.0, low=edge)
    assert (verdict.command, verdict.reasons) == (STILL, (Reason.OBSTACLE_NEAR, Reason.GROUND_UNSEEN))
    assert run(SafetyGate(CONFIG), 1.0, low=edge, command=Twist2D(-0.4, 0.0, 0.0)).level is Level.CLEAR
    far = Low(unseen=edge.unseen + np.array([1.5, 0.0]))
    assert run(SafetyGate(CONFIG), 2.0, low=far).command == FORWARD


def test_a_border_of_the_map_is_kept_the_farther_off_the_less_sure_the_pose_is() -> None:
    fence = np.stack([np.full(40, 0.82), np.linspace(-1, 1, 40)], axis=1)
    slow = Twist2D(0.3, 0.0, 0.0)
    sure = PoseEstimate(Pose2D(0, 0, 0), np.eye(3) * 1e-4, 0.9, 0.0)

    def at(deviation: float) -> Verdict:
        gate = SafetyGate(CONFIG)
        for now in np.arange(0.0, 1.0, 0.05):
            estimate = replace(sure, covariance=np.eye(3) * deviation**2, stamp=float(now))
            verdict = gate.update(inputs(float(now), slow, fence=fence, estimate=estimate), float(now))
        return verdict

    assert at(0.01).command == slow
    assert at(0.14).command == STILL
    assert at(0.14).reasons == (Reason.OBSTACLE_NEAR, Reason.GEOFENCE)


def test_one_false_return_on_the_dog_itself_does_not_blind_the_gate_for_all_others() -> None:
    wall = np.stack([np.full(40, 0.7), np.linspace(-1, 1, 40)], axis=1)
    speck = np.array([[0.1, 0.1], [-0.2, 0.17]])
    for points in (wall, np.concatenate([wall, speck])):
        assert time_to_contact(points, FORWARD, Outline(), Stopping()) < 0.35


def test_sideways_the_dog_keeps_as_clear_as_ahead() -> None:
    outline = Outline()
    beside = np.stack([np.linspace(-0.3, 0.3, 20), np.full(20, outline.half_width + 0.25)], axis=1)
    left = Twist2D(0.0, 0.3, 0.0)
    assert time_to_contact(beside, left, outline, Stopping()) == pytest.approx(
        (0.25 - outline.margin_ahead) / 0.3, abs=0.11
    )
    assert math.isinf(time_to_contact(beside, Twist2D(0.0, -0.3, 0.0), outline, Stopping()))
    assert math.isinf(time_to_contact(beside, FORWARD, outline, Stopping()))


def test_a_turn_on_the_spot_is_stopped_by_what_the_tail_would_meet() -> None:
    behind = np.array([[-0.30, 0.22]])
    assert time_to_contact(behind, Twist2D(0, 0, -0.8), Outline(), Stopping()) < 1.0


ANY = st.floats(allow_nan=True, allow_infinity=True, width=32)
TWISTS = st.builds(Twist2D, ANY, ANY, ANY)


@settings(max_examples=300, deadline=None)
@given(
    steps=st.lists(
        st.tuples(TWISTS, ANY, ANY, ANY, st.floats(-2.0, 2.0), st.lists(ANY, min_size=4, max_size=4), ANY, ANY),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_it_is_fed_the_command_is_finite_within_limits_and_zero_when_stopped_by_a_fault(
    steps: list[tuple[Twist2D, float, float, float, float, list[float], float, float]],
) -> None:
    gate, now = SafetyGate(CONFIG), 100.0
    for command, roll, stamp, quality, step, four, pose, limit in steps:
        now += step
        lean = Imu(roll, 0.0, 0.0, now)
        scan = scan_of(np.resize(np.array(four), BEAMS), now)
        given_inputs = Inputs(
            command, now, scan, level(scan, lean, Mounting()), lean, Odometry(Pose2D(pose, 0, 0), STILL, now),
            PoseEstimate(Pose2D(pose, 0.0, 0.0), np.eye(3), quality, now if stamp > 0 else stamp), limit, now,
        )  # fmt: skip
        verdict = gate.update(given_inputs, now)
        assert verdict.command.is_finite()
        assert abs(verdict.command.vx) <= CONFIG.speed
        assert abs(verdict.command.omega) <= CONFIG.turn
        held = [
            reason
            for reason in verdict.reasons
            if not reason.startswith(("OBSTACLE", "SLOW", "GROUND", "GEOFENCE", "HALF"))
        ]
        assert not held or verdict.command == STILL
        assert (verdict.level is Level.CLEAR) == (not verdict.reasons)


@pytest.mark.parametrize("now", [math.nan, math.inf, -math.inf])
def test_a_clock_that_is_no_number_stops_the_dog(now: float) -> None:
    assert SafetyGate(CONFIG).update(inputs(0.0), now).command == STILL
