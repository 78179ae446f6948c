"""The dog's link: rows a second in and out of the outbox, a backlog's recovery, and the delay from dog to stored.

The delay is from the call that keeps an anomaly (on the dog's disk first) until a listener on the broker hears that
the station has stored it, of anomalies without and with a picture. Beside it, in the same run and on the same broker,
the same payload from a bare paho publisher to a bare paho subscriber, which keep nothing; and a bare commit of SQLite
on the same disk, one of which no way to "stored" can do without.
"""

import json
import random
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

from bench._station_process import PATIENCE_S, Running, bare_client, station
from edge.link.outbox import Outbox
from edge.link.outbox_rows import Place, Sighting, anomaly_row
from edge.link.whole_link import Reach, WholeLink, open_link
from protocol.topics import Address, Topic

ROWS = 2000
BACKLOG = 10_000
SAMPLES = 300
PICTURE = 60_000  # bytes
STEP_S = 0.1  # as the node's timer
APART_S = 120.0  # beyond a visit, so that each anomaly makes an incident of its own: the dearest case
ADDRESS = Address("xiaotian", "bench")


def run() -> dict[str, Any]:
    """Figures of one run."""
    with tempfile.TemporaryDirectory() as folder:
        inserts, drains = _outbox(Path(folder) / "alone")
        with station() as here:
            recovery = _recovery(Path(folder) / "backlog", here)
            bare = _bare(here)
            stored = _delays(Path(folder) / "delay", here)
            pictured = _delays(Path(folder) / "pictured", here, random.Random(2).randbytes(PICTURE))
        commits = _commits(Path(folder) / "bare.db")
    return {
        "inserts_per_s": round(inserts),
        "drains_per_s": round(drains),
        "backlog": BACKLOG,
        "recovery_s": round(recovery, 1),
        "recovered_per_s": round(BACKLOG / recovery),
        "stored_p50_ms": _ms(stored, 0.5),
        "stored_p99_ms": _ms(stored, 0.99),
        "pictured_p50_ms": _ms(pictured, 0.5),
        "pictured_p99_ms": _ms(pictured, 0.99),
        "bare_commit_p50_ms": _ms(commits, 0.5),
        "bare_commit_p99_ms": _ms(commits, 0.99),
        "bare_paho_p50_ms": _ms(bare, 0.5),
        "bare_paho_p99_ms": _ms(bare, 0.99),
        "ratio_p50": round(_ms(stored, 0.5) / _ms(bare, 0.5), 1),
    }


def _outbox(folder: Path) -> tuple[float, float]:
    """Rows a second: kept one by one, each safe from a power cut; then sent and received, as steps do it."""
    outbox = Outbox(folder)
    rows = [anomaly_row(ADDRESS, _sighting(n), [], time.time()) for n in range(ROWS)]
    began = time.perf_counter()
    for row in rows:
        outbox.put([row])
    kept = time.perf_counter()
    while len(outbox):
        due = outbox.due(0.0, 100)
        for row in due:
            outbox.sent(row.id, 0.0)
        outbox.received(row.id for row in due)
    ended = time.perf_counter()
    outbox.close()
    return ROWS / (kept - began), ROWS / (ended - kept)


def _recovery(folder: Path, here: Running) -> float:
    """Seconds from the dog's start with a backlog until its outbox is empty: all is stored, and it knows."""
    outbox = Outbox(folder)
    outbox.put([anomaly_row(ADDRESS, _sighting(n), [], time.time()) for n in range(BACKLOG)])
    outbox.close()
    line = _line(folder, here)
    began = time.perf_counter()
    line.start()
    _step_until(line, lambda: not len(line.link.outbox))
    took = time.perf_counter() - began
    line.stop(time.time())
    return took


def _delays(folder: Path, here: Running, picture: bytes = b"") -> list[float]:
    stored: dict[str, float] = {}

    def received(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        at = time.perf_counter()
        stored.update(dict.fromkeys(json.loads(message.payload)["ids"], at))

    listener = bare_client(here.mqtt_port, ADDRESS.topic(Topic.RECEIVED), received)
    line, chance, delays = _line(folder, here), random.Random(1), []
    line.start()
    _step_until(line, lambda: line.link.connected)
    for number in range(SAMPLES):
        seen = _sighting(BACKLOG + number, picture)
        began = time.perf_counter()
        line.tell_anomaly(seen, str(uuid.uuid4()), None, time.monotonic(), time.time())
        _step_until(line, lambda key=seen.anomaly_id: key in stored)  # type: ignore[misc]
        delays.append(stored[seen.anomaly_id] - began)
        time.sleep(chance.uniform(0.0, 0.02))
    line.stop(time.time())
    _end(listener)
    return delays


def _bare(here: Running) -> list[float]:
    came, at = threading.Event(), [0.0]

    def arrived(*_: object) -> None:
        at[0] = time.perf_counter()
        came.set()

    listener, publisher = bare_client(here.mqtt_port, "bench/bare", arrived), bare_client(here.mqtt_port)
    chance, delays = random.Random(1), []
    for number in range(SAMPLES):
        payload = anomaly_row(ADDRESS, _sighting(number), [], time.time()).body
        came.clear()
        began = time.perf_counter()
        publisher.publish("bench/bare", payload, 1)
        came.wait(PATIENCE_S)
        delays.append(at[0] - began)
        time.sleep(chance.uniform(0.0, 0.02))
    _end(listener, publisher)
    return delays


def _commits(path: Path) -> list[float]:
    base, delays, body = sqlite3.connect(path), [], b"x" * 500
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        base.execute(f"PRAGMA {pragma}")
    base.execute("CREATE TABLE rows (body BLOB)")
    for _ in range(SAMPLES):
        began = time.perf_counter()
        with base:
            base.execute("INSERT INTO rows VALUES (?)", (body,))
        delays.append(time.perf_counter() - began)
        time.sleep(0.01)
    base.close()
    return delays


def _line(folder: Path, here: Running) -> WholeLink:
    reach = Reach("127.0.0.1", here.mqtt_port, f"http://127.0.0.1:{here.port}", here.data / "robot_token")
    return open_link(ADDRESS, folder, reach, time.time())


def _step_until(line: WholeLink, holds: Callable[[], bool]) -> None:
    """Step as the node does, and look for the end more often."""
    end, due = time.monotonic() + PATIENCE_S, 0.0
    while not holds():
        now = time.monotonic()
        if now > end:
            raise TimeoutError(f"not done in {PATIENCE_S:.0f} s; {len(line.link.outbox)} rows wait")
        if now >= due:
            line.step(None, now, time.time())
            due = now + STEP_S
        time.sleep(0.002)


def _end(*clients: mqtt.Client) -> None:
    for client in clients:
        client.disconnect()
        client.loop_stop()


def _sighting(number: int, picture: bytes = b"") -> Sighting:
    return Sighting(
        anomaly_id=str(uuid.uuid4()),
        kind="PERSON_IN_RESTRICTED_ZONE",
        observed_at=time.time() - number * APART_S,
        place=Place(1.0, 2.0, "yard", 0.5),
        score=0.9,
        detector="bench",
        zone_id="armory_yard",
        track_id=number,
        order_id="",
        picture=picture,
    )


def _ms(delays: list[float], share: float) -> float:
    ordered = sorted(delays)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
