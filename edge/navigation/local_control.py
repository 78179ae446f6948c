"""How to move just now: of many rolled-out candidates the one that is worth most, at 20 Hz.

The terms are those of Nav2's MPPI critics (follow the path, keep off obstacles, prefer forward, do not twirl), and
two for who moves by himself: room in time and place, predicted by constant velocity, and keeping to the right, so that
two who meet pass with the other on the left, whoever comes from the right goes first, and nobody needs a radio.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.navigation.clearance import Clearance
from edge.navigation.collision_monitor import Outline, Stopping, allowed_share, time_to_contact
from edge.navigation.moving_obstacles import MovingObstacle
from edge.navigation.trajectories import (
    HORIZON,
    STEPS,
    TIMES,
    Legs,
    PathTable,
    Rollouts,
    candidates,
    roll_out,
)
from edge.types import STILL, Pose2D, Twist2D

Array = NDArray[np.float64]

DISCS = np.array([-0.15, 0.03, 0.21])  # m along the dog: three discs of ...
SOONER, LATER = 0.3, 0.1  # s by which who moves may be early or late
VEHICLE = 1.5  # m: what is longer or wider than this drives, and may ...
CAR = 4.0  # m: what is as wide as a vehicle is as long as one, though only its front is seen
SPEED_UP = 1.5  # m/s²: ... get faster by so much (nobody crosses before a car that sets out) ...
SWERVE = 0.06  # m aside for each metre of its way: ... and turn by so much, and its course is known no better
DISC = 0.20  # m radius cover its outline (collision.Outline)


@dataclass(frozen=True, slots=True)
class LocalControlConfig:
    """What is worth how much. Costs are in shares of walking on at full speed over the horizon, times ``progress``."""

    legs: Legs = field(default_factory=Legs)
    margin: float = 0.12  # m from the outline: less than this no candidate may have, unless it has less already
    mapped_room: float = 0.35  # m wanted from walls
    seen_room: float = 0.8  # m wanted from what the map lacks: it may be somebody
    least_room: float = 0.5  # m that somebody gets at the very least
    mover_room: float = 1.0  # m wanted from who moves
    latency: float = 0.15  # s: the age of what is seen, and of what the legs do
    movers: int = 8  # that are looked at, the most pressing first
    progress: float = 4.0
    beside: float = 1.0  # for each metre beside the path
    over: float = 2.0  # for each m/s over the limit
    facing: float = 1.2  # for facing away from the path
    mapped: float = 1.0
    seen: float = 1.5
    person: float = 5.0  # for each metre under ``least_room``
    contact: float = 40.0
    brace: float = 0.5  # s before a contact that nothing avoids the dog stands; until then it gets away if it can
    tries: int = 8  # candidates that are shown to the gate's own rule ...
    passing: float = 0.4  # share: ... until one is found of which as much would pass
    outline: Outline = field(default_factory=Outline)
    stopping: Stopping = field(default_factory=Stopping)
    right: float = 2.5  # for passing on the wrong side
    fast: float = 2.0  # m/s: who is faster keeps to no side
    crossing: float = 3.0  # for passing before a vehicle within ``mover_room`` of it, where one can stay on one's side
    refused: float = 50.0  # for a step back that the safety gate does not let pass
    near: float = 0.1  # m: somebody who would come as near as that to a dog that stands is made room for ...
    stays_clear: float = 0.5  # m: ... until they would no more come as near as that
    hurried: float = 1.8  # m/s: who is slower is taken to look where they walk
    waver: float = 0.15  # m by which another way to get away from a vehicle must be better than the one under way
    reverse: float = 0.8  # for walking back all the time
    sideways: float = 0.3
    change: float = 0.25  # for each m/s that the command changes
    leave: float = 0.5  # for leaving the path to itself
    put_off: float = 0.5  # for walking slower first and then faster, where nobody moves
    stay: float = 0.3  # more that standing may cost at the end of a path
    keep: float = 0.25  # less for what was chosen a moment ago


class Why(StrEnum):
    """What the choice came of."""

    FREE = "FREE"
    MAKING_ROOM = "MAKING_ROOM"  # for somebody who moves
    UNAVOIDABLE = "UNAVOIDABLE"  # nothing that the dog can do keeps somebody off it


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do now, and why. ``room`` is the least gap (m) to anybody that it keeps by prediction."""

    command: Twist2D
    why: Why
    room: float


