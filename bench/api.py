"""Every page of the API (each GET of its document) with 10,000 patrols and 100,000 incidents behind it: p95."""

import argparse
import os
import re
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psutil

from bench._station_history import Past, write_past
from bench._station_process import station
from fleet_server.app import create_app
from fleet_server.core.settings import Settings
from fleet_server.store.database import Database
from tests.shared import ROOT

PASSWORD = "a-bench-of-the-pages"
SITE = "station_yard"
MONTH = timedelta(days=30)  # the past of a station that keeps its data as long as it comes
BOUND_MS = 100.0
FILES = ("/ledger/exports/", "/ledger/geojson", "/content")  # they are read to their end, and are as long as they are
NEVER_THE_SAME = "{since}"  # in a page's address: another minute of the night before, each time it is asked
DAYS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": MONTH}


def run(options: Sequence[str] = ()) -> dict[str, Any]:
    """The p95 (ms) of each page over HTTP on the loopback, the slowest first; spans of a day where a page takes one."""
    parser = argparse.ArgumentParser(prog="python -m bench api", description=__doc__)
    parser.add_argument("--patrols", type=int, default=10_000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=40)
    asked = parser.parse_args(list(options))
    os.environ |= {
        "XIAOTIAN_ADMIN_PASSWORD": PASSWORD,
        "XIAOTIAN_SITE": f'["{ROOT / "sim" / "worlds" / SITE}"]',
    }
    with station() as running, httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=120) as client:
        now = datetime.now(UTC)
        _fill(running.data / "xiaotian.sqlite3", Past(SITE, now, MONTH, asked.patrols, asked.incidents, scheduled=True))
        client.post("/api/v1/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
        server = psutil.Process().children()[0]
        bare = _timed(client, server, "/api/v1/health/live", asked.times)
        found = {page: _timed(client, server, page, asked.times) for page in _pages(client, now)}
    told = {page: ms for page, ms in found.items() if ms is not None}
    slowest = sorted(told.items(), key=lambda each: -each[1][1])
    day = [ms for page, (ms, _) in slowest if "since=" not in page]
    return {
        "figure": "p95 of the slowest page, ms",
        "value": max(day),
        "reference_ms": bare and bare[0],
        "reference": "GET /health/live",
        "ratio": round(max(day) / (bare[0] if bare else 1), 1),
        "pages": len(told),
        "over_100_ms": [page for page, (ms, _) in slowest if ms > BOUND_MS],
        "over_100_ms_of_the_processor": {page: cpu for page, (_, cpu) in slowest if cpu > BOUND_MS},
        "slowest_first": {page: {"p95_ms": ms, "cpu_ms": cpu} for page, (ms, cpu) in slowest},
        "not_asked": [page for page, ms in found.items() if ms is None],
        "patrols": asked.patrols,
        "incidents": asked.incidents,
    }


def _fill(file: Any, past: Past) -> None:
    database = Database(f"sqlite:///{file}")
    with database.write() as session:
        write_past(session, past)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _pages(client: httpx.Client, now: datetime) -> list[str]:
    """Every GET of the document, with the ids that the station has; the ledger's for a week and a month as well."""
    document = create_app(Settings.load()).openapi()
    patrol = client.get("/api/v1/patrols", params={"limit": 1}).json()[0]["patrolId"]
    incident = client.get("/api/v1/incidents", params={"limit": 1}).json()[0]["incidentId"]
    route = client.get("/api/v1/routes").json()[0]["routeId"]
    known = {"patrol_id": patrol, "incident_id": incident, "site_id": SITE, "route_id": route}
    shift = client.get("/api/v1/ledger/shifts", params={"siteId": SITE}).json()[1]
    pages = []
    for path, methods in document["paths"].items():
        if "get" not in methods or any(part in path for part in FILES):
            continue
        filled = re.sub(r"{(\w+)}", lambda match: known.get(match[1], "none"), path)
        wants = {each["name"] for each in methods["get"].get("parameters", ()) if each["in"] == "query"}
        if "shift" in wants:
            filled += f"?siteId={SITE}&shift={shift['name']}&day={shift['day']}"
        elif "siteId" in wants:
            filled += f"?siteId={SITE}"
        pages.append(filled)
        if path.endswith("/shift-report.pdf"):  # laid out anew for each request; what was laid out once is remembered
            until = (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            pages.append(f"{filled.split('&')[0]}&since={NEVER_THE_SAME}&until={until}")
        if path in ("/api/v1/ledger/summary", "/api/v1/ledger/coverage", "/api/v1/ledger/patrols"):
            pages += [
                f"{filled}&since={(now - length).strftime('%Y-%m-%dT%H:%M:%SZ')}"
                for name, length in DAYS.items()
                if name != "day"
            ]
    return pages


def _timed(client: httpx.Client, server: psutil.Process, page: str, times: int) -> tuple[float, float] | None:
    """The p95 and, for a machine that is busy with other things, the server's own processor time, in milliseconds.

    None where the page answers anything but 200.
    """
    night = datetime.now(UTC) - timedelta(hours=13)

    def asked(number: int) -> str:
        return page.replace(NEVER_THE_SAME, (night - timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ"))

    if client.get(asked(0)).status_code != 200:
        return None
    took, spent = [], sum(server.cpu_times()[:2])
    for number in range(1, times + 1):
        began = time.perf_counter()
        client.get(asked(number)).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
    cpu = (sum(server.cpu_times()[:2]) - spent) * 1000 / times
    return round(statistics.quantiles(took, n=20)[-1], 1), round(cpu, 1)
