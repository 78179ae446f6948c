"""The broker dies for most of a minute in mid-patrol: the dog walks on, and the incident raised meanwhile arrives."""

import math
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.broker import broker
from xiaotian.child_processes import Family, wait_for
from xiaotian.local_stack import LocalStack, Plan
from xiaotian.smoke import wall_time

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.timeout(600)]
OUTAGE_S = 50.0
# From the dock past the armory yard. The person in it comes into view after half a minute, and the dwell before the
# yard, which ends before the outage does, is for the fallback detector, that needs a second look.
DWELL = {"type": "dwell", "seconds": 4}
STOPS: dict[str, list[dict[str, Any]]] = {"generator": [], "armory_view": [DWELL], "charging_bay": []}


def moved(path: list[list[float]], since: float, until: float) -> float:
    """Metres walked between two simulated times."""
    part = [(x, y) for t, x, y, _ in path if since <= t <= until]
    return sum(math.dist(a, b) for a, b in pairwise(part))


def at_wall(clock: list[list[float]], wall: float) -> float:
    """The simulated time at a wall's time."""
    return wall_time(wall, [[simulated, walls] for walls, simulated in clock])


def post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_patrol_and_its_incident_outlive_the_broker(tmp_path: Path) -> None:
    with broker(tmp_path) as running, Family(tmp_path / "logs") as family:
        plan = Plan(tmp_path, bodies=("light",), mqtt_port=running.port, external_broker=True)
        stage = LocalStack(plan, family, lambda text: None)
        stage.start()
        with stage.client() as client:
            route = {
                "siteId": stage.site.site_id,
                "name": {"zh": "断网", "en": "Outage"},
                "stops": [{"checkpointId": stop, "actions": actions} for stop, actions in STOPS.items()],
            }
            made = post(client, "/routes", route)
            patrol = post(client, "/patrols", {"routeId": made["routeId"], "dogId": "dog1"})
            wait_for(lambda: bool(client.get("/dogs").json()[0]["driving"]), 30, "the dog to walk", family)

            running.kill()
            killed = time.time()
            wait_for(lambda: time.time() > killed + OUTAGE_S, OUTAGE_S + 5, "the outage to pass", family)
            assert client.get("/incidents").json() == []
            assert not client.get("/dogs").json()[0]["live"]
            restarted = time.time()
            running.start()

            wait_for(lambda: len(client.get("/incidents").json()) == 1, 40, "the incident", family)
            wait_for(lambda: client.get("/dogs").json()[0]["live"], 20, "the dog to be live again", family)

            def status() -> str:
                told: str = client.get(f"/patrols/{patrol['patrolId']}").json()["status"]
                return told

            wait_for(lambda: status() not in ("SENT", "ACTIVE"), 120, "the patrol's end", family)
            assert status() == "COMPLETED"
            (incident,) = client.get("/incidents").json()
            wait_for(lambda: client.get(incident["pictureUrl"].removeprefix("/api/v1")).is_success, 20, "the picture")
        family.stop()

    report = stage.report()
    seen = wall_time(datetime.fromisoformat(incident["frameStamp"]).timestamp(), report["clock"])
    assert killed < seen < restarted
    assert datetime.fromisoformat(incident["receivedAt"]).timestamp() - stage.clock_ahead_s > restarted
    dark = [at_wall(report["clock"], wall) for wall in (killed, restarted)]
    assert moved(report["dogs"]["dog1"]["path"], *dark) > 10.0
    assert report["dogs"]["dog1"]["collisions"] == 0