class LocalControl:
    """Chooses anew at each step, and remembers only what it chose last."""

    def __init__(self, config: LocalControlConfig | None = None) -> None:
        self.config = config or LocalControlConfig()
        self._candidates = candidates(self.config.legs)
        self._last: int | None = None
        self._command = STILL

    def forget(self) -> None:
        """Choose as if for the first time."""
        self._last, self._command = None, STILL

    @property
    def steps_back(self) -> bool:
        """Whether that is what it chose last."""
        return self._command.vx < 0.0

    def expected(self, pose: Pose2D, movers: Sequence[MovingObstacle], already: bool = False) -> list[MovingObstacle]:
        """Who will touch a dog that stays at ``pose``, as far as is seen.

        Who walks is expected to go round a dog that stands, as people do: it does not step about among them.
        ``already``: for one that makes room, near is enough.
        """
        config, at = self.config, np.full((1, STEPS), 1.0)
        spine, room = _spine(at * pose.x, at * pose.y, at * pose.theta), config.stays_clear if already else config.near
        coming: list[MovingObstacle] = []
        for mover in _pressing(movers, pose, config):
            hurries = mover.speed >= config.hurried or _drives(mover)
            if hurries and bool((_gap(mover, spine, config.latency)[0] < room).any()):
                coming.append(mover)
        return coming

    def update(
        self,
        pose: Pose2D,
        twist: Twist2D | None,
        path: PathTable,
        speed: float,
        around: Clearance,
        movers: Sequence[MovingObstacle],
        turn: Twist2D | None = None,
        near: Array | None = None,
        forward: bool = False,
    ) -> Choice:
        """The best thing to do. ``speed`` (m/s) limits walking along the path; ``movers`` are as they are now.

        ``near`` (n, 2; base_link) is what the last scan saw, as the safety gate sees it, and what that would not let
        pass is not asked for, nor are steps back where ``forward``. Where ``turn`` is given the dog is at its place,
        and does that unless somebody comes.
        """
        config, twist = self.config, twist or self._command
        late = config.latency
        start = pose.compose(Pose2D(twist.vx * late, twist.vy * late, twist.omega * late))
        ways = roll_out(self._candidates, config.legs, start, twist, path, speed)
        spine = _spine(ways.x, ways.y, ways.theta)
        pressing = _pressing(movers, pose, config)
        static = self._static_cost(spine, start, around)
        cost = self._path_cost(ways, path, start, speed) + static + self._manner_cost(ways)
        if not pressing:
            cost += config.put_off * self._candidates.puts_off
        back = config.refused * (ways.command[:, 0] < 0.0) if forward else 0.0
        cost += back
        gap, among = self._mover_cost(ways, spine, start, pressing)
        crossing = _crosses(ways, start, pressing)
        cost += among + config.crossing * crossing * np.clip(1.0 - gap / config.mover_room, 0.0, 1.0)
        chosen = self._passable(cost, ways.command, near)
        if turn is not None and cost[self._candidates.still] <= cost[chosen] + config.stay:
            self._last, self._command = None, turn
            return Choice(turn, Why.FREE, float(gap[self._candidates.still]))
        if gap[chosen] < 0.0:
            nearness = static - gap + crossing + back  # away as far as it goes, for as long as there is time
            if self._last is not None and any(map(_drives, pressing)):
                nearness[self._last] -= config.waver
            chosen = int(np.argmin(nearness))
            if gap[chosen] < 0.0 and _touched_after(pressing, spine, chosen, late) < config.brace:
                self._last, self._command = None, STILL
                return Choice(STILL, Why.UNAVOIDABLE, float(gap[chosen]))
        self._last = chosen
        self._command = Twist2D(*(float(value) for value in ways.command[chosen]))
        follows = self._candidates.follows[chosen] and self._candidates.share[chosen] == 1.0
        free = not pressing or (follows and not self._candidates.offset[chosen])
        return Choice(self._command, Why.FREE if free else Why.MAKING_ROOM, float(gap[chosen]))

    def _passable(self, cost: Array, command: Array, near: Array | None) -> int:
        """The cheapest candidate (of ``tries``) that the safety gate lets pass; standing still, where it lets none."""
        order = np.argpartition(cost, self.config.tries)[: self.config.tries]
        order = order[np.argsort(cost[order])]
        if near is None or not len(near):
            return int(order[0])
        for index in order:
            wanted = Twist2D(*(float(value) for value in command[index]))
            contact = time_to_contact(near, wanted, self.config.outline, self.config.stopping)
            if allowed_share(contact, wanted, self.config.stopping) >= self.config.passing:
                return int(index)
        return self._candidates.still

    def _path_cost(self, ways: Rollouts, path: PathTable, start: Pose2D, speed: float) -> Array:
        """Walking on is worth most; being beside the path, or facing another way, costs."""
        config = self.config
        if path.end < speed * HORIZON:
            left = _remaining(path, start.x, start.y)
            got, best, mean = left - _remaining(path, ways.x, ways.y), max(float(left), 0.1), 1.0
        else:
            got, best, mean = ways.along, max(speed, 0.2) * HORIZON, 0.5
        # Half for where the way ends, half for how soon it gets on: what is as good later is not put off for ever.
        gain = (np.minimum(got[:, -1] / best, 1.0) + np.minimum(got.mean(axis=1) / best, mean) / mean) / 2
        at = np.minimum(((ways.along[:, -1] + 0.5) / 0.1).astype(np.intp), len(path.x) - 1)
        off = np.arctan2(path.ty[at], path.tx[at]) - ways.theta[:, -1]
        off = np.abs(off - 2 * math.pi * np.round(off / (2 * math.pi)))
        if path.end < 0.8:
            off = off * 0.0
        beside = np.abs(ways.beside)
        cost: Array = -config.progress * gain + config.beside * (beside[:, -1] + beside.mean(axis=1)) / 2
        cost += config.facing * off / math.pi
        cost += config.over * np.maximum(np.hypot(ways.vx, ways.vy) - speed - 0.05, 0.0).mean(axis=1)
        return cost

    def _static_cost(self, spine: tuple[Array, Array], start: Pose2D, around: Clearance) -> Array:
        config = self.config
        mapped = around.mapped(*spine).min(axis=0) - DISC
        seen = around.seen(*spine).min(axis=0) - DISC
        now = _spine(*(np.array([[value]]) for value in (start.x, start.y, start.theta)))
        held = min(config.margin, float(min(around.mapped(*now).min(), around.seen(*now).min())) - DISC)
        gap = np.minimum(mapped, seen)
        soon = np.linspace(1.0, 0.5, STEPS)
        under = (np.maximum(held - 0.01 - gap, 0.0) * soon).max(axis=1)
        cost: Array = np.where(under > 0, 5.0 + 40.0 * under, 0.0)
        cost += 3.0 * np.maximum(config.margin - gap, 0.0).mean(axis=1) / config.margin
        cost += config.mapped * _short(mapped, config.mapped_room)
        cost += config.seen * _short(seen, config.seen_room)
        cost += config.person * np.maximum(config.least_room - seen, 0.0).mean(axis=1)
        return cost

    def _mover_cost(
        self, ways: Rollouts, spine: tuple[Array, Array], start: Pose2D, movers: Sequence[MovingObstacle]
    ) -> tuple[Array, Array]:
        """The least gap (n) to anybody, and what it all costs."""
        config = self.config
        count = len(ways.command)
        if not movers:
            return np.full(count, math.inf), np.zeros(count)
        gaps = np.stack([_gap(mover, spine, config.latency) for mover in movers])  # (m, n, t)
        least = gaps.min(axis=2)
        now = np.array([_gap_now(mover, start) for mover in movers])[:, None, None]
        weight = np.linspace(1.0, 0.5, STEPS)
        wanted = np.maximum(config.mover_room - gaps, 0.0) / config.mover_room
        cost = 2.0 * (wanted**2 * weight).max(axis=2) + 2.0 * (wanted**2).mean(axis=2)
        person = np.maximum(np.minimum(config.least_room, now) - gaps, 0.0)
        cost += 2 * config.person * (person * weight).max(axis=2)
        # Touching costs the more, the sooner it comes and the faster the dog walks then.
        speed = np.hypot(ways.vx, ways.vy)
        touch = (gaps < 0.12) * (0.4 + speed) * weight
        cost += config.contact * touch.max(axis=2)
        cost += self._side_cost(ways, start, movers, least)
        return least.min(axis=0), cost.sum(axis=0)

    def _side_cost(self, ways: Rollouts, start: Pose2D, movers: Sequence[MovingObstacle], least: Array) -> Array:
        """For passing so that the other is on the right: its bearing then turns clockwise."""
        cost = np.zeros((len(movers), len(ways.command)))
        for row, mover in enumerate(movers):
            ahead = TIMES[-1] + self.config.latency
            before = (mover.x - start.x, mover.y - start.y)
            x, y = mover.x + ahead * mover.vx - ways.x[:, -1], mover.y + ahead * mover.vy - ways.y[:, -1]
            turned = np.arctan2(before[0] * y - before[1] * x, before[0] * x + before[1] * y)
            near = np.clip((2.0 - least[row]) / 2.0, 0.0, 1.0)
            share = 1.0 if mover.speed < self.config.fast else 0.15
            cost[row] = self.config.right * share * near * np.maximum(-turned, 0.0) / math.pi
        return cost

    def _manner_cost(self, ways: Rollouts) -> Array:
        config = self.config
        cost: Array = config.reverse * (ways.vx < -0.05).mean(axis=1) + config.sideways * np.abs(ways.vy).mean(axis=1)
        change = np.abs(ways.command - (self._command.vx, self._command.vy, self._command.omega))
        cost += config.change * (change[:, 0] + change[:, 1] + 0.3 * change[:, 2])
        cost += np.where(self._candidates.follows, 0.0, config.leave)
        cost[self._candidates.still] -= config.leave
        if self._last is not None:
            cost[self._last] -= config.keep
        return cost


