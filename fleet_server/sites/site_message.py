"""The server's copy of a site, as the dogs get it."""

import msgspec

from fleet_server.sites.tables import Site
from protocol import site as wire
from protocol.codec import header
from protocol.topics import Address


def to_wire(site: Site, address: Address, header_id: int, now: float) -> wire.Site:
    """The message ``site`` for the vehicle at ``address``."""
    return wire.Site(
        **header(address, header_id, now),
        site_id=site.site_id,
        site_version=site.version,
        name=msgspec.convert(site.name, wire.Text),
        timezone=site.timezone,
        origin=msgspec.convert(site.origin, wire.Geodetic),
        map=wire.GridMap(
            map_id=site.map_id,
            resolution=site.map_resolution,
            origin=msgspec.convert(site.map_origin, wire.Pose),
            image=site.map_png,
        ),
        zones=msgspec.convert(site.zones, list[wire.Zone]),
        checkpoints=msgspec.convert(site.checkpoints, list[wire.Checkpoint]),
        docks=msgspec.convert(site.docks, list[wire.Dock]),
        evidence_key=site.evidence_key or msgspec.UNSET,
    )
