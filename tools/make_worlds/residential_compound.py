"""A walled compound of five apartment blocks, 88 x 81 m, with a gate to the street in the south and a garden."""

import math

from tools.make_worlds.colours import (
    ASPHALT,
    BLUE,
    CONCRETE,
    DARK,
    GLASS,
    GRASS,
    LIT,
    MARK,
    PAVING,
    RED,
    ROAD,
    STEEL,
    TIMBER,
    WHITE,
    YELLOW,
)
from tools.make_worlds.sdf_writing import Paint, Thing, World
from tools.make_worlds.shared_structures import deck, fence, island, railing, ramp, stairs

RENDER = Paint((0.78, 0.72, 0.62), 0.05)
BAND = Paint((0.52, 0.34, 0.26), 0.05)
ROOF = Paint((0.34, 0.3, 0.29), 0.05)
WALL = Paint((0.7, 0.68, 0.63), 0.05)
HEDGE = Paint((0.16, 0.3, 0.14), 0)
STOREY = 2.9
BLOCKS = {"a": (-24.0, 30.0), "b": (18.0, 30.0), "c": (-24.0, 4.0), "d": (18.0, 4.0), "e": (-24.0, -22.0)}
HALF_LENGTH, HALF_DEPTH = 15.0, 5.5
DOCKS = [(36.3, -6.0 + 2.4 * n) for n in range(6)]
LAMPS = [
    (-8.0, -30.0, 0.0), (2.0, -12.0, math.pi), (-8.0, 3.0, 0.0), (2.0, 20.0, math.pi), (-8.0, 34.0, 0.0),
    (-36.0, 17.0, 0.0), (-20.0, 17.5, 0.0), (12.0, 17.0, 0.0), (30.0, 17.0, math.pi),
    (-36.0, -8.0, 0.0), (-20.0, -8.0, 0.0), (14.0, -8.0, 0.0), (33.5, -11.0, 0.0),
    (-30.0, -32.0, math.pi / 2), (10.0, -33.0, math.pi / 2), (30.0, -33.0, math.pi / 2),
    (-30.0, 40.0, -math.pi / 2), (20.0, 40.0, -math.pi / 2), (-20.0, -39.8, -math.pi / 2), (18.0, -39.8, -math.pi / 2),
    (32.5, 30.0, 0.0),
]  # fmt: skip
LIT_WINDOWS = {"a": (3, 8, 13), "b": (1, 7, 16), "c": (4, 11), "d": (2, 9, 14), "e": (5, 6, 12)}


def world() -> World:
    """The whole of it."""
    made = World("residential_compound", 31.2212, 121.5053)
    made.ground(104, 96, ASPHALT)
    made.add(_ground_paint())
    made.add(_walls())
    for name, (x, y) in BLOCKS.items():
        made.add(_block(name, x, y))
    made.add(_garden())
    _gate(made)
    _planting(made)
    _parked(made)
    for index, (x, y) in enumerate(DOCKS):
        made.include("dock", f"dock_{index + 1}", (x, y, 0, 0, 0, math.pi))
    for index, (x, y, yaw) in enumerate(LAMPS):
        made.include("street_lamp", f"lamp_{index}", (x, y, 0, 0, 0, yaw))
    made.person(
        "resident", [(-5.0, -25.0), (-4.5, 14.0), (5.0, 16.0), (-4.5, 14.0)], 1.1, 3, (0.5, 0.48, 0.2), (0.2, 0.2, 0.24)
    )
    made.person("passer_by", [(-40.0, -39.6), (40.0, -39.4)], 1.3, 1, (0.2, 0.35, 0.45), (0.25, 0.22, 0.2))
    return made


def _ground_paint() -> Thing:
    paint = Thing("markings")
    paint.seen("street", (0, -44.6, 0.004), (104, 6.8, 0.004), ROAD)
    paint.seen("pavement", (0, -39.4, 0.004), (104, 3.2, 0.004), PAVING)
    paint.seen("avenue", (-3, 3.5, 0.004), (8, 81, 0.004), ROAD)
    for index, y in enumerate((17.0, -8.0)):
        paint.seen(f"lane_{index}", (0, y, 0.006), (86, 6, 0.004), ROAD)
    for index in range(9):
        paint.seen(f"dash_{index}", (-48 + 12 * index, -44.6, 0.008), (3, 0.15, 0.004), MARK)
    for index in range(9):
        paint.seen(f"bay_{index}", (6 + 2.8 * index, 12.7, 0.008), (0.12, 4.6, 0.004), MARK)
        paint.seen(f"bay_west_{index}", (-37.6 + 2.8 * index, -13.4, 0.008), (0.12, 4.6, 0.004), MARK)
    for index in range(6):
        paint.seen(f"zebra_{index}", (-6.2 + 1.3 * index, -33.5, 0.01), (0.6, 2.4, 0.004), MARK)
    paint.seen("charging", (36.3, 0, 0.006), (4, 16, 0.004), PAVING)
    paint.seen("pump_yard", (38.5, 38.0, 0.006), (10, 10, 0.004), CONCRETE)
    return paint


