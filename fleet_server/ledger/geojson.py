"""A day of a site as GeoJSON (RFC 7946): walked paths, visits and incidents, with nothing of persons or accounts."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.incidents.confidence_ellipse import confidence_ellipse, confidence_radius
from fleet_server.ledger.export_views import VIEWS, Export
from fleet_server.ledger.heat import GAP_S
from fleet_server.ledger.span import Place, Span
from fleet_server.ledger.tables import PatrolTrack
from fleet_server.ledger.track import decode
from fleet_server.sites.tables import Site

A, E2 = 6378137.0, 6.69437999014e-3  # WGS 84: equatorial radius (m), first eccentricity squared
DIGITS = 7  # of a degree: a centimetre


class MapOnEarth:
    """From the frame ``map`` (m) to WGS 84: the tangent plane at the site's origin, as the console has it."""

    def __init__(self, origin: dict[str, float]) -> None:
        latitude = math.radians(origin["latitudeDeg"])
        w = math.sqrt(1 - E2 * math.sin(latitude) ** 2)
        self._origin = origin["longitudeDeg"], origin["latitudeDeg"]
        self._per_degree = math.radians(A / w * math.cos(latitude)), math.radians(A * (1 - E2) / w**3)
        heading = math.radians(origin.get("headingDeg", 0.0))
        self._cos, self._sin = math.cos(heading), math.sin(heading)

    def __call__(self, x: float, y: float) -> list[float]:
        """Longitude and latitude, in degrees."""
        east, north = x * self._cos + y * self._sin, y * self._cos - x * self._sin
        (longitude, latitude), (per_longitude, per_latitude) = self._origin, self._per_degree
        return [round(longitude + east / per_longitude, DIGITS), round(latitude + north / per_latitude, DIGITS)]

    def bearing(self, turn: float) -> float:
        """Degrees clockwise from true north, 0 to 180, of a line ``turn`` radians left of the map's x."""
        return (90.0 - math.degrees(turn - math.atan2(self._sin, self._cos))) % 180.0

    def to_map(self, longitude: float, latitude: float) -> tuple[float, float]:
        """The other way: metres on the map from degrees."""
        east = (longitude - self._origin[0]) * self._per_degree[0]
        north = (latitude - self._origin[1]) * self._per_degree[1]
        return east * self._cos - north * self._sin, east * self._sin + north * self._cos


def features(session: Session, span: Span, place: Place) -> Iterator[dict[str, Any]]:
    """The features of the span: ``feature`` in their properties is ``patrol``, ``visit`` or ``incident``."""
    on_earth = MapOnEarth(place.origin)
    checkpoints = session.scalar(select(Site.checkpoints).where(Site.site_id == span.site_id)) or []
    poses = {each["checkpointId"]: each["pose"] for each in checkpoints}
    for row in _rows(session, Export.PATROLS, span):
        track = session.get(PatrolTrack, row["patrol_id"])
        lines = _lines(decode(track.points), on_earth) if track is not None else []
        geometry = {"type": "MultiLineString", "coordinates": lines} if lines else None
        yield _feature("patrol", geometry, row)
    for row in _rows(session, Export.VISITS, span):
        pose = poses.get(row["checkpoint_id"])
        yield _feature("visit", _point(on_earth(pose["x"], pose["y"])) if pose else None, row)
    for row in _rows(session, Export.INCIDENTS, span):
        point = _point(on_earth(row.pop("x"), row.pop("y")))
        yield _feature("incident", point, row | _unsure(row, on_earth))


def _unsure(row: dict[str, Any], on_earth: MapOnEarth) -> dict[str, float | None]:
    """How unsure an incident's place is, by its columns, which it takes out: metres on the earth, for those are of the
    map's axes. Null: the dog did not say."""
    xx, xy, yy = (row.pop(name) for name in ("xx_m2", "xy_m2", "yy_m2"))
    ellipse = None if xx is None else confidence_ellipse(xx, xy, yy)
    return {
        "radius_95_m": confidence_radius(ellipse, row["deviation_m"]),
        "major_95_m": ellipse.major if ellipse else None,
        "minor_95_m": ellipse.minor if ellipse else None,
        "major_bearing_deg": on_earth.bearing(ellipse.turn) if ellipse else None,
    }


def _rows(session: Session, export: Export, span: Span) -> Iterator[dict[str, Any]]:
    view = VIEWS[export]
    here = view.table
    at = here.c[view.at]
    query = select(here).where(here.c.site_id == span.site_id, at >= span.since, at < span.until)
    for row in session.execute(query.order_by(at, *(here.c[name] for name in view.key))):
        yield dict(row._mapping)


def _lines(track: NDArray[np.float32], on_earth: MapOnEarth) -> list[list[list[float]]]:
    """Where nothing was heard of the dog for a while, one line ends and another begins."""
    cuts = np.flatnonzero(np.diff(track[:, 0]) >= GAP_S) + 1
    parts = np.split(track[:, 1:3].astype(float), cuts)
    return [[on_earth(x, y) for x, y in part.tolist()] for part in parts if len(part) > 1]


def _point(coordinates: list[float]) -> dict[str, Any]:
    return {"type": "Point", "coordinates": coordinates}


def _feature(kind: str, geometry: dict[str, Any] | None, row: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"feature": kind} | row}
