"""A dog that turns before the armory's yard, in which somebody walks: what it sees, and who is truly in view."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.dog.perception_core import Frame, PerceptionCore, Sighted
from edge.evidence.clip_recorder import ClipRecorder, Cut
from edge.perception.camera_geometry import Intrinsics
from edge.perception.detector import Detector
from edge.types import Imu, Pose2D, PoseEstimate, Scan
from protocol.site_folder import read_site
from sim.engine.labelled_pictures import YARD, LabelledPicture, LabelledRenderer, Posture, Stance

START = 1_770_000_000.0  # s, UTC
PERIOD = 0.2
FOCAL = 320 / math.tan(0.75)
BEFORE_ARMORY = Pose2D(14.0, 11.0, 0.0)


@dataclass
class Film:
    """What was filmed: the frames as they truly were, what was seen, and what was cut of it."""

    shots: dict[float, LabelledPicture]
    sighted: list[Sighted]
    cuts: list[Cut]


def film(studio: LabelledRenderer, detector: Detector, seconds: float, turn: float = 0.25) -> Film:
    """``turn``: rad to either side; one walks across the yard, one comes towards the dog."""
    core, recorder = _core(detector), ClipRecorder()
    made = Film({}, [], [])
    for number in itertools.count():
        now = START + number * PERIOD
        if number * PERIOD > seconds:
            break
        pose = Pose2D(BEFORE_ARMORY.x, BEFORE_ARMORY.y, turn * math.sin(number * PERIOD * 0.8))
        for person, stance in enumerate(_people(number * PERIOD)):
            studio.place(person, stance)
        ahead = pose.compose(Pose2D(0.33, 0.0, 0.0))
        studio.look(ahead.x, ahead.y, 0.46, ahead.theta)
        shot = studio.shoot()
        made.shots[round(now, 3)] = shot
        estimate = PoseEstimate(pose, np.diag([1e-4, 1e-4, 1e-5]), 1.0, now)
        core.take_imu(Imu(0.0, 0.0, 0.0, now))
        recorder.take_pose(estimate)
        recorder.take_scan(Scan(-math.pi, math.tau / 360, 0.1, 20.0, np.full(360, np.inf, np.float32), now))
        looks = [*core.take_frame(Frame(shot.rgb, now))]
        look = core.take_pose(estimate)
        for each in [*looks, *([look] if look is not None else [])]:
            again = core.look_again()
            assert each.looked is not None
            recorder.take_look(each.looked)
            for sighted in (*each.sighted, *again):
                made.sighted.append(sighted)
                recorder.take_sighted(sighted)
        made.cuts += recorder.update(now)
    made.cuts += recorder.update(now + 60.0)
    return made


def _people(t: float) -> Iterator[Stance]:
    yield Stance(24.0 - 0.35 * t, 9.0 + 0.3 * t, 2.0, Posture.WALKING, t * 1.4)
    yield Stance(18.5 - 0.12 * t, 12.5 - 0.1 * t, math.pi, Posture.WALKING if int(t) % 2 else Posture.STANDING, t)


def _core(detector: Detector) -> PerceptionCore:
    ids = itertools.count()
    core = PerceptionCore(detector, lambda: f"00000000-0000-4000-8000-{next(ids):012d}")
    site, grid = read_site(YARD.parent)
    core.take_site(site.zones, site.timezone, 1, grid)
    core.take_intrinsics(Intrinsics(FOCAL, FOCAL, 320.0, 240.0, 640, 480))
    core.take_order("a-patrol")
    return core
