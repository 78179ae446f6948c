"""Which dock a dog goes to, and from where it walks onto it."""

import math

from edge.mission.events import Situation
from edge.mission.scene import Scene
from edge.types import Pose2D

BEFORE_M = 0.9  # from which the dog walks straight onto its dock
REACHED_M = 2.0  # of way home from there: then that place is ground to walk on, and not behind a wall
OWN_M = 10.0  # further than to the nearest a dog goes to the dock that it knows


def choose_dock(scene: Scene, failures: int) -> Pose2D:
    """The dock where it charged last if that is near, else the nearest; after each failure the next. There is one."""
    pose = scene.situation.pose
    assert pose is not None
    here, own = pose.pose, scene.held.dock
    docks = sorted(scene.situation.docks, key=here.distance)
    known = [d for d in docks if own and math.dist((d.x, d.y), own) < 0.1]
    if known and here.distance(known[0]) <= here.distance(docks[0]) + OWN_M:
        docks = [known[0], *(d for d in docks if d is not known[0])]
    return docks[failures % len(docks)]


def place_before(dock: Pose2D, situation: Situation) -> Pose2D | None:
    """Where to turn before the dock: behind it, to walk on forwards, or before it, to back in; None: none is free."""
    for way in (-BEFORE_M, BEFORE_M):
        place = Pose2D(dock.x + way * math.cos(dock.theta), dock.y + way * math.sin(dock.theta), dock.theta)
        if _is_free(place, situation):
            return place
    return None


def _is_free(place: Pose2D, situation: Situation) -> bool:
    if situation.way_home is not None:
        return situation.way_home(place.x, place.y) <= REACHED_M
    return situation.can_stand is None or situation.can_stand(place.x, place.y)
