"""A dog's camera, live: from glass to glass, and what it costs the dog and the server, with nobody, 1 and 5 who watch.

A real server, and a dog's perception in a process of its own (ten pictures of 640 x 480 a second, the detector that is
found here), which paints the time into each picture before it is looked at, masked and encoded. ``websocket`` and
``webrtc``: Chromium with the console's own code reads that stamp in what it shows. ``one`` and ``five``: viewers that
only decode what comes by WebSocket, by the time that came with it; their reference of the same run is a bare relay of
websockets: messages of the same sizes, without tokens, checks and acknowledgements. ``--browser`` leaves them out.
"""

import argparse
import contextlib
import json
import multiprocessing
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import av
import httpx
import psutil
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from bench._camera_browser import camera_page, watch, ways
from bench._station_process import PATIENCE_S, Running, bare_client, station
from edge.mission.factsheet import factsheet
from protocol.camera_stream import START_STREAM, VideoFrame, unpack
from protocol.codec import encode, header
from protocol.connection import Connection, ConnectionState
from protocol.topics import Address, Topic
from xiaotian.local_stack import free_port

PHASE_S, SETTLE_S = 15.0, 4.0
DOG = Address("xiaotian", "bench")
PASSWORD = "a-benchmark-of-the-camera"


def run(options: Sequence[str] = ()) -> dict[str, Any]:
    """Milliseconds and percent of a core."""
    parser = argparse.ArgumentParser("bench live")
    parser.add_argument("--browser", action="store_true")
    asked = parser.parse_args(options)
    with station(admin_password=PASSWORD) as here, _dog(here) as dog:
        server = _process_of(here.port)
        operator = httpx.Client(base_url=f"http://127.0.0.1:{here.port}/api/v1")
        operator.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
        _until(lambda: any(each["live"] and each["cameraStream"] for each in operator.get("/dogs").json()))
        figures: dict[str, Any] = {"nobody": _phase(here, operator, 0, dog, server)}
        base = f"http://127.0.0.1:{here.port}"
        for by in ("websocket", "webrtc"):
            figures[by] = {n: _shown(base, operator, n, by, dog, server) for n in (1, 5)}
        if asked.browser:
            return {"picture": "640x480, 10/s", **figures}
        figures["one"] = _phase(here, operator, 1, dog, server)
        figures["five"] = _phase(here, operator, 5, dog, server)
    figures["bare_relay_five"] = _bare(figures["five"].pop("sizes"))
    figures["one"].pop("sizes")
    ours = figures["five"]["server_cpu_pct"] - figures["nobody"]["server_cpu_pct"]
    bare = figures["bare_relay_five"]["server_cpu_pct"]
    return {"picture": "640x480, 10/s", **figures, "relay_cpu_to_bare": round(ours / bare, 2) if bare else None}


def _phase(here: Running, operator: httpx.Client, viewers: int, *processes: psutil.Process) -> dict[str, Any]:
    ages: list[float] = []
    frames: list[VideoFrame] = []
    firsts: list[float] = []
    with contextlib.ExitStack() as stack:
        for n in range(viewers):
            stack.enter_context(_viewer(here, operator, ages, frames if n == 0 else [], firsts))
        time.sleep(SETTLE_S)
        ages.clear()
        frames.clear()
        before = [_cpu(process) for process in processes]
        time.sleep(PHASE_S)
        spent = [_cpu(process) - was for process, was in zip(processes, before, strict=True)]
        dog, server = (round(100 * each / PHASE_S, 1) for each in spent)
        told = {"dog_cpu_pct": dog, "server_cpu_pct": server}
        if not viewers:
            return told
        taken = sorted(ages)
        sizes = [len(frame.data) for frame in frames]
        return {
            "glass_to_glass_ms": round(1000 * statistics.median(taken), 1),
            "p90_ms": round(1000 * taken[int(0.9 * len(taken))], 1),
            "first_picture_ms": round(1000 * firsts[0], 1),
            "fps": round(len(frames) / PHASE_S, 2),
            "kbps": round(8 * sum(sizes) / PHASE_S / 1000, 1),
            **told,
            "sizes": sizes,
        }


def _shown(base: str, operator: httpx.Client, viewers: int, by: str, *processes: psutil.Process) -> dict[str, Any]:
    """What Chromium shows, each of ``viewers`` with a view of its own."""
    with camera_page(base, operator.cookies, webrtc=by == "webrtc") as page:
        watch(page, DOG.serial_number, viewers, by)
        page.wait_for_timeout(1000 * SETTLE_S)
        page.evaluate("ages.length = unread.count = 0")
        before = [_cpu(process) for process in processes]
        page.wait_for_timeout(1000 * PHASE_S)
        dog, server = (
            round(100 * (_cpu(process) - was) / PHASE_S, 1) for process, was in zip(processes, before, strict=True)
        )
        ages, unread, firsts = sorted(page.evaluate("ages")), page.evaluate("unread.count"), page.evaluate("firsts")
        return {
            "glass_to_glass_ms": {f"p{p}": ages[int(p / 100 * len(ages))] for p in (50, 95)} if ages else None,
            "first_picture_ms": round(firsts["any"]),
            "first_by_webrtc_ms": round(firsts["webrtc"]) if "webrtc" in firsts else None,
            "fps": round((len(ages) + unread) / PHASE_S / viewers, 2),
            "unread": unread,
            "dog_cpu_pct": dog,
            "server_cpu_pct": server,
            "fell_back": sum(each != by for each in ways(page)),
        }


