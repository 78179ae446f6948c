"""A storm of nonsense over a real broker, with a real server and a dog's link beside it, each a process of its own."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.answers import broker_of
from tests.broker import broker
from tests.fleet_server.world import PASSWORD, eventually, write_site
from tests.hostile.messages import Hostile, hostile, packets
from xiaotian.local_stack import free_port

ROOT = Path(__file__).parents[2]
CONNECT = b"\x10\x12\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x05" + b"rawXX"  # MQTT 5, a clean start
MOST_IN_FLIGHT = 20
RAW_EVERY = 10  # messages: then one packet that is no MQTT


@contextmanager
def iotcore(folder: Path) -> Iterator[int]:
    """The embedded broker's kind, MQTT 5."""
    with broker(folder) as running:
        yield running.port


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """Mosquitto, open to everybody; skips where it is absent."""
    binary = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if binary is None:
        pytest.skip("needs Mosquitto (Debian: mosquitto)")
    port = free_port()
    written = folder / "mosquitto.conf"
    written.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_packet_size 2200000\n")
    process = subprocess.Popen([binary, "-c", str(written)], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        process.wait(10)


BROKERS = {"iotcore": iotcore, "mosquitto": mosquitto}


@dataclass
class Report:
    """What came of it. ``health`` are the answers that were not well, ``dog`` what the dog told at its end."""

    sent: int = 0
    health: list[str] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)
    dog: dict[str, Any] = field(default_factory=dict)
    dogs_shown: int = 0
    log_bytes: int = 0
    server_mb: float = 0.0
    dog_mb: float = 0.0
    seconds: float = 0.0


def storm(folder: Path, kind: str, seed: int, messages: int) -> Report:
    """Throw ``messages`` at a station and a dog, and watch both."""
    report, begun = Report(), time.monotonic()
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(BROKERS[kind](folder))
        _throw(port, hostile(seed), messages // 5, report)  # what is retained of it lies there when the others come
        url, server, dog = stack.enter_context(_running(folder, port))
        watching = threading.Event()
        watcher = threading.Thread(target=_watch, args=(url, watching, report), daemon=True)
        watcher.start()
        _throw(port, hostile(seed + 1), messages, report)
        _throw_packets(port, seed, messages // RAW_EVERY)
        assert dog.poll() is None, "the dog's process has ended"
        assert server.poll() is None, "the server's process has ended"
        report.server_mb, report.dog_mb = (psutil.Process(p.pid).memory_info().rss / 1e6 for p in (server, dog))
        told, _ = dog.communicate("end\n", timeout=60)
        report.dog = json.loads(told)
        watching.set()
        watcher.join(10)
        report.last = httpx.get(f"{url}/health", trust_env=False).json()
        with httpx.Client(base_url=url, trust_env=False) as client:
            client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
            report.dogs_shown = len(client.get("/dogs").raise_for_status().json())
    report.log_bytes = (folder / "server.log").stat().st_size
    report.seconds = time.monotonic() - begun
    return report


@contextmanager
def _running(folder: Path, port: int) -> Iterator[tuple[str, subprocess.Popen[str], subprocess.Popen[str]]]:
    http = free_port()
    site = write_site(folder / "yard")
    command = [sys.executable, "-m", "xiaotian.cli", "server", "--broker", "external", "--mqtt-port", str(port)]
    command += ["--port", str(http), "--data-dir", str(folder / "station"), "--site", str(site)]
    url = f"http://127.0.0.1:{http}/api/v1"
    processes: list[subprocess.Popen[str]] = []
    with (folder / "server.log").open("w") as log, (folder / "dog.log").open("w") as dog_log:
        try:
            environment = os.environ | {"XIAOTIAN_ADMIN_PASSWORD": PASSWORD}
            processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, text=True))
            dog = [sys.executable, "-m", "tests.hostile.dog", str(port), str(folder / "dog")]
            pipe = subprocess.PIPE
            processes.append(subprocess.Popen(dog, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=dog_log, text=True))
            eventually(lambda: broker_of(url, timeout_s=5.0) == "connected", 60.0)
            yield url, processes[0], processes[1]
        finally:
            for process in processes:
                if process.poll() is None:
                    process.terminate()
                process.wait(15)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _watch(url: str, ended: threading.Event, report: Report) -> None:
    with httpx.Client(trust_env=False, timeout=5.0) as client:
        while not ended.wait(0.25):
            try:
                told = client.get(f"{url}/health").json()
            except (httpx.HTTPError, ValueError) as error:
                report.health.append(repr(error))
                continue
            if (told["status"], told["broker"]) != ("ok", "connected"):
                report.health.append(json.dumps(told))


class _Stranger(mqtt.Client):
    """Publishes until it is thrown out."""

    def __init__(self, port: int) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, reconnect_on_failure=False)
        self.max_inflight_messages_set(MOST_IN_FLIGHT)
        self.on_socket_open = _no_delay
        self.connect("127.0.0.1", port)
        self.loop_start()
        _soon(self.is_connected)

    def throw(self, message: Hostile) -> None:
        """Publish, and wait until it is with the broker, or the broker has had enough."""
        beside = Properties(PacketTypes.PUBLISH)
        if message.properties:
            beside.UserProperty = list(message.properties)
        said = self.publish(message.topic, message.payload, message.qos, message.retain, beside)
        if said.rc == mqtt.MQTT_ERR_SUCCESS:
            _soon(lambda: self.is_out or said.is_published())

    @property
    def is_out(self) -> bool:
        """Whether the broker has ended the connection."""
        return self.socket() is None


def _throw(port: int, coming: Iterator[Hostile], count: int, report: Report) -> None:
    """A stranger that the broker throws out is followed by another."""
    stranger = _Stranger(port)
    for message in islice(coming, count):
        if stranger.is_out:
            stranger = _Stranger(port)
        try:
            stranger.throw(message)
        except (ValueError, UnicodeError):  # what not even the client will send
            continue
        report.sent += 1
    stranger.disconnect()


def _throw_packets(port: int, seed: int, count: int) -> None:
    """Each on a connection of its own: the broker ends it."""
    for packet in islice(packets(seed), count):
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.settimeout(0.05)
            try:
                raw.sendall(CONNECT)
                raw.recv(100)
                raw.sendall(packet)
                raw.recv(100)
            except (TimeoutError, ConnectionError):
                continue


def _no_delay(_client: Any, _data: Any, opened: socket.socket) -> None:
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _soon(holds: Callable[[], bool], patience_s: float = 2.0) -> bool:
    end = time.monotonic() + patience_s
    while not holds() and time.monotonic() < end:
        time.sleep(0.002)
    return holds()
