"""Things that more than one site has: platforms with ramps, stairs, kerbs, fences."""

import math
from collections.abc import Sequence

from tools.make_worlds.colours import CONCRETE, DARK, KERB, STEEL, YELLOW
from tools.make_worlds.sdf_writing import Paint, Thing

THICK = 0.2  # metres, of a ramp's slab; what of it lies below ground nobody sees
ROOT = 0.4  # metres by which a slab goes on into the ground, so that its foot has no edge to stumble over


def ramp(thing: Thing, name: str, foot: tuple[float, float], top: tuple[float, float, float], width: float) -> None:
    """A slab whose upper face rises from ``foot`` (on the ground) to ``top`` (x, y, height), along x or along y."""
    run, rise = math.hypot(top[0] - foot[0], top[1] - foot[1]), top[2]
    slope, heading = math.atan2(rise, run), math.atan2(top[1] - foot[1], top[0] - foot[0])
    length = math.hypot(run, rise) + ROOT
    along = (length / 2 - ROOT) * math.cos(slope) + THICK / 2 * math.sin(slope)
    z = (length / 2 - ROOT) * math.sin(slope) - THICK / 2 * math.cos(slope)
    x, y = foot[0] + along * math.cos(heading), foot[1] + along * math.sin(heading)
    thing.solid(name, (x, y, z, 0, -slope, heading), (length, width, THICK), CONCRETE)


def deck(thing: Thing, name: str, low: tuple[float, float], high: tuple[float, float], height: float) -> None:
    """A platform between two corners."""
    at = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, height / 2)
    thing.solid(name, at, (high[0] - low[0], high[1] - low[1], height), CONCRETE)


def railing(thing: Thing, name: str, start: Sequence[float], end: Sequence[float]) -> None:
    """A waist-high rail from ``start`` to ``end`` (x, y, height of the floor): to a lidar a wall."""
    (x0, y0, z0), (x1, y1, z1) = start, end
    run, heading = math.hypot(x1 - x0, y1 - y0), math.atan2(y1 - y0, x1 - x0)
    slope, length = math.atan2(z1 - z0, run), math.hypot(run, z1 - z0)
    x, y, z = (x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2
    turn = (0, -slope, heading)
    thing.felt(name, (x, y, z + 0.5, *turn), (length, 0.06, 1.0))
    for part, height in (("top", 1.0), ("middle", 0.5)):
        thing.seen(f"{name}_{part}", (x, y, z + height, *turn), (length, 0.05, 0.05), STEEL)
    count = max(1, round(length / 2.5))
    for post in range(count + 1):
        s = post / count
        at = (x0 + s * (x1 - x0), y0 + s * (y1 - y0), z0 + s * (z1 - z0) + 0.5)
        thing.seen(f"{name}_post_{post}", at, (0.05, 0.05, 1.0), DARK)


def stairs(
    thing: Thing, name: str, foot: tuple[float, float], heading: float, steps: int, width: float, rise: float = 0.16
) -> None:
    """Steps of 0.3 m that go up from ``foot`` in the direction ``heading``; a dog of ours does not walk them."""
    for step in range(steps):
        reach, depth, height = 0.15 * (step + steps), 0.3 * (steps - step), rise * (step + 0.5)
        at = (foot[0] + reach * math.cos(heading), foot[1] + reach * math.sin(heading), height, 0, 0, heading)
        thing.solid(f"{name}_{step}", at, (depth, width, rise), CONCRETE)
    edge = (foot[0] + 0.05 * math.cos(heading), foot[1] + 0.05 * math.sin(heading), rise + 0.005, 0, 0, heading)
    thing.seen(f"{name}_edge", edge, (0.1, width, 0.01), YELLOW)


def island(thing: Thing, name: str, low: tuple[float, float], high: tuple[float, float], paint: Paint) -> None:
    """Ground behind a kerb of 0.15 m, which a dog does not climb."""
    x, y, dx, dy = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[0] - low[0], high[1] - low[1]
    thing.solid(f"{name}_kerb", (x, y, 0.075), (dx, dy, 0.15), KERB)
    thing.seen(f"{name}_soil", (x, y, 0.08), (dx - 0.3, dy - 0.3, 0.16), paint)


def fence(thing: Thing, name: str, start: tuple[float, float], end: tuple[float, float], spacing: float = 5.0) -> None:
    """A mesh fence 2.2 m high: to a lidar a wall, to the eye rails and posts."""
    (x0, y0), (x1, y1) = start, end
    length, heading = math.hypot(x1 - x0, y1 - y0), math.atan2(y1 - y0, x1 - x0)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    thing.felt(name, (x, y, 1.1, 0, 0, heading), (length, 0.1, 2.2))
    thing.seen(f"{name}_plinth", (x, y, 0.15, 0, 0, heading), (length, 0.16, 0.3), CONCRETE)
    for rail, height in enumerate((0.7, 1.15, 1.6, 2.15)):
        thing.seen(f"{name}_rail_{rail}", (x, y, height, 0, 0, heading), (length, 0.04, 0.05), DARK)
    count = max(1, round(length / spacing))
    for post in range(count + 1):
        s = post / count
        thing.seen(f"{name}_post_{post}", (x0 + s * (x1 - x0), y0 + s * (y1 - y0), 1.12), (0.08, 0.08, 2.24), DARK)
