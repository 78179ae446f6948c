"""A dog that stands without a goal, and somebody who comes straight at it: it makes room, and goes back to its place.

How room is made, and how a place is walked to, is the navigator's own; here is when, and when not.
"""

import math
from enum import StrEnum

from edge.navigation.local_control import Why
from edge.navigation.moving_obstacles import MovingObstacle
from edge.navigation.navigator import Goal, Navigator, Progress, Sight, Status
from edge.types import STILL, Pose2D, Twist2D, wrap

SURE = 3  # steps in a row in which somebody is expected: a velocity is a guess at first
CLEAR = 1.0  # s that nobody comes any more until the dog goes back
LONGEST = 20.0  # s of making room: thereafter it goes back as one that walks, who makes room as well
AT_PLACE = 0.25  # m and ...
FACING = 0.2  # rad: this near it has not left its place


class Aside(StrEnum):
    """What a dog without a goal does about somebody who comes."""

    NOTHING = ""
    MAKING_ROOM = "MAKING_ROOM"
    UNAVOIDABLE = "UNAVOIDABLE"  # it stands: nothing that it can do keeps them off it
    RETURNING = "RETURNING"
    NOT_RETURNED = "NOT_RETURNED"  # it stands where it got to, until it walks again


WORDS = {  # of the stages that are under way
    Aside.MAKING_ROOM: "making room for somebody who comes",
    Aside.UNAVOIDABLE: "somebody comes who cannot be avoided: standing still",
    Aside.RETURNING: "going back to where it stood",
}


class StandingAside:
    """``update`` instead of the navigator's own, for as long as nobody has given it a goal."""

    def __init__(self, navigator: Navigator) -> None:
        self._navigator = navigator
        self.forget()

    def forget(self) -> None:
        """A goal is begun: the place that was left is nobody's any more."""
        self.stage, self.why = Aside.NOTHING, ""
        self._place: Pose2D | None = None  # where it stood
        self._expected = 0  # steps
        self._left_at = self._came_at = -math.inf

    def update(self, sight: Sight, now: float, free: bool) -> Progress:
        """What to do at ``now``; ``free`` says whether the dog may move by itself at all."""
        pose = self._navigator.pose_at(sight, now)
        if not free or sight.held or pose is None:
            return self._stay()
        if self.stage is Aside.RETURNING:
            return self._return(sight, now)
        coming = self._navigator.expected(pose, now, already=self._place is not None)
        self._expected = self._expected + 1 if coming else 0
        if self._place is None:
            if self._expected < SURE:
                return self._told(STILL)
            self._navigator.cancel()  # of the last time nothing is remembered
            self._place, self._left_at = pose, now
            self.stage, self.why = Aside.MAKING_ROOM, ""
        if coming:
            self._came_at = now
        if now - self._came_at > CLEAR or now - self._left_at > LONGEST:
            return self._go_back(self._place, pose, now)
        return self._make_room(pose, sight, coming, now)

    def _stay(self) -> Progress:
        """Held, or told to stand: whoever holds it may move it, and its place is where they leave it."""
        if self.stage is not Aside.NOTHING:
            self._navigator.cancel()
            self.forget()
        return self._told(STILL)

    def _make_room(self, pose: Pose2D, sight: Sight, coming: list[MovingObstacle], now: float) -> Progress:
        choice = self._navigator.make_room(pose, sight, coming, now)
        self.stage = Aside.UNAVOIDABLE if choice.why is Why.UNAVOIDABLE else Aside.MAKING_ROOM
        return self._told(choice.command)

    def _go_back(self, place: Pose2D, pose: Pose2D, now: float) -> Progress:
        if pose.distance(place) < AT_PLACE and abs(wrap(pose.theta - place.theta)) < FACING:
            self.forget()
            return self._told(STILL)
        self.stage = Aside.RETURNING
        self._navigator.start(Goal(place), now)
        return self._told(STILL)

    def _return(self, sight: Sight, now: float) -> Progress:
        progress = self._navigator.update(sight, now)
        if progress.status is Status.REACHED:
            self.forget()
            return self._told(STILL)
        if progress.status in (Status.FAILED, Status.IDLE):
            self.forget()
            self.stage, self.why = Aside.NOT_RETURNED, progress.reason or "the map has changed"
            return self._told(STILL)
        return progress

    def _told(self, command: Twist2D) -> Progress:
        reason = WORDS.get(self.stage, "")
        if self.stage is Aside.NOT_RETURNED:
            reason = f"not back where it stood: {self.why}"
        status = Status.IDLE if self.stage not in WORDS else Status.WAITING if command == STILL else Status.WALKING
        return Progress(status, command, reason=reason)
