"""Anomalies a second of a thousand dogs, from publish through the broker to committed rows, told back by ``received``.

Beside it, in the same run, on the same broker and under the same load, the fastest bare way in (`_bare_ingest.py`),
which stores a row a message and nothing else. Load, broker and server share the computer. QoS 1 both ways. Every
anomaly makes an incident of its own, the dearest case. Then the same at half the rate that was reached, for the delay;
and with fewer and more dogs. ``cpu_us`` is the computer's time a message, which
others' load changes least. Options: `--messages N`, `--dogs 10 100 1000 5000`.
"""

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import uvloop

from bench._raw_mqtt import Connection, connect, publish
from bench._station_process import PATIENCE_S, Running, station
from protocol.anomaly import Anomaly, AnomalyKind, MapPoint
from protocol.codec import encode, header, timestamp
from protocol.topics import Address, Topic

MESSAGES, DOGS = 8000, 1000
CONNECTIONS, WINDOW = 8, 100
APART_S = 120.0  # beyond a visit, so that each anomaly makes an incident of its own
HALF_S = 8.0  # of load at half rate
TICK_S = 0.02
SILENT_S = 20.0  # without an answer: nothing more comes


@dataclass(frozen=True, slots=True)
class Load:
    """Messages, each with its topic and the id by which it is told back."""

    topics: list[bytes]
    payloads: list[bytes]
    ids: list[str]


