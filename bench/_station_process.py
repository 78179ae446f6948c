"""A station in a process of its own, with its own broker, for benchmarks; and bare clients on that broker."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from xiaotian.local_stack import free_port

WINDOW = 100  # messages on their way at once
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Running:
    """Where it is reached, and where it keeps its data."""

    port: int
    mqtt_port: int
    data: Path


@contextmanager
def station(admin_password: str | None = None) -> Iterator[Running]:
    """A station that is connected to its broker."""
    with tempfile.TemporaryDirectory() as folder:
        here = Running(free_port(), free_port(), Path(folder) / "station")
        command = [sys.executable, "-m", "xiaotian.cli", "server", "--port", str(here.port)]
        command += ["--mqtt-port", str(here.mqtt_port), "--data-dir", str(here.data)]
        with (Path(folder) / "log").open("wb") as log:
            said = {} if admin_password is None else {"XIAOTIAN_ADMIN_PASSWORD": admin_password}
            server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | said)
        try:
            _wait_for(here.port)
            yield here
        finally:
            server.terminate()
            server.wait(15)


def bare_client(port: int, topic: str = "", on_message: Any = None) -> mqtt.Client:
    """A paho client that is connected, and has subscribed to ``topic``."""
    ready = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.max_inflight_messages_set(WINDOW)
    client.on_message = on_message
    client.on_connect = lambda c, *_: c.subscribe(topic, 1) if topic else ready.set()
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    ready.wait(PATIENCE_S)
    return client


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/v1/health").json()["broker"] == "connected":
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the server did not start")
