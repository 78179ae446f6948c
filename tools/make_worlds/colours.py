"""Colours that the sites share."""

from tools.make_worlds.sdf_writing import Paint

ASPHALT = Paint((0.33, 0.34, 0.35), 0)
ROAD = Paint((0.24, 0.25, 0.26), 0)
PAVING = Paint((0.56, 0.55, 0.52), 0)
CONCRETE = Paint((0.62, 0.61, 0.58), 0.05)
KERB = Paint((0.74, 0.73, 0.7), 0.05)
GRASS = Paint((0.24, 0.4, 0.2), 0)
MARK = Paint((0.86, 0.86, 0.82), 0)
YELLOW = Paint((0.9, 0.72, 0.1), 0.1)
STEEL = Paint((0.5, 0.53, 0.56), 0.4)
DARK = Paint((0.2, 0.22, 0.24), 0.2)
GLASS = Paint((0.16, 0.22, 0.28), 0.7)
LIT = Paint((0.95, 0.82, 0.5), 0.1, (0.75, 0.6, 0.3))
WHITE = Paint((0.9, 0.9, 0.88), 0.1)
RED = Paint((0.7, 0.13, 0.1), 0.2)
BLUE = Paint((0.12, 0.28, 0.55), 0.2)
GREEN = Paint((0.15, 0.42, 0.26), 0.2)
TIMBER = Paint((0.5, 0.36, 0.24), 0.05)
