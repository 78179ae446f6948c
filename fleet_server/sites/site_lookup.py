"""The site that a route names."""

from fastapi import HTTPException
from sqlalchemy.orm import Session

from fleet_server.sites.tables import Site


def find_site(session: Session, site_id: str) -> Site:
    """The site of that id, or 404."""
    site = session.get(Site, site_id)
    if site is None:
        raise HTTPException(404, f"there is no site {site_id!r}")
    return site
