"""Every version that a site ever had: who made it, when, and from what."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.sites.tables import Site, SiteVersion


class Source(StrEnum):
    """Where a version comes from."""

    FOLDER = "folder"
    CONSOLE = "console"


def describe(site: Site) -> dict[str, Any]:
    """The site as it is, in the API's words; what its version adds to them is not among it."""
    return {
        "siteId": site.site_id,
        "name": site.name,
        "timezone": site.timezone,
        "origin": site.origin,
        "zones": site.zones,
        "checkpoints": site.checkpoints,
        "docks": site.docks,
        "sentences": site.sentences,
        "evidenceKey": site.evidence_key,
        "map": {
            "mapId": site.map_id,
            "resolution": site.map_resolution,
            "origin": site.map_origin,
            "width": site.map_width,
            "height": site.map_height,
        },
    }


def keep_version(session: Session, site: Site, by: str, source: Source) -> None:
    """Keep the site as it is now under its version, in the transaction that made it so."""
    same_map = find_map(session, site.site_id, site.version) == site.map_png
    session.add(
        SiteVersion(
            site_id=site.site_id,
            version=site.version,
            changed_at=site.updated_at,
            changed_by=by,
            source=source,
            described=describe(site),
            map_png=None if same_map else site.map_png,
        )
    )
    session.flush()


def find_version(session: Session, site_id: str, version: int) -> SiteVersion:
    """That version of the site, or 404."""
    row = session.get(SiteVersion, (site_id, version))
    if row is None:
        raise HTTPException(404, f"there is no version {version} of the site {site_id!r}")
    return row


def site_of_version(session: Session, site_id: str, version: int) -> Site:
    """The site as it was, whole, as a row that is in no database; or 404."""
    row = find_version(session, site_id, version)
    said, map_said = row.described, row.described["map"]
    return Site(
        site_id=site_id,
        version=version,
        **{key: said[key] for key in ("name", "timezone", "origin", "zones", "checkpoints", "docks")},
        sentences=said.get("sentences", []),  # a version of before there were any says nothing of them
        map_id=map_said["mapId"],
        map_resolution=map_said["resolution"],
        map_origin=map_said["origin"],
        map_width=map_said["width"],
        map_height=map_said["height"],
        map_png=find_map(session, site_id, version),
    )


def find_map(session: Session, site_id: str, version: int) -> bytes | None:
    """The map's picture as a version of the site has it."""
    query = select(SiteVersion.map_png).where(SiteVersion.site_id == site_id, SiteVersion.version <= version)
    return session.scalar(query.where(SiteVersion.map_png.is_not(None)).order_by(SiteVersion.version.desc()).limit(1))


def last_names(session: Session, site_id: str, checkpoints: Collection[str]) -> dict[str, dict[str, str]]:
    """What checkpoints are called in the last version that has them; none that never was."""
    query = select(SiteVersion.described).where(SiteVersion.site_id == site_id).order_by(SiteVersion.version.desc())
    names: dict[str, dict[str, str]] = {}
    for described in session.scalars(query):
        for each in described["checkpoints"]:
            if each["checkpointId"] in checkpoints:
                names.setdefault(each["checkpointId"], each["name"])
        if len(names) == len(checkpoints):
            break
    return names


def made_by_hand(session: Session, site_id: str, version: int) -> tuple[str, datetime] | None:
    """Who made a version in the console, and when; None where it came from a folder."""
    row = session.get(SiteVersion, (site_id, version))
    return (row.changed_by, row.changed_at) if row is not None and row.source == Source.CONSOLE else None
