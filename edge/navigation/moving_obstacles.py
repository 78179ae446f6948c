"""Who moves where: clusters of unmapped returns followed over the map by a Kalman filter each.

People, dogs and vehicles are one kind: a box with a velocity. What a lidar sees of a thing changes while one walks
round it, so a box is followed by whichever of its edges moved as predicted: an edge that only came into view, or went
behind something, moves nothing.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from edge.navigation.ray_clearing import View

Points = NDArray[np.float64]

JOIN = 0.40  # m between returns of one thing, near by ...
JOIN_FAR = 0.035  # m more a metre of range: beams of one degree part by 0.017
FASTEST = 10.0  # m/s: faster than this, two things were taken for one
LONGEST = 8.0  # m: longer than this it is no vehicle, but a wall that the map lacks
FORGET = 1.0  # s unseen
EARLY = 0.2  # s that a scan may be newer than what is asked for
KNOWN_AGAIN = 60.0  # s after which who stood still and was lost from sight is still somebody ...
KNOWN_WITHIN = 1.5  # m: ... at that place
SETTLE = 0.3  # s of being followed until a velocity is believed
MOVING = 0.25  # m/s: slower than this, a thing counts as standing
TRAIL = 0.8  # s of places that are kept: over them a thing must have moved ...
STIRRED = 0.15  # m: ... by more than this ...
STIRRED_FAR = 0.02  # m: ... and this for every metre of range, to be moving
OLD_SHARE = 0.85  # of returns where something stood a while ago: it stands there still
LOOK_BACK = 0.5  # s: a view of so long ago says what has come since ...
LOOK_MARGIN = 0.3  # m: ... where it saw so far beyond ...
PROOF = 0.5  # share: ... for so many of a thing's returns
PROOFS = 2  # scans of which one might err
PARTED = 0.25  # m from where something that moves should be: what turns up there is a part of it ...
PART_OF = 1.0  # m: ... unless it is larger
LEAST = 0.40  # m: a lidar sees the near half of a person
RIGID = 0.08  # m by which a box may seem to grow or shrink and is the same still ...
RIGID_FAR = 0.02  # m: ... and more for every metre of range
NOISE = 0.04  # m of deviation of an edge near by ...
NOISE_FAR = 0.012  # m: ... and more for every metre of range
JERK = 1.2  # m²/s³: how people and dogs change their velocity, as white noise of acceleration
SURPRISE = 3.0  # deviations by which an edge is off: then its velocity is learnt anew
UNKNOWN_SPEED = 3.0  # m/s of deviation of what was just seen first


@dataclass(frozen=True, slots=True)
class MovingObstacle:
    """A thing on the map: the middle of its box (m), its velocity (m/s), and since and until when it was seen (s).

    ``length`` lies along ``heading`` (radians; the way it moves), ``width`` across. ``moved``: it has been seen moving.
    """

    x: float
    y: float
    vx: float
    vy: float
    first: float
    last: float
    length: float = LEAST
    width: float = LEAST
    heading: float = 0.0
    moved: bool = True

    @property
    def speed(self) -> float:
        """Metres a second."""
        return math.hypot(self.vx, self.vy)


@dataclass(slots=True)
class _Track:
    """One thing's filter: the corners of its box, one velocity, and a covariance that both axes share."""

    low: Points
    high: Points
    velocity: Points
    first: float
    last: float
    points: Points
    distance: float
    covariance: list[float] = field(default_factory=lambda: [NOISE**2, 0.0, UNKNOWN_SPEED**2])  # xx, xv, vv
    trail: list[tuple[float, Points]] = field(default_factory=list)  # s, and what was seen of it then
    proofs: int = 0  # scans that showed that it came to where it was not before
    moving: bool = False
    moved: bool = False

    def predicted(self, now: float) -> Points:
        return self.velocity * (now - self.last)


