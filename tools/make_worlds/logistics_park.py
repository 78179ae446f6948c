"""A freight yard of 208 x 200 m: three warehouses, a container yard, loading platforms with ramps and with stairs."""

import math

from tools.make_worlds.colours import (
    ASPHALT,
    BLUE,
    CONCRETE,
    DARK,
    GLASS,
    GRASS,
    MARK,
    PAVING,
    ROAD,
    STEEL,
    WHITE,
    YELLOW,
)
from tools.make_worlds.sdf_writing import Paint, Thing, World
from tools.make_worlds.shared_structures import deck, fence, island, railing, ramp, stairs

SHEET = Paint((0.66, 0.7, 0.74), 0.3)
SHEET_DARK = Paint((0.36, 0.42, 0.48), 0.3)
DOOR = Paint((0.82, 0.82, 0.8), 0.2)
WAREHOUSES = {"one": (-55.0, 54.0, 70.0, 36.0), "two": (55.0, 54.0, 70.0, 36.0), "three": (-62.0, -54.0, 56.0, 40.0)}
EAVES = 9.0
DOCKS = [(-20.0 - 2.4 * n, -16.8) for n in range(20)]
HIGH, LOW = 1.1, 0.42  # metres, of the two loading platforms
KEEP_CLEAR = {(-32.0, -11.0), (48.0, 11.0), (-11.0, 32.0)}  # where a barrier would be in a dog's way
LAMPS = [(-14, -80), (-14, -50), (-14, 20), (-14, 60), (14, -80), (14, -50), (14, 20), (14, 60)]
LAMPS += [(-90, 13), (-55, 13), (50, 13), (90, 13), (-90, -13), (50, -13), (90, -13), (60, -92), (-60, -92)]


def world() -> World:
    """The whole of it."""
    made = World("logistics_park", 31.3367, 121.3419)
    made.ground(224, 214, ASPHALT)
    made.add(_ground_paint())
    made.add(_perimeter())
    for name, (x, y, length, depth) in WAREHOUSES.items():
        made.add(_warehouse(name, x, y, length, depth))
    made.add(_high_platform())
    made.add(_low_platform())
    made.add(_entrance())
    made.add(_islands())
    made.add(_office())
    _station(made)
    _gate(made)
    _containers(made)
    _bonded_yard(made)
    _traffic(made)
    _roadside(made)
    for index, (x, y) in enumerate(LAMPS):
        made.include("street_lamp", f"lamp_{index}", (x, y, 0, 0, 0, math.pi if x > 0 else 0))
    made.person("foreman", [(-8.0, -30.0), (-8.0, 40.0), (-9.5, 5.0)], 1.2, 4, (0.9, 0.5, 0.1), (0.15, 0.18, 0.25))
    made.person("driver", [(40.0, 24.0), (70.0, 24.5)], 1.0, 5, (0.3, 0.3, 0.34), (0.2, 0.2, 0.22))
    return made


def _ground_paint() -> Thing:
    paint = Thing("markings")
    paint.seen("main_road", (0, -3.5, 0.004), (20, 207, 0.004), ROAD)
    paint.seen("cross_road", (0, 0, 0.006), (206, 20, 0.004), ROAD)
    for index in range(7):
        paint.seen(f"dash_north_{index}", (0, 18 + 12 * index, 0.01), (0.18, 4, 0.004), MARK)
        paint.seen(f"dash_south_{index}", (0, -18 - 12 * index, 0.01), (0.18, 4, 0.004), MARK)
    for index in range(8):
        paint.seen(f"dash_east_{index}", (18 + 11 * index, 0, 0.01), (4, 0.18, 0.004), MARK)
        paint.seen(f"dash_west_{index}", (-18 - 11 * index, 0, 0.01), (4, 0.18, 0.004), MARK)
    for index in range(8):
        paint.seen(f"berth_{index}", (24 + 8.8 * index, 26, 0.008), (0.15, 16, 0.004), YELLOW)
    paint.seen("station_floor", (-42.8, -16.6, 0.005), (50, 5, 0.004), PAVING)
    return paint


