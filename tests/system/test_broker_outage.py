"""The broker dies for most of a minute in mid-patrol: the dog walks on, and the incident raised meanwhile arrives."""

import math
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.broker import broker
from xiaotian.api_client import ApiProblem, Client
from xiaotian.api_client import operation as op
from xiaotian.api_client.models import ActionType, PatrolStatus, RouteBody, StopActionBody, StopBody, TextBody
from xiaotian.child_processes import Family, wait_for
from xiaotian.local_stack import LocalStack, Plan
from xiaotian.smoke import wall_time

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.timeout(600)]
OUTAGE_S = 50.0
# From the dock past the armory yard. The person in it comes into view after half a minute, and the dwell before the
# yard, which ends before the outage does, is for the fallback detector, that needs a second look.
DWELL = StopActionBody(type=ActionType.DWELL, seconds=4.0)
STOPS: dict[str, list[StopActionBody]] = {"generator": [], "armory_view": [DWELL], "charging_bay": []}


def moved(path: list[list[float]], since: float, until: float) -> float:
    """Metres walked between two simulated times."""
    part = [(x, y) for t, x, y, _ in path if since <= t <= until]
    return sum(math.dist(a, b) for a, b in pairwise(part))


def at_wall(clock: list[list[float]], wall: float) -> float:
    """The simulated time at a wall's time."""
    return wall_time(wall, [[simulated, walls] for walls, simulated in clock])


def has(client: Client, url: str) -> bool:
    """Whether there is something at an address that the API gave."""
    try:
        return bool(client.content(url))
    except ApiProblem:
        return False


def test_a_patrol_and_its_incident_outlive_the_broker(tmp_path: Path) -> None:
    with broker(tmp_path) as running, Family(tmp_path / "logs") as family:
        plan = Plan(tmp_path, bodies=("light",), mqtt_port=running.port, external_broker=True)
        stage = LocalStack(plan, family, lambda text: None)
        stage.start()
        with stage.client() as client:
            stops = [StopBody(checkpoint_id=stop, actions=actions) for stop, actions in STOPS.items()]
            body = RouteBody(site_id=stage.site.site_id, name=TextBody(zh="断网", en="Outage"), stops=stops)
            patrol = client.assign_patrol(client.ask(op.CREATE_ROUTE, body).route_id, "dog1")
            wait_for(lambda: bool(client.ask(op.DOGS)[0].driving), 30, "the dog to walk", family)

            running.kill()
            killed = time.time()
            wait_for(lambda: time.time() > killed + OUTAGE_S, OUTAGE_S + 5, "the outage to pass", family)
            assert client.ask(op.INCIDENTS) == []
            assert not client.ask(op.DOGS)[0].live
            restarted = time.time()
            running.start()

            wait_for(lambda: len(client.ask(op.INCIDENTS)) == 1, 40, "the incident", family)
            wait_for(lambda: client.ask(op.DOGS)[0].live, 20, "the dog to be live again", family)

            def status() -> PatrolStatus:
                return client.ask(op.PATROL, patrol_id=patrol.patrol_id).status

            wait_for(lambda: status() not in ("SENT", "ACTIVE"), 120, "the patrol's end", family)
            assert status() == "COMPLETED"
            (incident,) = client.ask(op.INCIDENTS)
            wait_for(lambda: has(client, incident.picture_url or ""), 20, "the picture")
        family.stop()

    report = stage.report()
    seen = wall_time(incident.frame_stamp.timestamp(), report["clock"])
    assert killed < seen < restarted
    assert incident.received_at.timestamp() - stage.clock_ahead_s > restarted
    dark = [at_wall(report["clock"], wall) for wall in (killed, restarted)]
    assert moved(report["dogs"]["dog1"]["path"], *dark) > 10.0
    assert report["dogs"]["dog1"]["collisions"] == 0