def _walls() -> Thing:
    walls = Thing("walls")
    runs = {
        "south_west": ((-44.0, -37.0), (-7.5, -37.0)),
        "south_east": ((2.9, -37.0), (44.0, -37.0)),
        "north": ((-44.0, 44.0), (44.0, 44.0)),
        "west": ((-44.0, -37.0), (-44.0, 44.0)),
        "east": ((44.0, -37.0), (44.0, 44.0)),
    }
    for name, ((x0, y0), (x1, y1)) in runs.items():
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        size = (max(0.3, x1 - x0), max(0.3, y1 - y0))
        walls.solid(name, (*middle, 1.1), (*size, 2.2), WALL)
        walls.seen(f"{name}_top", (*middle, 2.25), (size[0] + 0.12, size[1] + 0.12, 0.12), BAND)
    for side, x in (("west", -50.5), ("east", 50.5)):
        walls.solid(f"street_end_{side}", (x, -42.0, 0.5), (0.4, 11.6, 1.0), CONCRETE)
    walls.solid("street_wall", (0, -47.8, 1.0), (101, 0.3, 2.0), WALL)
    return walls


def _block(name: str, x: float, y: float) -> Thing:
    """Six storeys; the stairwell and its steps to the north for even rows, a bench of balconies to the south."""
    block = Thing(f"block_{name}", (x, y, 0))
    height = 6 * STOREY + 0.6
    block.solid("body", (0, 0, height / 2), (2 * HALF_LENGTH, 2 * HALF_DEPTH, height), RENDER)
    block.seen("plinth", (0, 0, 0.45), (2 * HALF_LENGTH + 0.08, 2 * HALF_DEPTH + 0.08, 0.9), BAND)
    block.seen("roof", (0, 0, height + 0.15), (2 * HALF_LENGTH + 0.5, 2 * HALF_DEPTH + 0.5, 0.3), ROOF)
    for storey in range(6):
        z = 0.6 + STOREY * storey + 1.5
        block.seen(f"windows_{storey}", (0, 0, z), (2 * HALF_LENGTH - 1.6, 2 * HALF_DEPTH + 0.06, 1.3), GLASS)
        if storey:
            block.seen(f"balconies_{storey}", (0, -HALF_DEPTH - 0.5, z - 1.0), (22, 1.0, 0.9), WHITE)
    for index in range(5):
        block.seen(f"pier_{index}", (-12 + 6 * index, 0, height / 2), (1.6, 2 * HALF_DEPTH + 0.1, height - 0.8), RENDER)
    for index, window in enumerate(LIT_WINDOWS[name]):
        column, storey = window % 4, window // 4
        at = (-9 + 6 * column, 0, 0.6 + STOREY * storey + 1.5)
        block.seen(f"lit_{index}", at, (2.2, 2 * HALF_DEPTH + 0.12, 1.1), LIT)
    for index, side in enumerate((-6.0, 6.0)):
        stairs(block, f"steps_{index}", (side, HALF_DEPTH + 0.95), -math.pi / 2, 3, 2.4, 0.15)
        block.seen(f"door_{index}", (side, HALF_DEPTH + 0.05, 1.5), (1.5, 0.12, 2.1), DARK)
        block.seen(f"porch_{index}", (side, HALF_DEPTH + 0.7, 2.75), (2.8, 1.4, 0.15), CONCRETE)
        block.seen(f"porch_lamp_{index}", (side, HALF_DEPTH + 0.4, 2.62), (0.4, 0.2, 0.1), LIT)
    return block


def _garden() -> Thing:
    """Lawns behind kerbs, and a terrace of timber 0.3 m high with a gentle ramp at either end."""
    garden = Thing("garden")
    island(garden, "lawn_south", (6, -32), (24, -26), GRASS)
    island(garden, "lawn_north", (6, -19), (27, -14), GRASS)
    island(garden, "lawn_east", (31, -32), (39, -20), GRASS)
    deck(garden, "terrace", (12, -24.2), (22, -20.8), 0.3)
    garden.seen("boards", (17, -22.5, 0.302), (9.8, 3.2, 0.004), TIMBER)
    ramp(garden, "ramp_west", (8, -22.5), (12, -22.5, 0.3), 3.4)
    ramp(garden, "ramp_east", (26, -22.5), (22, -22.5, 0.3), 3.4)
    for side, y in (("south", -24.25), ("north", -20.75)):
        railing(garden, f"rail_{side}", (12, y, 0.3), (22, y, 0.3))
        railing(garden, f"rail_{side}_west", (8, y, 0), (12, y, 0.3))
        railing(garden, f"rail_{side}_east", (26, y, 0), (22, y, 0.3))
    garden.solid("slide", (35, -16.5, 0.9), (3, 1.2, 1.8), RED)
    garden.seen("slide_roof", (35, -16.5, 2.2), (1.4, 1.4, 0.2), YELLOW)
    garden.solid("frame", (40, -16.5, 0.6), (0.3, 2.6, 1.2), BLUE)
    return garden