class MovingObstacles:
    """The things that are being followed."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._views: list[View] = []
        self._left: list[tuple[float, Points]] = []  # when and where somebody was lost from sight

    def update(
        self,
        points: Points,
        now: float,
        eye: tuple[float, float] = (0.0, 0.0),
        old: NDArray[np.bool_] | None = None,
        view: View | None = None,
    ) -> None:
        """One more scan's unmapped returns (n, 2), on the map, seen from ``eye``.

        ``old`` (n) is true where something stood already a while ago. By ``view``, the whole scan, and those before it
        it is proved that a thing came to where it is, or went from where it was; without it that is believed.
        """
        then = self._then(view, now)
        self._forget(now)
        was = np.zeros(len(points), np.bool_) if old is None else old
        clusters = [index for index in clustered(points, eye) if np.ptp(points[index], axis=0).max() <= LONGEST]
        pairs = self._matched([points[index] for index in clusters], now)
        begun: list[_Track] = []
        for number, index in enumerate(clusters):
            seen = points[index]
            track = pairs.get(number)
            distance = float(np.hypot(*(seen - eye).T).min())
            if track is None:
                begun.append(self._parted(self._begun(seen, now, distance), now))
            else:
                _follow(track, seen, now, distance)
                track.proofs += view is None or (then is not None and _has_gone(track, then, view))
                _judge(track, now, float(was[index].mean()))
        self._tracks += begun

    def walking(self, now: float) -> list[MovingObstacle]:
        """Those that are on their way, carried on to ``now``."""
        return [
            self._mover(track, now) for track in self._tracks if track.moving and -EARLY <= now - track.last <= FORGET
        ]

    def all(self, now: float) -> list[MovingObstacle]:
        """Everything that is followed, carried on to ``now``."""
        return [self._mover(track, now) for track in self._tracks if -EARLY <= now - track.last <= FORGET]

    def within(self, points: Points, room: float = 0.15) -> NDArray[np.bool_]:
        """Which of ``points`` (n, 2) lie where something moving is or, in the last moments, was."""
        inside = np.zeros(len(points), np.bool_)
        for track in self._tracks:
            if track.moving:
                for _, seen in track.trail:
                    inside |= ((points >= seen.min(axis=0) - room) & (points <= seen.max(axis=0) + room)).all(axis=1)
        return inside

    def anybody_near(self, place: tuple[float, float], within: float, now: float, lately: float = 4.0) -> bool:
        """Whether somebody who was seen moving is, or was ``lately`` (s), within so many metres."""
        here = [(track.last, (track.low + track.high) / 2) for track in self._tracks if track.moved]
        return any(
            now - last <= lately and float(np.hypot(*(middle - place))) < within for last, middle in here + self._left
        )

    def has_moved(self, points: Points, room: float = 0.2) -> NDArray[np.bool_]:
        """Which of ``points`` (n, 2) belong to somebody: to what was seen moving, if it stands now or not."""
        inside = np.zeros(len(points), np.bool_)
        for track in self._tracks:
            if track.moved:
                inside |= ((points >= track.low - room) & (points <= track.high + room)).all(axis=1)
        return inside

    def _forget(self, now: float) -> None:
        gone = [track for track in self._tracks if not 0 < now - track.last <= FORGET]
        self._tracks = [track for track in self._tracks if 0 < now - track.last <= FORGET]
        self._left += [(track.last, (track.low + track.high) / 2) for track in gone if track.moved]
        self._left = [place for place in self._left if 0 <= now - place[0] <= KNOWN_AGAIN]

    def _begun(self, seen: Points, now: float, distance: float) -> _Track:
        low, high = seen.min(axis=0), seen.max(axis=0)
        middle = (low + high) / 2
        known = any(float(np.hypot(*(middle - place))) < KNOWN_WITHIN for _, place in self._left)
        trail = [(now, seen)]
        return _Track(low, high, np.zeros(2), now, now, seen, distance, trail=trail, moved=known)

    def _parted(self, track: _Track, now: float) -> _Track:
        """A part of what is moving moves as the whole does: legs and trunk of a dog are one thing now, now two."""
        for whole in self._tracks:
            ahead = whole.predicted(now)
            near = (track.high > whole.low + ahead - PARTED) & (track.low < whole.high + ahead + PARTED)
            if whole.moving and near.all() and np.ptp(track.points, axis=0).max() < PART_OF:
                track.velocity, track.covariance = whole.velocity.copy(), list(whole.covariance)
                track.proofs, track.first, track.moving, track.moved = whole.proofs, whole.first, True, True
        return track

    def _then(self, view: View | None, now: float) -> View | None:
        """The view of about half a second ago, which is remembered with this one."""
        self._views = [known for known in self._views if 0 < now - known.now <= TRAIL]
        before = [known for known in self._views if now - known.now >= SETTLE - 1e-6]
        if view is not None:
            self._views.append(view)
        return min(before, key=lambda known: abs(now - known.now - LOOK_BACK), default=None)

    def _matched(self, clusters: list[Points], now: float) -> dict[int, _Track]:
        """For each cluster (by number) the track that it continues: the cheapest assignment of all."""
        if not (clusters and self._tracks):
            return {}
        lows = np.array([cluster.min(axis=0) for cluster in clusters])
        highs = np.array([cluster.max(axis=0) for cluster in clusters])
        cost = np.full((len(clusters), len(self._tracks)), 1e3)
        for column, track in enumerate(self._tracks):
            ahead = track.predicted(now)
            off = np.hypot(*_innovation(track, lows, highs, ahead).T)
            gap = np.maximum(np.maximum(lows - track.high - ahead, track.low + ahead - highs), 0.0).max(axis=1)
            size = np.abs((highs - lows) - (track.high - track.low)).max(axis=1)
            gate = _gate(track, now)
            cost[:, column] = np.where((off < gate) & (gap < gate), off + 0.2 * size, 1e3)
        rows, columns = linear_sum_assignment(cost)
        return {
            int(row): self._tracks[column] for row, column in zip(rows, columns, strict=True) if cost[row, column] < 1e3
        }

    def _mover(self, track: _Track, now: float) -> MovingObstacle:
        speed = float(np.hypot(*track.velocity))
        heading = math.atan2(track.velocity[1], track.velocity[0]) if track.moving and speed > MOVING else 0.0
        along = np.array([math.cos(heading), math.sin(heading)])
        across = np.array([-along[1], along[0]])
        s, d = track.points @ along, track.points @ across
        middle = along * (s.min() + s.max()) / 2 + across * (d.min() + d.max()) / 2 + track.predicted(now)
        vx, vy = (float(track.velocity[0]), float(track.velocity[1])) if track.moving else (0.0, 0.0)
        if not track.moving:
            middle = middle - track.predicted(now)
        return MovingObstacle(
            x=float(middle[0]),
            y=float(middle[1]),
            vx=vx,
            vy=vy,
            first=track.first,
            last=track.last,
            length=max(float(np.ptp(s)), LEAST),
            width=max(float(np.ptp(d)), LEAST),
            heading=heading,
            moved=track.moved,
        )


def clustered(points: Points, eye: tuple[float, float]) -> list[NDArray[np.intp]]:
    """The indices of the points (n, 2) of each thing; returns that lie farther from ``eye`` lie farther apart."""
    if not len(points):
        return []
    away = points - eye
    distance = np.hypot(away[:, 0], away[:, 1])
    reach = JOIN + JOIN_FAR * distance
    pairs = cKDTree(points).query_pairs(float(reach.max()), output_type="ndarray")
    if len(pairs):
        first, second = pairs[:, 0], pairs[:, 1]
        gaps = np.hypot(*(points[first] - points[second]).T)
        pairs = pairs[gaps <= np.minimum(reach[first], reach[second])]
    ones = np.ones(len(pairs), np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    count, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    parts: list[NDArray[np.intp]] = np.split(order, np.searchsorted(label[order], np.arange(1, count)))
    return parts


def carried(mover: MovingObstacle, seconds: float) -> MovingObstacle:
    """The mover as it will be after ``seconds``."""
    return replace(mover, x=mover.x + mover.vx * seconds, y=mover.y + mover.vy * seconds)


def _gate(track: _Track, now: float) -> float:
    """Metres by which a thing may be off where it should be."""
    passed = now - track.last
    xx, xv, vv = track.covariance
    spread = math.sqrt(xx + 2 * passed * xv + passed**2 * vv)
    return min(0.35 + 2.5 * spread, 1.2)


def _innovation(track: _Track, low: Points, high: Points, ahead: Points) -> Points:
    """By axis, how far a box is off where it should be: its middle, or, where its size changed, the edge off least."""
    lows, highs = low - track.low - ahead, high - track.high - ahead
    best = np.where(np.abs(lows) < np.abs(highs), lows, highs)
    rigid = np.abs(highs - lows) < RIGID + RIGID_FAR * track.distance
    chosen: Points = np.where(rigid, (lows + highs) / 2, best)
    return chosen


def _follow(track: _Track, seen: Points, now: float, distance: float) -> None:
    """The constant-velocity Kalman filter, on how far the box is off where it should be."""
    low, high = seen.min(axis=0), seen.max(axis=0)
    passed, ahead = now - track.last, track.predicted(now)
    off = _innovation(track, low, high, ahead)
    xx, xv, vv = track.covariance
    xx += 2 * passed * xv + passed**2 * vv + JERK * passed**3 / 3
    xv += passed * vv + JERK * passed**2 / 2
    vv += JERK * passed
    noise = (NOISE + NOISE_FAR * distance) ** 2
    total, surprise = xx + noise, float(off @ off)
    if surprise > SURPRISE**2 * total:  # it set out, stopped or turned: what was known of its speed is old
        vv += surprise / passed**2 / 2
        xv += surprise / passed / 2
        xx += surprise / 2
        total = xx + noise
    gain, gain_v = xx / total, xv / total
    track.covariance = [(1 - gain) * xx, (1 - gain) * xv, vv - gain_v * xv]
    track.velocity = track.velocity + gain_v * off
    track.low, track.high, track.points, track.last, track.distance = low, high, seen, now, distance
    track.trail = [place for place in track.trail if now - place[0] <= TRAIL]
    track.trail.append((now, seen))


def _has_gone(track: _Track, then: View, view: View) -> bool:
    """Whether a thing is where one looked through then, or one looks through now where it was."""
    came = then.looked_through(track.points, LOOK_MARGIN).mean() > PROOF
    return bool(came or view.looked_through(track.trail[0][1], LOOK_MARGIN).mean() > PROOF)


def _judge(track: _Track, now: float, old: float) -> None:
    """Whether the thing moves: for long enough, fast enough, far enough, and not where something stood before."""
    speed = float(np.hypot(*track.velocity))
    before = track.trail[0][1]
    lows, highs = track.low - before.min(axis=0), track.high - before.max(axis=0)
    gone = np.where(lows * highs > 0, np.minimum(np.abs(lows), np.abs(highs)), 0.0)  # by both edges, or not at all
    stirred = float(np.hypot(*gone)) >= STIRRED + STIRRED_FAR * track.distance
    settled = now - track.first >= SETTLE - 1e-6
    track.moving = track.proofs >= PROOFS and settled and stirred and MOVING <= speed <= FASTEST and old < OLD_SHARE
    track.moved |= track.moving
