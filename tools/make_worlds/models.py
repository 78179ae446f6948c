"""The shared models that these sites brought along; each becomes a folder in sim/models."""

import math

from tools.make_worlds.colours import BLUE, CONCRETE, DARK, GLASS, GREEN, LIT, RED, STEEL, TIMBER, WHITE, YELLOW
from tools.make_worlds.sdf_writing import Paint, Thing

TYRE = Paint((0.07, 0.07, 0.08), 0.05)
# Light on the ground under a lamp, painted: OpenGL shines with eight lamps at most, and at a third of the rate.
POOL = [
    (radius, Paint((0.33 + 0.01 * n, 0.33 + 0.008 * n, 0.32), 0, (0.09 * n, 0.085 * n, 0.07 * n)))
    for n, radius in ((1, 3.8), (3, 2.2))
]
CONTAINERS = {"blue": BLUE, "red": Paint((0.6, 0.2, 0.14), 0.2), "green": GREEN}


def models() -> dict[str, Thing]:
    """Name and model."""
    made = [_street_lamp(), _gate_door(), _bicycle(), _truck(), _trailer(), _forklift(), _pallets(), _road_barrier()]
    made += [_container(f"container_{name}", paint) for name, paint in CONTAINERS.items()]
    return {thing.name: thing for thing in made}


def _street_lamp() -> Thing:
    lamp = Thing("street_lamp")
    lamp.solid("base", (0, 0, 0.25), (0.15, 0.5), DARK)
    lamp.solid("pole", (0, 0, 2.3), (0.06, 4.6), DARK)
    lamp.seen("arm", (0.5, 0, 4.55), (1.1, 0.06, 0.06), DARK)
    lamp.seen("head", (0.9, 0, 4.48), (0.5, 0.22, 0.08), LIT)
    for index, (radius, paint) in enumerate(POOL):
        lamp.seen(f"pool_{index}", (0.9, 0, 0.012 + 0.003 * index), (radius, 0.003), paint)
    return lamp


def _gate_door() -> Thing:
    """A leaf of bars 1.15 m wide. Its frame is its hinge: shut along x; opened by a turn of the whole model."""
    door = Thing("gate_door")
    door.felt("leaf", (0.6, 0, 1.0), (1.15, 0.06, 2.0))
    for index, z in enumerate((0.15, 1.0, 1.95)):
        door.seen(f"rail_{index}", (0.6, 0, z), (1.15, 0.05, 0.06), DARK)
    for index in range(6):
        door.seen(f"bar_{index}", (0.05 + 0.22 * index, 0, 1.05), (0.04, 0.04, 1.85), DARK)
    door.seen("lock", (1.08, 0, 1.05), (0.12, 0.1, 0.2), STEEL)
    return door


def _bicycle() -> Thing:
    bicycle = Thing("bicycle")
    bicycle.felt("body", (0, 0, 0.5), (1.65, 0.3, 1.0))
    for index, x in enumerate((-0.52, 0.52)):
        bicycle.seen(f"wheel_{index}", (x, 0, 0.33, math.pi / 2, 0, 0), (0.33, 0.05), TYRE)
    bicycle.seen("tube", (0.02, 0, 0.58, 0, 0.12, 0), (0.85, 0.05, 0.06), RED)
    bicycle.seen("saddle", (-0.25, 0, 0.92), (0.26, 0.14, 0.06), DARK)
    bicycle.seen("bar", (0.42, 0, 0.98), (0.08, 0.56, 0.05), STEEL)
    return bicycle


def _truck() -> Thing:
    """A tractor, its nose in +x."""
    truck = Thing("truck")
    truck.solid("cab", (1.2, 0, 1.75), (2.2, 2.4, 2.6), WHITE)
    truck.solid("frame", (-0.9, 0, 0.7), (4.6, 1.0, 0.5), DARK)
    truck.seen("screen", (2.28, 0, 2.2), (0.06, 2.1, 0.9), GLASS)
    truck.seen("side", (1.5, 0, 2.2), (0.9, 2.44, 0.8), GLASS)
    truck.seen("bumper", (2.3, 0, 0.6), (0.16, 2.4, 0.4), DARK)
    for index, x in enumerate((1.3, -1.7, -2.9)):
        truck.solid(f"wheels_{index}", (x, 0, 0.5, math.pi / 2, 0, 0), (0.5, 2.45), TYRE)
    return truck


def _trailer() -> Thing:
    """A box trailer of 12 m, its doors at -x."""
    trailer = Thing("trailer")
    trailer.solid("box", (0, 0, 2.45), (12, 2.5, 2.7), WHITE)
    trailer.seen("stripe", (0, 0, 2.2), (12.02, 2.52, 0.35), BLUE)
    trailer.solid("skirt", (0, 0, 0.85), (11, 2.3, 0.5), DARK)
    for index, x in enumerate((-3.6, -4.8)):
        trailer.solid(f"wheels_{index}", (x, 0, 0.5, math.pi / 2, 0, 0), (0.5, 2.45), TYRE)
    return trailer


def _container(name: str, paint: Paint) -> Thing:
    """Forty feet, its doors at -x."""
    container = Thing(name)
    container.solid("box", (0, 0, 1.3), (12.19, 2.44, 2.59), paint)
    container.seen("beam", (0, 0, 2.5), (12.21, 2.46, 0.16), DARK)
    container.seen("sill", (0, 0, 0.1), (12.21, 2.46, 0.16), DARK)
    container.seen("bars", (-6.11, 0, 1.3), (0.04, 1.2, 2.3), STEEL)
    return container


def _forklift() -> Thing:
    forklift = Thing("forklift")
    forklift.solid("body", (-0.3, 0, 0.65), (1.7, 1.1, 0.9), YELLOW)
    forklift.solid("mast", (0.7, 0, 1.05), (0.16, 0.9, 2.1), DARK)
    forklift.seen("forks", (1.3, 0, 0.1), (1.1, 0.7, 0.06), DARK)
    forklift.seen("roof", (-0.2, 0, 2.05), (1.2, 1.0, 0.08), DARK)
    for index, (x, y) in enumerate(((0.3, 0.45), (0.3, -0.45), (-0.8, 0.45), (-0.8, -0.45))):
        forklift.seen(f"post_{index}", (x, y, 1.55), (0.06, 0.06, 1.0), DARK)
    for index, x in enumerate((0.4, -0.8)):
        forklift.seen(f"wheels_{index}", (x, 0, 0.28, math.pi / 2, 0, 0), (0.28, 1.14), TYRE)
    return forklift


def _pallets() -> Thing:
    """A pallet with cartons on it."""
    stack = Thing("pallets")
    stack.solid("pallet", (0, 0, 0.08), (1.2, 1.0, 0.15), TIMBER)
    stack.solid("cartons", (0, 0, 0.75), (1.1, 0.9, 1.2), Paint((0.66, 0.52, 0.34), 0))
    stack.seen("wrap", (0, 0, 0.95), (1.12, 0.92, 0.3), CONCRETE)
    return stack


def _road_barrier() -> Thing:
    """A concrete barrier of 2.4 m along x, a reflector at either end."""
    barrier = Thing("road_barrier")
    barrier.solid("wall", (0, 0, 0.42), (2.4, 0.4, 0.84), CONCRETE)
    barrier.seen("ends", (0, 0, 0.6), (2.44, 0.42, 0.18), RED)
    return barrier