def _gate(made: World) -> None:
    """Two pillars, the vehicles' barrier, and beside it a door for people, hung at its own frame."""
    made.include("gate_pillar", "gate_pillar_west", (-7.2, -37, 0))
    made.include("gate_pillar", "gate_pillar_middle", (1.2, -37, 0))
    made.include("gate_pillar", "gate_pillar_east", (2.9, -37, 0))
    made.include("barrier", "barrier", (-6.2, -36.2, 0))
    made.include("gate_door", "pedestrian_gate", (1.5, -37, 0))
    made.include("guard_hut", "guard_hut", (4.8, -34.2, 0, 0, 0, math.pi))
    made.include("gate_door", "pump_yard_door", (36.0, 33.0, 0))
    yard = Thing("pump_yard")
    fence(yard, "south_west", (33.5, 33.0), (35.9, 33.0))
    fence(yard, "south_east", (37.2, 33.0), (43.8, 33.0))
    fence(yard, "west", (33.5, 33.0), (33.5, 43.8))
    yard.solid("pump_house", (40.0, 39.5, 1.5), (5, 5, 3.0), CONCRETE)
    yard.seen("pump_roof", (40.0, 39.5, 3.1), (5.4, 5.4, 0.2), ROOF)
    yard.seen("pump_door", (37.47, 39.5, 1.1), (0.08, 1.2, 2.1), RED)
    yard.solid("tank", (36.0, 41.0, 1.1), (0.9, 2.2), STEEL)
    made.add(yard)
    shed = Thing("bike_shed", (-33.0, -2.6, 0))
    shed.seen("roof", (0, 0, 2.4), (9, 2.4, 0.1), BLUE)
    for index, x in enumerate((-4.3, 0.0, 4.3)):
        shed.solid(f"post_{index}", (x, 0.9, 1.2), (0.05, 2.4), STEEL)
    made.add(shed)


def _planting(made: World) -> None:
    trees = [(9, -29), (15, -29.5), (21, -28.5), (9, -16.5), (18, -16.5), (25, -16), (34, -23), (36, -29)]
    trees += [(-41.5, 40), (-41.5, 24), (-41.5, 10), (-41.5, -3), (-41.5, -30), (6, 41.8), (28, 41.8), (-14, 41.8)]
    for index, (x, y) in enumerate(trees):
        made.include("tree", f"tree_{index}", (x, y, 0, 0, 0, 0.7 * index))
    hedges = Thing("hedges")
    for index, (x, y) in enumerate([(-24, 24.0), (18, 24.0), (-24, -28.2)]):
        hedges.solid(f"hedge_{index}", (x, y + 0.4, 0.35), (24, 0.7, 0.7), HEDGE)
    made.add(hedges)
    for index, (x, y, yaw) in enumerate([(24.5, -25.2, 0), (10.5, -25.2, 0), (29, -24, 1.5708), (-2, 42.5, 0)]):
        made.include("park_bench", f"bench_{index}", (x, y, 0, 0, 0, yaw))
    for index, (x, y) in enumerate([(29.2, -19.0), (3.4, -30.6), (-8.6, 25.0), (34.0, 10.0)]):
        made.include("litter_bin", f"bin_{index}", (x, y, 0))


def _parked(made: World) -> None:
    for index, (colour, x) in enumerate([("grey", 7.4), ("dark", 15.8), ("red", 18.6), ("grey", 27.0)]):
        made.include(f"car_{colour}", f"parked_{index}", (x, 12.9, 0, 0, 0, math.pi / 2))
    for index, (colour, x) in enumerate([("dark", -36.2), ("grey", -33.4), ("red", -22.2)]):
        made.include(f"car_{colour}", f"parked_west_{index}", (x, -13.4, 0, 0, 0, -math.pi / 2))
    made.include("car_grey", "street_car_1", (-22, -43, 0))
    made.include("car_dark", "street_car_2", (26, -46, 0, 0, 0, math.pi))
    for index in range(6):
        made.include("bicycle", f"bicycle_{index}", (-36.5 + 1.1 * index, -2.7, 0, 0, 0, math.pi / 2))