@contextmanager
def _viewer(
    here: Running, operator: httpx.Client, ages: list[float], frames: list[VideoFrame], firsts: list[float]
) -> Iterator[None]:
    asked = time.monotonic()
    view = operator.post(f"/dogs/{DOG.serial_number}/camera-views", json={"reason": "benchmark"})
    view.raise_for_status()
    cookie = "; ".join(f"{name}={value}" for name, value in operator.cookies.items())
    url = f"ws://127.0.0.1:{here.port}/api/v1/camera-views/{view.json()['viewId']}"
    with connect(url, additional_headers={"Cookie": cookie}, proxy=None) as socket:

        def watch() -> None:
            decoder = av.CodecContext.create("h264", "r")
            assert isinstance(decoder, av.VideoCodecContext)
            decoder.options = {"flags": "low_delay"}
            with contextlib.suppress(Exception):
                while True:
                    message = socket.recv()
                    if isinstance(message, str):
                        continue
                    frame = unpack(message)
                    decoder.decode(av.Packet(frame.data))
                    if not firsts:
                        firsts.append(time.monotonic() - asked)
                    ages.append(time.time() - frame.captured_at)
                    frames.append(frame)

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        yield
    watching.join(5)


@contextmanager
def _dog(here: Running) -> Iterator[psutil.Process]:
    """The dog's process; what it is asked on the wire is handed to it."""
    command = [
        sys.executable,
        "-m",
        "bench._camera_dog",
        f"http://127.0.0.1:{here.port}",
        str(here.data / "robot_token"),
    ]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
    assert child.stdin is not None
    orders = child.stdin

    def hear(client: Any, _data: Any, message: Any) -> None:
        client.publish(DOG.topic(Topic.CONNECTION), _online(), 1, retain=True)  # it is live while it speaks
        for action in json.loads(message.payload)["actions"]:
            if action["actionType"] == START_STREAM:
                orders.write(json.dumps([action["actionId"], action["actionParameters"][0]["value"]]) + "\n")
                orders.flush()

    client = bare_client(here.mqtt_port, DOG.topic(Topic.INSTANT_ACTIONS), hear)
    client.publish(DOG.topic(Topic.CONNECTION), _online(), 1, retain=True)
    client.publish(DOG.topic(Topic.FACTSHEET), encode(factsheet(DOG, time.time())), 1)
    try:
        yield psutil.Process(child.pid)
    finally:
        client.disconnect()
        client.loop_stop()
        orders.close()
        child.wait(15)


def _online() -> bytes:
    return encode(Connection(**header(DOG, 0, time.time()), connection_state=ConnectionState.ONLINE))


def _bare(sizes: list[int]) -> dict[str, float]:
    """The same sizes, at the same pace, through a relay of a dozen lines in a process of its own."""
    port = free_port()
    relay = multiprocessing.get_context("spawn").Process(target=_relay, args=(port,), daemon=True)
    relay.start()
    ages: list[float] = []
    with contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(_connected(f"ws://127.0.0.1:{port}/watch")) for _ in range(5)]
        for viewer in viewers:
            threading.Thread(target=_listen, args=(viewer, ages), daemon=True).start()
        dog = stack.enter_context(_connected(f"ws://127.0.0.1:{port}/publish"))
        process = psutil.Process(relay.pid)
        before, began = _cpu(process), time.monotonic()
        for size in sizes:
            dog.send(f"{time.monotonic():020.6f}".encode() + b"x" * size)
            time.sleep(PHASE_S / len(sizes))
        spent = (_cpu(process) - before) / (time.monotonic() - began)
    relay.terminate()
    relay.join(5)
    return {"on_the_way_ms": round(1000 * statistics.median(ages), 1), "server_cpu_pct": round(100 * spent, 1)}


def _relay(port: int) -> None:
    watching: list[ServerConnection] = []

    def handle(socket: ServerConnection) -> None:
        if socket.request is not None and socket.request.path == "/watch":
            watching.append(socket)
            with contextlib.suppress(ConnectionClosed):
                socket.recv()
            return
        for message in socket:
            for viewer in watching:
                viewer.send(message)

    with serve(handle, "127.0.0.1", port) as server:
        server.serve_forever()


def _listen(socket: Any, ages: list[float]) -> None:
    with contextlib.suppress(Exception):
        while True:
            message = socket.recv()
            ages.append(time.monotonic() - float(message[:20]))


def _connected(url: str) -> Any:
    made: list[Any] = []

    def attempt() -> bool:
        with contextlib.suppress(OSError):
            made.append(connect(url, proxy=None))
        return bool(made)

    _until(attempt)
    return made[0]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _process_of(port: int) -> psutil.Process:
    """Who listens there; its broker is a child of its own, and not counted."""
    listening = (c for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port and c.status == "LISTEN")
    return psutil.Process(next(listening).pid)


def _until(found: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError("the station and its dog did not find each other")
        time.sleep(0.05)