def _remaining(path: PathTable, x: Array | float, y: Array | float) -> Array:
    """Metres from places to the end of the path, as the crow flies."""
    distance: Array = np.hypot(x - path.x[-1], y - path.y[-1])
    return distance


def _spine(x: Array, y: Array, theta: Array) -> tuple[Array, Array]:
    """The middles (3, n, t) of the discs that cover the dog."""
    cos, sin = np.cos(theta), np.sin(theta)
    return x + DISCS[:, None, None] * cos, y + DISCS[:, None, None] * sin


def _short(gap: Array, room: float) -> Array:
    """How short of ``room`` a way is (n), 0 to 1, squared and averaged over time."""
    short: Array = (np.clip((room - gap) / room, 0.0, 1.0) ** 2).mean(axis=1)
    return short


def _pressing(movers: Sequence[MovingObstacle], pose: Pose2D, config: LocalControlConfig) -> list[MovingObstacle]:
    """Those who could come near within the horizon, the soonest first."""
    late: list[tuple[float, MovingObstacle]] = []
    for mover in movers:
        away = math.hypot(mover.x - pose.x, mover.y - pose.y) - max(mover.length, mover.width) / 2
        reach = 1.0 + config.mover_room + HORIZON * (mover.speed + 1.0)
        if away < reach:
            late.append((away / (mover.speed + 1.0), mover))
    return [mover for _, mover in sorted(late, key=lambda pair: pair[0])[: config.movers]]


