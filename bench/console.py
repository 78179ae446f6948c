"""The console with 200 dogs at 5 Hz and 2,000 incidents: frames a second, the main thread's time, the first live dog.

A real server and broker with the yard as its site, and Debian's Chromium without a GPU, all on this computer; the load
comes from here too. ``fps`` are frames of the live view with all dogs walking, ``main_thread`` is the share of a second
in which the page's main thread is at work, ``first_dog_s`` passes from opening the address, signed in, to the first dog
that is shown live. ``bundle_kb`` is all that a browser fetches to begin with, compressed. Options: `--dogs`,
`--incidents`, `--seconds`.
"""

import argparse
import gzip
import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import paho.mqtt.client as mqtt
from msgspec.structs import replace
from playwright.sync_api import Page

from bench._station_process import PATIENCE_S, bare_client
from edge.mission.factsheet import factsheet
from protocol.anomaly import Anomaly, AnomalyKind, MapPoint
from protocol.codec import encode, header, timestamp
from protocol.connection import Connection, ConnectionState
from protocol.site_folder import read_site
from protocol.state import AgvPosition, BatteryState, EStop, OperatingMode, SafetyState, State, Velocity
from protocol.topics import TABLE, Address, Topic
from protocol.visualization import Visualization
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, SITE, RunningStation, running_station
from xiaotian.local_stack import free_port

DOGS, INCIDENTS, SECONDS = 200, 2000, 10.0
RATE_HZ = 5
APART_S = 120.0  # beyond a visit, so that each anomaly makes an incident of its own
ROUND_M, SPEED = 18.0, 0.8  # each dog walks a circle in the yard, m and m/s
MOST_ASKED = 1000  # incidents in one answer of the API
DIST = Path("fleet_server/console/dist")
WATCH = """
const look = () => {
  if (document.querySelector('[data-testid^="dog-marker-"][data-live="true"]')) globalThis.firstDog = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
COUNT_FRAMES = """(ms) => new Promise((done) => {
  let frames = 0;
  const start = performance.now();
  const next = (now) => {
    frames += 1;
    if (now - start < ms) requestAnimationFrame(next);
    else done(frames / (now - start) * 1000);
  };
  requestAnimationFrame(next);
})"""


def run(options: Sequence[str] = ()) -> dict[str, Any]:
    """Figures of one run."""
    parser = argparse.ArgumentParser(prog="bench console")
    parser.add_argument("--dogs", type=int, default=DOGS)
    parser.add_argument("--incidents", type=int, default=INCIDENTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args(options)
    if not (DIST / "index.html").exists():
        raise FileNotFoundError("the console is not built: make setup")
    with (
        TemporaryDirectory() as folder,
        running_station(Path(folder), free_port(), free_port()) as station,
        walking(station, given.dogs) as client,
    ):
        tell_incidents(client, given.incidents)
        wait_for(station, given.dogs, given.incidents)
        with operator_steps.chromium() as browser:
            figures = measured(operator_steps.operator_page(browser), station, given.seconds)
    return {"dogs": given.dogs, "rate_hz": RATE_HZ, "incidents": given.incidents, **figures, "bundle_kb": bundle_kb()}


def measured(page: Page, station: RunningStation, seconds: float) -> dict[str, float]:
    """Of a page that is opened anew, and then left to itself."""
    operator_steps.signed_in(page, station.url, PASSWORD)
    operator_steps.wait_map(page)  # a page that is left in the midst of its painting holds up the next
    page.add_init_script(WATCH)
    page.goto(station.url)
    page.wait_for_function("() => globalThis.firstDog", timeout=operator_steps.MAP_MS)
    first = page.evaluate("globalThis.firstDog") / 1000
    operator_steps.wait_map(page)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before, began = task_s(session), time.monotonic()
    fps = page.evaluate(COUNT_FRAMES, seconds * 1000)
    busy = (task_s(session) - before) / (time.monotonic() - began)
    return {"fps": round(fps, 1), "main_thread": round(busy, 2), "first_dog_s": round(first, 2)}


def task_s(session: Any) -> float:
    """Seconds for which the page's main thread has been at work."""
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