def _perimeter() -> Thing:
    mesh = Thing("perimeter")
    fence(mesh, "south_west", (-104, -100), (-8.4, -100), 14)
    fence(mesh, "south_east", (8.4, -100), (104, -100), 14)
    fence(mesh, "north", (-104, 100), (104, 100), 14)
    fence(mesh, "west", (-104, -100), (-104, 100), 14)
    fence(mesh, "east", (104, -100), (104, 100), 14)
    return mesh


def _warehouse(name: str, x: float, y: float, length: float, depth: float) -> Thing:
    hall = Thing(f"warehouse_{name}", (x, y, 0))
    hall.solid("hall", (0, 0, EAVES / 2), (length, depth, EAVES), SHEET)
    hall.seen("plinth", (0, 0, 0.5), (length + 0.1, depth + 0.1, 1.0), CONCRETE)
    hall.seen("eaves", (0, 0, EAVES - 0.5), (length + 0.3, depth + 0.3, 1.2), SHEET_DARK)
    hall.seen("lights", (0, 0, 6.6), (length - 4, depth + 0.06, 0.7), GLASS)
    doors = int(length // 9)
    for index in range(doors):
        along = (index - (doors - 1) / 2) * 8.8
        hall.seen(f"door_{index}", (along, 0, 2.6), (3.2, depth + 0.08, 3.0), DOOR)
        hall.seen(f"frame_{index}", (along, 0, 4.3), (3.8, depth + 0.12, 0.5), DARK)
    return hall


def _high_platform() -> Thing:
    """Along warehouse one: a loading platform of 1.1 m, a long ramp to it in the east, stairs in the west."""
    dock = Thing("platform_high")
    deck(dock, "deck", (-90, 31), (-32, 36), HIGH)
    foot = -32 + HIGH / 0.06
    ramp(dock, "ramp", (foot, 33.5), (-32, 33.5, HIGH), 5)
    railing(dock, "rail_ramp_south", (foot - 1, 31.05, 0.06), (-32, 31.05, HIGH))
    railing(dock, "rail_ramp_north", (foot - 1, 35.95, 0.06), (-32, 35.95, HIGH))
    for index in range(4):  # along bare rails a dog would not know how far it has come
        for side, (x, y) in {"south": (-30.5 + 4.6 * index, 31.35), "north": (-28.0 + 4.3 * index, 35.65)}.items():
            floor = HIGH * (foot - x) / (foot + 32)
            dock.solid(f"pillar_{side}_{index}", (x, y, floor + 0.6), (0.14, 1.2), YELLOW)
    stairs(dock, "stairs", (-92.1, 33.5), 0.0, 7, 2.4, HIGH / 7)
    for index in range(6):
        x = -81.4 + 8.8 * index
        dock.seen(f"bumper_{index}", (x, 30.9, 0.8), (2.6, 0.2, 0.5), DARK)
    dock.seen("edge", (-61, 31.1, HIGH + 0.003), (58, 0.2, 0.006), YELLOW)
    return dock


def _low_platform() -> Thing:
    """East of warehouse three: a platform of 0.42 m for vans, a ramp at either end, a rail on the open side."""
    dock = Thing("platform_low")
    deck(dock, "deck", (-33.9, -66), (-28, -42), LOW)
    for name, y, end in (("north", -42.0, -42 + LOW / 0.08), ("south", -66.0, -66 - LOW / 0.08)):
        ramp(dock, f"ramp_{name}", (-30.5, end), (-30.5, y, LOW), 5)
        for side, x in (("west", -33.05), ("east", -27.95)):
            railing(dock, f"rail_{name}_{side}", (x, end, 0), (x, y, LOW))
    railing(dock, "rail_east", (-28, -66, LOW), (-28, -42, LOW))
    for index, y in enumerate((-63.5, -57.0, -52.0, -44.5)):
        dock.solid(f"pillar_{index}", (-28.4, y, LOW + 0.6), (0.14, 1.2), YELLOW)
    for index, y in enumerate((-62.0, -54.0, -47.0)):
        dock.solid(f"roller_door_{index}", (-33.95, y, LOW + 1.6), (0.12, 3.2, 3.0), DOOR)
    return dock


def _entrance() -> Thing:
    """West of warehouse two: an entrance 0.48 m up, with three steps and a ramp beside them."""
    entrance = Thing("entrance")
    deck(entrance, "landing", (16, 50), (20, 58), 0.48)
    stairs(entrance, "steps", (15.1, 54), 0.0, 3, 5, 0.16)
    ramp(entrance, "ramp", (18, 43.6), (18, 50, 0.48), 2.6)
    railing(entrance, "rail_ramp_west", (16.7, 43.6, 0), (16.7, 50, 0.48))
    railing(entrance, "rail_ramp_east", (19.3, 43.6, 0), (19.3, 50, 0.48))
    railing(entrance, "rail_north", (16, 58, 0.48), (20, 58, 0.48))
    entrance.seen("door", (19.98, 54, 1.6), (0.1, 2.4, 2.3), BLUE)
    entrance.seen("porch", (18, 54, 3.4), (4.4, 8.4, 0.2), SHEET_DARK)
    return entrance


def _islands() -> Thing:
    """Green behind kerbs, and two humps across the road low enough to walk over."""
    green = Thing("islands")
    for name, x, y in (("nw", -15.5, 62.0), ("ne", 13.0, 80.0), ("sw", -15.5, -70.0), ("se", 15.5, -60.0)):
        island(green, name, (x - 1.5, y - 12), (x + 1.5, y + 12), GRASS)
    island(green, "north", (-60, 90), (60, 94), GRASS)
    for index, y in enumerate((-86.0, 14.0)):
        green.solid(f"hump_{index}", (0, y, 0.03 - 0.6, 0, math.pi / 2, 0), (0.6, 20), YELLOW)
    return green


def _office() -> Thing:
    office = Thing("office", (60, -60, 0))
    office.solid("body", (0, 0, 5.0), (34, 14, 10), WHITE)
    for storey in range(3):
        office.seen(f"windows_{storey}", (0, 0, 1.8 + 3.2 * storey), (33, 14.1, 1.5), GLASS)
    for index in range(8):
        office.seen(f"pier_{index}", (-14 + 4 * index, 0, 4.9), (0.8, 14.2, 9.6), WHITE)
    office.seen("roof", (0, 0, 10.2), (35, 15, 0.4), SHEET_DARK)
    stairs(office, "steps", (0, 8.0), -math.pi / 2, 3, 4, 0.15)
    return office


def _station(made: World) -> None:
    """The dogs' row of docks, its back to a wall, under a roof."""
    station = Thing("station")
    station.solid("wall", (-42.8, -18.6, 1.2), (50, 0.25, 2.4), CONCRETE)
    station.seen("roof", (-42.8, -17.2, 3.0), (51, 3.4, 0.12), BLUE)
    for index in range(6):
        station.solid(f"post_{index}", (-18.6 - 9.68 * index, -15.7, 1.5), (0.07, 3.0), STEEL)
    made.add(station)
    for index, (x, y) in enumerate(DOCKS):
        made.include("dock", f"dock_{index + 1}", (x, y, 0, 0, 0, math.pi / 2))


def _gate(made: World) -> None:
    made.include("gate_pillar", "gate_pillar_west", (-8.8, -100, 0))
    made.include("gate_pillar", "gate_pillar_east", (8.8, -100, 0))
    made.include("barrier", "barrier_in", (7.0, -97, 0))
    made.include("barrier", "barrier_out", (-2.0, -97, 0))
    made.include("guard_hut", "guard_hut", (0.3, -93, 0))
    street = Thing("street")
    street.seen("road", (0, -104.2, 0.008), (223, 5, 0.004), ROAD)
    street.solid("kerb", (0, -106.8, 0.3), (224, 0.3, 0.6), CONCRETE)
    made.add(street)


def _containers(made: World) -> None:
    """Rows of containers with lanes of 8 m between them; some stacked two and three high."""
    colours = ("blue", "red", "green")
    for row in range(3):
        for column in range(4):
            for level in range(1 + (row * 2 + column) % 3):
                colour = colours[(row + 2 * column + level) % 3]
                at = (28 + 14.5 * column, -22 - 8.0 * row, 2.6 * level)
                made.include(f"container_{colour}", f"container_{row}_{column}_{level}", at)


def _bonded_yard(made: World) -> None:
    """Behind a fence of its own, with a door: what has not passed customs."""
    yard = Thing("bonded_yard")
    fence(yard, "west", (64, -98), (64, -74))
    fence(yard, "north_west", (64, -74), (80, -74))
    fence(yard, "north_east", (85, -74), (102, -74))
    fence(yard, "east", (102, -98), (102, -74))
    fence(yard, "south", (64, -98), (102, -98))
    made.add(yard)
    for index, (x, y) in enumerate([(72, -92), (72, -84), (94, -92)]):
        made.include("container_red", f"bonded_{index}", (x, y, 0))
    for index, (x, y) in enumerate([(88, -80), (90, -80), (88, -82)]):
        made.include("pallets", f"bonded_pallets_{index}", (x, y, 0))


def _traffic(made: World) -> None:
    for index, x in enumerate((28.4, 46.0, 63.6)):
        made.include("trailer", f"trailer_{index}", (x, 29.0, 0, 0, 0, -math.pi / 2))
    for index, x in enumerate((-81.4, -63.8, -46.2)):
        made.include("trailer", f"trailer_west_{index}", (x, 24.6, 0, 0, 0, -math.pi / 2))
    made.include("truck", "truck_0", (46.0, 19.6, 0, 0, 0, -math.pi / 2))
    made.include("truck", "truck_1", (24.0, -90.0, 0, 0, 0, math.pi))
    made.include("forklift", "forklift_0", (82.0, 30.0, 0, 0, 0, 2.2))
    made.include("forklift", "forklift_1", (-26.0, 24.0, 0, 0, 0, -0.6))
    for index, (x, y) in enumerate([(86, 32), (88, 32), (-22, 26), (-20, 26), (-97, 20), (-97, 22)]):
        made.include("pallets", f"pallets_{index}", (x, y, 0))
    for index, (colour, x) in enumerate([("grey", 50), ("dark", 56), ("red", 64), ("grey", 70)]):
        made.include(f"car_{colour}", f"parked_{index}", (x, -47.5, 0, 0, 0, math.pi / 2))


def _roadside(made: World) -> None:
    """Barriers along the roads and trees on the islands: a dog in the open finds its place by them."""
    barriers = [(x, 16.0 * n, math.pi / 2) for x in (-11.0, 11.0) for n in range(-5, 6) if n]
    barriers += [(16.0 * n, y, 0.0) for y in (-11.0, 11.0) for n in range(-5, 6) if n]
    barriers += [(x, y, math.copysign(math.pi / 4, -x * y)) for x in (-11.5, 11.5) for y in (-11.5, 11.5)]
    for index, at in enumerate(at for at in barriers if at[:2] not in KEEP_CLEAR):
        made.include("road_barrier", f"road_barrier_{index}", (*at[:2], 0, 0, 0, at[2]))
    trees = [(-15.5, y) for y in (54, 62, 70, -62, -70, -78)] + [(13.0, y) for y in (72, 80)]
    trees += [(15.5, y) for y in (-52, -60, -68)] + [(-54.0 + 27 * n, 92.0) for n in range(5)]
    for index, (x, y) in enumerate(trees):
        made.include("tree", f"tree_{index}", (x, y, 0, 0, 0, 0.9 * index))