def _gap(mover: MovingObstacle, spine: tuple[Array, Array], latency: float) -> Array:
    """Metres (n, t) between the dog and the mover's box, both as they will be."""
    ahead = np.asarray(TIMES + latency, np.float64)
    dx, dy = spine[0] - (mover.x + mover.vx * ahead), spine[1] - (mover.y + mover.vy * ahead)
    gap: Array = _to_box(mover, dx, dy, ahead).min(axis=0)
    return gap


def _touched_after(movers: Sequence[MovingObstacle], spine: tuple[Array, Array], chosen: int, latency: float) -> float:
    """Seconds until somebody touches the dog on the chosen way; infinite if nobody does.

    A vehicle neither hurries nor swerves here: what it might do covers so much that a dog would stop getting away.
    """
    x, y = spine[0][:, chosen], spine[1][:, chosen]
    ahead: Array = (TIMES + latency).astype(np.float64)
    for at in range(STEPS):
        for mover in movers:
            dx, dy = x[:, at] - (mover.x + mover.vx * ahead[at]), y[:, at] - (mover.y + mover.vy * ahead[at])
            gap = (
                _outside(mover, dx, dy, 0.0, _tail(mover))
                if _drives(mover)
                else _to_box(mover, dx, dy, ahead[at : at + 1])
            )
            if gap.min() < 0.0:
                return float(TIMES[at])
    return math.inf