@contextmanager
def walking(station: RunningStation, dogs: int) -> Iterator[mqtt.Client]:
    """Dogs that say where they are five times a second, and their state once, until the block ends."""
    client, ended = bare_client(station.mqtt_port), threading.Event()
    map_id = read_site(SITE)[1].map_id
    addresses = [Address("xiaotian", f"dog{number:03}") for number in range(dogs)]

    def say(address: Address, topic: Topic, message: Any) -> None:
        client.publish(address.topic(topic), encode(message), TABLE[topic].qos, TABLE[topic].retain)

    def walk() -> None:
        for address in addresses:
            online = Connection(**head(address, 0), connection_state=ConnectionState.ONLINE)
            say(address, Topic.CONNECTION, online)
            fact = replace(factsheet(address, 0.0), **head(address, 0))
            say(address, Topic.FACTSHEET, fact)
        tick, began = 0, time.monotonic()
        while not ended.wait(max(0.0, began + tick / RATE_HZ - time.monotonic())):
            for number, address in enumerate(addresses):
                place, speed = where(number, dogs, time.monotonic() - began, map_id)
                seen = Visualization(**head(address, tick), agv_position=place, velocity=speed)
                say(address, Topic.VISUALIZATION, seen)
                if (tick + number) % RATE_HZ == 0:
                    say(address, Topic.STATE, state(address, tick, place, speed))
            tick += 1

    thread = threading.Thread(target=walk, daemon=True)
    thread.start()
    try:
        yield client
    finally:
        ended.set()
        thread.join()
        client.disconnect()
        client.loop_stop()


def where(number: int, dogs: int, now: float, map_id: str) -> tuple[AgvPosition, Velocity]:
    """Dog ``number`` on its circle."""
    radius = ROUND_M * (0.2 + 0.8 * ((number * 7) % dogs) / dogs)
    angle = number * 2.4 + now * SPEED / radius
    x, y = radius * math.cos(angle), radius * math.sin(angle)
    theta = math.atan2(math.cos(angle), -math.sin(angle))
    place = AgvPosition(x=x, y=y, theta=theta, map_id=map_id, position_initialized=True)
    return place, Velocity(vx=SPEED, vy=0.0, omega=SPEED / radius)


def state(address: Address, tick: int, place: AgvPosition, speed: Velocity) -> State:
    """Of a dog that walks without an order."""
    return State(
        **head(address, tick),
        order_id="",
        order_update_id=0,
        last_node_id="",
        last_node_sequence_id=0,
        driving=True,
        operating_mode=OperatingMode.AUTOMATIC,
        node_states=[],
        edge_states=[],
        action_states=[],
        battery_state=BatteryState(battery_charge=80.0, charging=False),
        errors=[],
        safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
        agv_position=place,
        velocity=speed,
    )


def tell_incidents(client: mqtt.Client, incidents: int) -> None:
    """So many, each of another visit."""
    address, map_id, now = Address("xiaotian", "dog000"), read_site(SITE)[1].map_id, time.time()
    for number in range(incidents):
        at = MapPoint(x=21.0 + number % 10, y=5.0 + number // 10 % 12, map_id=map_id, deviation=0.3)
        anomaly = Anomaly(
            **head(address, number),
            anomaly_id=uuid4(),
            kind=AnomalyKind.PERSON_IN_RESTRICTED_ZONE,
            observed_at=timestamp(now - APART_S * (incidents - number)),
            position=at,
            score=0.8,
            detector="bench",
            zone_id="armory_yard",
            track_id=number,
            evidence_ids=[],
        )
        client.publish(address.topic(Topic.ANOMALY), encode(anomaly), 1)


def wait_for(station: RunningStation, dogs: int, incidents: int) -> None:
    """Until the server knows them all; raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    with station.client() as client:
        while time.monotonic() < deadline:
            live = sum(dog["live"] for dog in client.get("/dogs").json())
            known = len(client.get(f"/incidents?status=OPEN&limit={MOST_ASKED}").json())
            if live >= dogs and known >= min(incidents, MOST_ASKED):
                return
            time.sleep(0.5)
    raise TimeoutError(f"{live} of {dogs} dogs are live, {known} incidents known")


def bundle_kb() -> int:
    """All scripts and styles, each compressed as a server would."""
    files = [file for file in (DIST / "assets").iterdir() if file.suffix in (".js", ".css")]
    return round(sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000)


def head(address: Address, number: int) -> dict[str, Any]:
    """A header of now."""
    return header(address, number, time.time())
