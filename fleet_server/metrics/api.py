"""``GET /metrics``, for who has the token in the data folder's ``metrics_token``."""

import secrets

from fastapi import APIRouter, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fleet_server.core.station import StationHere
from fleet_server.metrics.collector import registry
from fleet_server.metrics.token import MetricsToken

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request, station: StationHere) -> Response:
    """The figures as Prometheus reads them."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    right = kind.lower() == "bearer" and secrets.compare_digest(token.encode(), station[MetricsToken].value.encode())
    if not right:
        raise HTTPException(401, "no valid token for the figures", {"WWW-Authenticate": "Bearer"})
    headers = {"Cache-Control": "no-store"}
    return Response(generate_latest(registry(station)), headers=headers, media_type=CONTENT_TYPE_LATEST)
