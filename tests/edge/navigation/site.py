"""The test yard as the wire carries it."""

import io
from datetime import UTC, datetime

import numpy as np
from PIL import Image

from edge.navigation.maps import OccupancyGrid
from protocol.map_file import FREE, OCCUPIED, UNKNOWN
from protocol.site import Geodetic, GridMap, Pose, Site, Text, Zone


def grid_message(grid: OccupancyGrid) -> GridMap:
    grey = np.where(grid.occupied, OCCUPIED, np.where(grid.unknown, UNKNOWN, FREE)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(grey[::-1]).save(buffer, "PNG")
    origin = Pose(x=grid.frame.x, y=grid.frame.y, theta=0.0)
    return GridMap(map_id=grid.map_id, resolution=grid.frame.resolution, origin=origin, image=buffer.getvalue())


def site_message(grid: OccupancyGrid, zones: list[Zone] | None = None, version: int = 1) -> Site:
    return Site(
        header_id=1,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        version="2.1.0",
        manufacturer="xiaotian",
        serial_number="dog22",
        site_id="yard",
        site_version=version,
        name=Text(zh="院子", en="Yard"),
        timezone="Asia/Shanghai",
        origin=Geodetic(latitude_deg=31.0, longitude_deg=121.0),
        map=grid_message(grid),
        zones=zones or [],
        checkpoints=[],
        docks=[],
    )
