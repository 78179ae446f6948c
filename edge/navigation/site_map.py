"""The ground of a site, from the dog's folder or from the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.navigation.maps import OccupancyGrid, Terrain, read_grid, terrain
from protocol.codec import decode
from protocol.site import GridMap, Site, Zone
from protocol.site_folder import read_site


@dataclass(frozen=True, slots=True)
class SiteMap:
    """A site's terrain, and what it was made of. ``version`` is -1 for a folder: what the server sends is newer."""

    message: GridMap
    zones: Sequence[Zone]
    version: int
    terrain: Terrain

    @property
    def grid(self) -> OccupancyGrid:
        """The map without the zones."""
        return self.terrain.grid


def site_map_in(folder: Path) -> SiteMap:
    """The ground of a site folder; raises MalformedSite or UnusableMap."""
    site, message = read_site(folder)
    return SiteMap(message, site.zones, -1, terrain(read_grid(message), site.zones))


def site_map_from(payload: str | bytes, known: SiteMap | None) -> SiteMap | None:
    """The ground in a ``site`` message, or None where it tells nothing new; raises MalformedMessage or UnusableMap.

    Where only the zones changed the grid stays the very same object.
    """
    site = decode(payload, Site)
    if known is not None and (site.map, site.zones) == (known.message, known.zones):
        return None
    if known is not None and known.version > site.site_version:
        return None
    same_map = known is not None and site.map == known.message
    grid = known.grid if known is not None and same_map else read_grid(site.map)
    return SiteMap(site.map, site.zones, site.site_version, terrain(grid, site.zones))
