"""Which dock a dog goes to, and from where it walks onto it."""

import math

from edge.mission.events import Situation
from edge.mission.mission_context import MissionContext
from edge.types import Pose2D

BEFORE_M = 0.9  # from which the dog walks straight onto its dock
ROOM_M = 0.4  # that a plan keeps from walls, and a cell: who is to turn there needs it on all sides
ROUND = tuple((math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)) for k in range(8))
REACHED_M = 2.0  # of way home from there: then that place is ground to walk on, and not behind a wall
# From where, as a direction of the dock's own, and how far the body with what the gate keeps before it reaches beyond
# the dock then: 0.38 m of head, 0.32 of back and 0.16 of side, 0.15 that the gate keeps, and 0.05.
WAYS = ((math.pi, 0.58), (0.0, 0.52), (math.pi / 2, 0.36), (-math.pi / 2, 0.36))
OWN_M = 10.0  # further than to the nearest a dog goes to the dock that it knows


def choose_dock(scene: MissionContext, failures: int) -> Pose2D:
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
    """Where to turn before the dock, so that the rest is straight; None: there is no such place.

    From behind, walking on; from before, backing in; or from beside it. What stands behind a dock, as a charger does,
    may be nearer than the gate lets a dog walk towards it: then another direction is taken.
    """
    free = [(way, reach) for way, reach in WAYS if _is_free(_beside(dock, way, BEFORE_M), situation)]
    open_beyond = [(way, reach) for way, reach in free if _is_open(_beside(dock, way, -reach), situation)]
    ways = open_beyond or free
    return _beside(dock, ways[0][0], BEFORE_M) if ways else None


def _beside(dock: Pose2D, way: float, metres: float) -> Pose2D:
    """So far from the dock in a direction of its own, turned as it is."""
    angle = dock.theta + way
    return Pose2D(dock.x + metres * math.cos(angle), dock.y + metres * math.sin(angle), dock.theta)


def _is_free(place: Pose2D, situation: Situation) -> bool:
    around = (Pose2D(place.x + ROOM_M * x, place.y + ROOM_M * y, 0.0) for x, y in ROUND)
    if not all(_is_open(each, situation) for each in (place, *around)):
        return False
    return situation.way_home is None or situation.way_home(place.x, place.y) <= REACHED_M


def _is_open(place: Pose2D, situation: Situation) -> bool:
    return situation.can_stand is None or situation.can_stand(place.x, place.y)
