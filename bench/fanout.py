"""A hundred consoles watch two hundred dogs that tell their place five times a second: what that costs, and how late.

Each console is a WebSocket that reads all it is told. ``core_share`` is the server's own time (all its threads, the way
in from the broker included) by the clock on the wall; ``delay`` is from a dog's publish to a console's socket. Then the
same with consoles beside them that never read: what the others have of it. Load, broker, consoles and server share the
computer. Options: `--viewers N`, `--dogs N`, `--hz N`, `--seconds N`.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import psutil
from paho.mqtt.enums import CallbackAPIVersion
from websockets.asyncio.client import connect

from bench._station_process import Running, station
from protocol.codec import encode, header
from protocol.connection import Connection, ConnectionState
from protocol.state import AgvPosition
from protocol.topics import Address, Topic
from protocol.visualization import Visualization

PASSWORD = "a-bench-of-the-gate"
VIEWERS, DOGS, HZ, SECONDS = 100, 200, 5.0, 15.0
SLOW = 5  # consoles that never read
SETTLE_S = 3.0
KNOWN_S = 60.0


def run(options: Sequence[str] = ()) -> dict[str, Any]:
    """Figures of one run."""
    parser = argparse.ArgumentParser(prog="bench fanout")
    parser.add_argument("--viewers", type=int, default=VIEWERS)
    parser.add_argument("--dogs", type=int, default=DOGS)
    parser.add_argument("--hz", type=float, default=HZ)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--watch", nargs=3, help=argparse.SUPPRESS)  # url, cookie, slow ones: the consoles' process
    given = parser.parse_args(options)
    if given.watch:
        url, cookie, slow = given.watch
        asyncio.run(_watch(url, cookie, given.viewers, int(slow), given.seconds))
        return {}
    with station(PASSWORD) as here, _walking(here, given.dogs, given.hz):
        cookie = _signed_in(here, given.dogs)
        alone = _watched(here, cookie, given, 0)
        beside = _watched(here, cookie, given, SLOW)
    return {
        "viewers": given.viewers,
        "dogs": given.dogs,
        "hz": given.hz,
        **alone,
        **{f"beside_{SLOW}_that_never_read_{name}": value for name, value in beside.items()},
        "load": round(os.getloadavg()[0], 1),
    }


def _watched(here: Running, cookie: str, given: argparse.Namespace, slow: int) -> dict[str, float]:
    server = psutil.Process(_pid_of(here.port))
    command = [
        sys.executable,
        "-m",
        "bench",
        "fanout",
        "--viewers",
        str(given.viewers),
        "--seconds",
        str(given.seconds),
    ]
    with subprocess.Popen(
        [*command, "--watch", f"ws://127.0.0.1:{here.port}/api/v1/live", cookie, str(slow)],
        stdout=subprocess.PIPE,
        text=True,
    ) as viewers:
        assert viewers.stdout is not None
        viewers.stdout.readline()  # all are there
        before, began, peak = _cpu_s(server), time.monotonic(), 0
        while viewers.poll() is None and time.monotonic() - began < given.seconds:
            peak = max(peak, server.memory_info().rss)
            time.sleep(0.2)
        spent = (_cpu_s(server) - before) / (time.monotonic() - began)
        told = json.loads(viewers.stdout.readline())
        viewers.stdout.read()
    return {"core_share": round(spent, 3), "memory_mb": round(peak / 1e6), **told}


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _pid_of(port: int) -> int:
    mine = psutil.Process()
    for child in mine.children():
        if f"{port}" in child.cmdline():
            return child.pid
    raise AssertionError("there is no server")


def _signed_in(here: Running, dogs: int) -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{here.port}/api/v1", trust_env=False, timeout=30.0) as client:
        client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
        deadline = time.monotonic() + KNOWN_S
        while sum(dog["position"] is not None for dog in client.get("/dogs").json()) < dogs:
            assert time.monotonic() < deadline, "the dogs are not known"
            time.sleep(0.2)
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


@contextmanager
def _walking(here: Running, dogs: int, hz: float) -> Any:
    """Dogs that tell their place; ``x`` is when, in seconds of this computer's steady clock."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.connect("127.0.0.1", here.mqtt_port)
    client.loop_start()
    addresses = [Address("bench", f"dog{number}") for number in range(dogs)]
    for address in addresses:
        online = Connection(**header(address, 0, time.time()), connection_state=ConnectionState.ONLINE)
        client.publish(address.topic(Topic.CONNECTION), encode(online), 1, retain=True)
    ending = threading.Event()

    def walk() -> None:
        due, number = time.monotonic(), 0
        while not ending.is_set():
            address = addresses[number % dogs]
            place = AgvPosition(x=time.monotonic(), y=1.0, theta=0.1, map_id="yard", position_initialized=True)
            said = Visualization(**header(address, number, time.time()), agv_position=place)
            client.publish(address.topic(Topic.VISUALIZATION), encode(said), 0)
            number, due = number + 1, due + 1.0 / (hz * dogs)
            if due > time.monotonic():
                ending.wait(due - time.monotonic())

    thread = threading.Thread(target=walk, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        client.disconnect()
        client.loop_stop()


async def _watch(url: str, cookie: str, viewers: int, slow: int, seconds: float) -> None:
    """Open all consoles, say so in a line, read for so long, and say in another what was seen."""
    delays: list[float] = []
    told = [0, 0]
    headers = {"Cookie": cookie}
    live = [await connect(url, additional_headers=headers, max_size=None, proxy=None) for _ in range(viewers)]
    deaf = [await connect(url, additional_headers=headers, max_size=None, proxy=None, max_queue=1) for _ in range(slow)]

    async def read(number: int) -> None:
        async for text in live[number]:
            now = time.monotonic()
            told[0] += 1
            told[1] += len(text)
            if number % 10 == 0:  # to take all apart would cost more than the server
                message = json.loads(text)
                if message["type"] in ("dogs", "places"):
                    delays.extend(now - dog["position"]["x"] for dog in message["data"] if dog["position"])

    readers = [asyncio.create_task(read(number)) for number in range(viewers)]
    await asyncio.sleep(SETTLE_S)
    delays.clear()
    told[:] = [0, 0]
    sys.stdout.write("all are there\n")
    sys.stdout.flush()
    await asyncio.sleep(seconds)
    gone = sum(task.done() for task in readers)
    ordered = sorted(delays)
    said = {
        "delay_p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
        "delay_p99_ms": round(1000 * ordered[int(0.99 * len(ordered))], 1),
        "messages_per_s": round(told[0] / seconds),
        "mb_per_s": round(told[1] / seconds / 1e6, 2),
        "dropped": gone,
    }
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    for task in readers:
        task.cancel()
    for socket in (*live, *deaf):
        socket.transport.abort()