def run(options: Sequence[str] = ()) -> dict[str, Any]:
    """Figures of one run."""
    parser = argparse.ArgumentParser(prog="bench ingest")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--dogs", type=int, nargs="*", default=[10, 100, 5000])
    given = parser.parse_args(options)
    with station() as here, tempfile.TemporaryDirectory() as folder:
        bare, bare_cpu = uvloop.run(_bare(here, given.messages, Path(folder) / "bare.db"))
        before = _cpu_s(here)
        ours = uvloop.run(_ours(here, _load(DOGS, given.messages), None))
        cpu = _cpu_s(here) - before
        rate = (given.messages - ours.not_told) / ours.took_s
        half = uvloop.run(_ours(here, _load(DOGS, round(rate / 2 * HALF_S)), rate / 2))
        grown = {dogs: uvloop.run(_ours(here, _load(dogs, given.messages // 2), None)) for dogs in given.dogs}
    return {
        "dogs": DOGS,
        "messages": given.messages,
        "stored_per_s": round(rate),
        "bare_stored_per_s": round(given.messages / bare),
        "ratio": round(rate * bare / given.messages, 3),
        "server_cpu_us": round(1e6 * cpu / given.messages),
        "bare_cpu_us": round(1e6 * bare_cpu / given.messages),
        "not_told_back": ours.not_told,
        "half_rate_per_s": round(rate / 2),
        "half_delay_p50_ms": half.delay_ms(0.5),
        "half_delay_p99_ms": half.delay_ms(0.99),
        "stored_per_s_by_dogs": {dogs: round(given.messages // 2 / told.took_s) for dogs, told in grown.items()},
    }


@dataclass(frozen=True, slots=True)
class Told:
    """How long all took (s), and each from its publish to its ``received``."""

    took_s: float
    delays: list[float]
    not_told: int  # a dog would say them again after two seconds; this load does not

    def delay_ms(self, share: float) -> float:
        """The delay within which this share came."""
        ordered = sorted(self.delays)
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


async def _bare(here: Running, count: int, path: Path) -> tuple[float, float]:
    """Seconds from the first publish until the bare pipeline has committed all, and of the computer's for it."""
    command = [sys.executable, "-m", "bench._bare_ingest", str(here.mqtt_port), "bench/#", str(path), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        load = _load(DOGS, count, prefix="bench")
        said = await _say_all(here.mqtt_port, load)
        await asyncio.to_thread(process.stdout.readline)
        began = time.perf_counter()
        for say in said:
            say()
        spent = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), PATIENCE_S)
        return time.perf_counter() - began, float(spent)


async def _ours(here: Running, load: Load, rate: float | None) -> Told:
    """Publish, at ``rate`` a second or as fast as it goes, until the last id was named in ``received``."""
    missing, at, delays = set(load.ids), {}, []

    def received(_topic: bytes, payload: memoryview, _number: int) -> None:
        numbers.append(_number)
        now = time.perf_counter()
        for each in json.loads(bytes(payload))["ids"]:
            if each in missing:
                missing.discard(each)
                delays.append(now - at.get(each, began))

    numbers: list[int] = []
    listener = await connect(here.mqtt_port, "bench-listener", heard=received)
    listener.subscribe("xiaotian/v2/+/+/received")
    await listener.ready
    said = await _say_all(here.mqtt_port, load, at, rate)
    began = time.perf_counter()
    for say in said:
        say()
    last, had = began, len(missing)
    while missing and time.perf_counter() - last < SILENT_S:
        await asyncio.sleep(TICK_S)
        taken, numbers[:] = list(numbers), []
        listener.acknowledge(taken)
        if len(missing) < had:
            last, had = time.perf_counter(), len(missing)
    took = last - began
    listener.transport.close()
    return Told(took, delays, len(missing))


async def _say_all(port: int, load: Load, at: dict[str, float] | None = None, rate: float | None = None) -> list[Any]:
    """What begins each connection's part; the connections are there, the packets made."""
    made = []
    for number in range(CONNECTIONS):
        mine = range(number, len(load.ids), CONNECTIONS)
        packets = [publish(load.topics[i], 1 + k % 60_000, load.payloads[i]) for k, i in enumerate(mine)]
        connection = await connect(port, f"bench-load-{uuid4().hex[:8]}", WINDOW)
        if rate is None:
            made.append(lambda c=connection, p=packets: c.say(p))
        else:
            ids = [load.ids[i] for i in mine]
            made.append(lambda c=connection, p=packets, i=ids: _paced(c, p, i, at, rate / CONNECTIONS))
    return made


def _paced(connection: Connection, packets: list[bytes], ids: list[str], at: Any, rate: float) -> None:
    async def go() -> None:
        began, sent = time.perf_counter(), 0
        while sent < len(packets):
            now = time.perf_counter()
            due = min(len(packets), int((now - began) * rate) + 1)
            at.update(dict.fromkeys(ids[sent:due], now))
            connection.say(packets[sent:due])
            sent = due
            await asyncio.sleep(0.002)

    task = asyncio.get_running_loop().create_task(go())
    _paces.append(task)


_paces: list[asyncio.Task[None]] = []  # a task that nobody holds may be gone before its end


def _cpu_s(here: Running) -> float:
    """Of the computer's time that the server has used."""
    token = {"Authorization": f"Bearer {(here.data / 'metrics_token').read_text().strip()}"}
    told = httpx.get(f"http://127.0.0.1:{here.port}/metrics", headers=token, timeout=30.0).text
    return next(float(line.split()[1]) for line in told.splitlines() if line.startswith("process_cpu_seconds_total "))


_months = itertools.count()  # each load has a month of its own, so that none joins another's incidents


def _load(dogs: int, count: int, prefix: str = "xiaotian") -> Load:
    now, ids = time.time() - next(_months) * 30 * 86_400.0, [uuid4() for _ in range(count)]
    addresses = [Address("bench", f"dog{number}", prefix) for number in range(dogs)]
    whose = [addresses[number % dogs] for number in range(count)]
    topics = [address.topic(Topic.ANOMALY).encode() for address in whose]
    payloads = [encode(_anomaly(a, i, now - n * APART_S, n)) for n, (a, i) in enumerate(zip(whose, ids, strict=True))]
    return Load(topics, payloads, [str(each) for each in ids])


def _anomaly(address: Address, anomaly_id: Any, seconds: float, number: int) -> Anomaly:
    return Anomaly(
        **header(address, number, time.time()),
        anomaly_id=anomaly_id,
        kind=AnomalyKind.PERSON_IN_RESTRICTED_ZONE,
        observed_at=timestamp(seconds),
        position=MapPoint(x=1.0, y=2.0, map_id="yard"),
        score=0.9,
        detector="bench",
        zone_id="armory_yard",
        track_id=number,
    )
