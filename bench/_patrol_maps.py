"""Maps for patrolling: those of the multi-robot patrolling benchmark, and random ones of several kinds."""

from pathlib import Path

import numpy as np

from fleet_server.patrolling.graph import PatrolGraph

KINDS = ("grid", "ring", "tree", "corridors", "weighted")
SPEED = 1.0  # m/s, as published


def benchmark_map(folder: Path) -> PatrolGraph:
    """One map of the benchmark: ``NAME/NAME.graph`` has pixels, and its resolution in metres a pixel.

    After the header (vertices, width, height, resolution, offsets) stand, a vertex: id, x, y, number of neighbours, and
    a neighbour: its id, the direction, the way's length.
    """
    words = iter((folder / f"{folder.name}.graph").read_text().split())
    count, _width, _height, resolution = int(next(words)), next(words), next(words), float(next(words))
    next(words), next(words)
    ways = []
    for _ in range(count):
        vertex, _x, _y, degree = int(next(words)), next(words), next(words), int(next(words))
        for _ in range(degree):
            there, _direction, length = int(next(words)), next(words), float(next(words))
            ways.append((vertex, there, length * resolution / SPEED))
    return PatrolGraph.of(count, ways)


def random_map(kind: str, seed: int) -> PatrolGraph:
    """A connected map of 8 to 45 checkpoints."""
    random = np.random.default_rng([KINDS.index(kind), seed])
    return {"grid": _grid, "ring": _ring, "tree": _tree, "corridors": _corridors, "weighted": _weighted}[kind](random)


def _grid(random: np.random.Generator) -> PatrolGraph:
    """A chequerboard with some of its ways closed and a few places missing."""
    wide, high = (int(random.integers(3, 8)) for _ in range(2))
    step = float(random.uniform(3.0, 12.0))
    kept = {(x, y) for x in range(wide) for y in range(high) if random.random() > 0.08}
    ways = [
        (a, b, step * float(random.uniform(0.8, 1.3)))
        for a in kept
        for b in ((a[0] + 1, a[1]), (a[0], a[1] + 1))
        if b in kept and random.random() > 0.15
    ]
    return _largest(ways)


def _ring(random: np.random.Generator) -> PatrolGraph:
    """A fence to walk along, with some chords and some dead ends inside."""
    count = int(random.integers(8, 30))
    ways = [((0, i), (0, (i + 1) % count), float(random.uniform(3.0, 15.0))) for i in range(count)]
    for _ in range(int(random.integers(0, 4))):
        a, b = random.choice(count, 2, replace=False)
        ways.append(((0, int(a)), (0, int(b)), float(random.uniform(10.0, 40.0))))
    ends = int(random.integers(0, 8))
    ways += [((0, int(random.integers(count))), (1, i), float(random.uniform(3.0, 20.0))) for i in range(ends)]
    return _largest(ways)


def _tree(random: np.random.Generator) -> PatrolGraph:
    count = int(random.integers(8, 40))
    return _largest(
        [(i, int(random.integers(max(0, i - 8), i)), float(random.uniform(2.0, 20.0))) for i in range(1, count)]
    )


def _corridors(random: np.random.Generator) -> PatrolGraph:
    """A building: corridors of doors with a room behind each, some corridors joined at both ends."""
    ways: list[tuple[object, object, float]] = []
    halls = int(random.integers(2, 5))
    long = int(random.integers(3, 6))
    for hall in range(halls):
        for door in range(long):
            if door:
                ways.append(((hall, door - 1), (hall, door), float(random.uniform(3.0, 8.0))))
            if random.random() < 0.7:
                ways.append(((hall, door), ("room", hall, door), float(random.uniform(2.0, 6.0))))
        if hall:
            ways.append(((hall - 1, 0), (hall, 0), float(random.uniform(5.0, 25.0))))
            if random.random() < 0.5:
                ways.append(((hall - 1, long - 1), (hall, long - 1), float(random.uniform(5.0, 25.0))))
    return _largest(ways)


def _weighted(random: np.random.Generator) -> PatrolGraph:
    """Places thrown on a yard, each joined to some of its nearest: ways of very different lengths, clusters."""
    count = int(random.integers(10, 45))
    centres = random.uniform(0.0, 100.0, (int(random.integers(1, 6)), 2))
    places = centres[random.integers(len(centres), size=count)] + random.normal(
        0.0, random.uniform(5.0, 30.0), (count, 2)
    )
    far = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    ways = []
    for a in range(count):
        near = np.argsort(far[a])[1 : int(random.integers(2, 5))]
        ways += [(a, int(b), max(float(far[a, b] * random.uniform(1.0, 1.4)), 1.0)) for b in near]
    joined = {0}
    while len(joined) < count:  # a spanning tree besides, so that all hangs together
        a, b = min(((a, b) for a in joined for b in range(count) if b not in joined), key=lambda way: far[way])
        ways.append((a, b, max(float(far[a, b]), 1.0)))
        joined.add(b)
    return _largest(ways)


def _largest(ways: list[tuple[object, object, float]]) -> PatrolGraph:
    """The largest part that hangs together, its places numbered."""
    near: dict[object, set[object]] = {}
    for a, b, _ in ways:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    parts, left = [], dict.fromkeys(near)
    while left:
        part, edge = set(), [next(iter(left))]
        while edge:
            here = edge.pop()
            if here not in part:
                part.add(here)
                edge.extend(near[here])
        parts.append(part)
        for place in part:
            del left[place]
    part = max(parts, key=len)
    number = {place: i for i, place in enumerate(place for place in near if place in part)}
    return PatrolGraph.of(len(number), [(number[a], number[b], length) for a, b, length in ways if a in part])
