"""A station that has been at work: accounts, schedules, rounds that it slept through, a dog that fell, incidents."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.mission.errors import Fault, fatal, warning
from tests.console.conftest import masked_figure
from tests.console.kept_history import keep, month_of
from tests.console.running_station import RunningStation, running_station
from tests.console.wire_dog import WireDog, dog_at_dock
from xiaotian.local_stack import free_port

DAY_S = 86_400
DOGS = ("dog1", "dog2")
# As long as they may be: what has no place to break has to be broken somewhere.
LONG_NAMES = (("alexandra.konstantinopoulou-" + "x" * 36, "evidenceOfficer"), ("滨河派出所" * 12, "operator"))
NOBODY_THERE = f"http://127.0.0.1:9/{'alerts-of-the-night-shift/' * 4}{'x' * 60}"


@contextmanager
def furnished_station(folder: Path, pace: float = 0.4) -> Iterator[RunningStation]:
    """The real server and broker, with two dogs of the wire protocol; one walks, at ``pace`` m/s."""
    with running_station(folder, free_port(), free_port()) as station:
        furnish(station)
        with dog_at_dock(station, DOGS[0]) as walker, dog_at_dock(station, DOGS[1], 1) as fallen:
            walker.pace = pace
            happen(station, walker, fallen)
            yield station


def furnish(station: RunningStation) -> None:
    """A station that has been at work: accounts, schedules, rounds that it slept through, and what a dog was like."""
    with station.client() as client:
        people = (("wangwei", "operator"), ("li.na", "supervisor"), ("zhaomin", "auditor"), *LONG_NAMES)
        for name, role in people:
            client.post("/accounts", json={"username": name, "role": role}).raise_for_status()
        client.patch("/accounts/zhaomin", json={"disabled": True}).raise_for_status()
        scopes = ["see", "look", "watch", "acknowledge", "command", "overrule", "plan", "export", "audit", "enrol"]
        for name, rights in (("duty-room", ["see"]), ("city-data-platform.nightly_export-to-hq", scopes)):
            token = {"name": name, "scopes": rights, "days": 90}
            client.post("/tokens", json=token).raise_for_status()
        for name, url in (("市局情报指挥中心.值班室_第二指挥席位-夜间", NOBODY_THERE), ("duty", None)):
            client.post("/centers", json={"name": name, "url": url}).raise_for_status()
        route = client.get("/routes").json()[0]["routeId"]
        today = time.strftime("%Y-%m-%d", time.gmtime())
        promise = {"everyMinutes": 60, "ends": "05:00"}
        schedules: tuple[dict[str, object], ...] = (
            {"name": {"zh": "晚间巡逻", "en": "Evening round"}, "start": f"{today}T21:30:00"},
            {"name": {"zh": "加巡", "en": "Extra round"}, "start": f"{today}T21:30:00"},
            {"name": {"zh": "夜间反复巡逻", "en": "All night"}, "start": f"{today}T23:00:00", "promise": promise},
        )
        for schedule in schedules:
            client.post("/schedules", json=schedule | {"routeId": route, "rule": "FREQ=DAILY"}).raise_for_status()
    keep(station, month_of(DOGS[0], int(time.time()) + DAY_S))
    station.stop()
    station.clock_ahead_s = DAY_S
    station.start()


def happen(station: RunningStation, walker: WireDog, fallen: WireDog) -> None:
    """A dog on its round, another that fell, and what they saw."""
    fallen.errors = [
        fatal(Fault.FALLEN, "it stands, and waits for a person", stage="waiting"),
        warning(Fault.WAY_BLOCKED, "no way", nodeId="gate", tries="2", x="12.4", y="1.4", length="1.8", width="0.6"),
    ]
    picture, now = masked_figure(), time.time() + DAY_S
    with station.client() as client:
        for _ in range(600):
            if sum(dog["live"] and dog["batteryCharge"] is not None for dog in client.get("/dogs").json()) == 2:
                break
            time.sleep(0.1)
        route = client.get("/routes").json()[0]["routeId"]
        client.post("/patrols", json={"routeId": route, "dogId": "dog1"}).raise_for_status()
        client.post("/dogs/dog2/emergency-stop").raise_for_status()
    for zone, place, ago_s in (("armory_yard", (26.0, 11.0), 20), ("", (13.0, 4.0), 90)):
        _, evidence = walker.raise_anomaly(zone, place, picture, now - ago_s)
        walker.upload(station.url, station.token, evidence, picture)