def _gap_now(mover: MovingObstacle, start: Pose2D) -> float:
    x, y = _spine(*(np.array([[value]]) for value in (start.x, start.y, start.theta)))
    return float(_to_box(mover, x - mover.x, y - mover.y, np.zeros(1)).min())


def _crosses(ways: Rollouts, start: Pose2D, movers: Sequence[MovingObstacle]) -> NDArray[np.bool_]:
    """Which candidates (n) get to the other side of the course of a vehicle that comes."""
    crosses = np.zeros(len(ways.command), np.bool_)
    for mover in movers:
        cos, sin = math.cos(mover.heading), math.sin(mover.heading)
        if not _drives(mover) or cos * (start.x - mover.x) + sin * (start.y - mover.y) < 0.0:
            continue
        here = cos * (start.y - mover.y) - sin * (start.x - mover.x)
        there = cos * (ways.y[:, -1] - mover.y) - sin * (ways.x[:, -1] - mover.x)
        crosses |= here * there < 0.0
    return crosses


def _drives(mover: MovingObstacle) -> bool:
    """Whether it is a vehicle under way."""
    return mover.speed > 0.0 and max(mover.length, mover.width) > VEHICLE


def _tail(mover: MovingObstacle) -> float:
    """Metres of a vehicle behind what is seen of it."""
    return max(CAR - mover.length, 0.0) if _drives(mover) and mover.width > VEHICLE else 0.0


def _to_box(mover: MovingObstacle, dx: Array, dy: Array, seconds: Array) -> Array:
    """Metres to the mover's box from places (..., t) off its middle, ``seconds`` (t) from when it was seen there."""
    # Who is fast may be there a little sooner than predicted, or a little later, and a car may get faster.
    more, swerve = (SPEED_UP / 2 * seconds**2, SWERVE * mover.speed * seconds) if _drives(mover) else (0.0, 0.0)
    return _outside(mover, dx, dy, SOONER * mover.speed + more, LATER * mover.speed + _tail(mover), swerve)


def _outside(
    mover: MovingObstacle,
    dx: Array,
    dy: Array,
    ahead: Array | float = 0.0,
    behind: float = 0.0,
    aside: Array | float = 0.0,
) -> Array:
    """Metres from the dog's discs to the mover's box, longer by ``ahead`` and ``behind`` and wider by ``aside`` (m)."""
    cos, sin = math.cos(mover.heading), math.sin(mover.heading)
    along = np.abs(cos * dx + sin * dy - (ahead - behind) / 2) - (mover.length + ahead + behind) / 2
    across = np.abs(cos * dy - sin * dx) - mover.width / 2 - aside
    outside = np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0))
    distance: Array = outside + np.minimum(np.maximum(along, across), 0.0) - DISC
    return distance
