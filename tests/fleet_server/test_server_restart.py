"""The server as a process of its own, killed without warning and started again: it goes on watching what it sent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.broker import TestBroker
from tests.fleet_server import world
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, PASSWORD, eventually, write_site
from xiaotian.local_stack import free_port

READY_S = 60.0


class Server:
    """A fleet server; ``kill`` is a power cut."""

    def __init__(self, folder: Path, mqtt_port: int) -> None:
        self.port = free_port()
        options = {
            "--port": self.port,
            "--data-dir": folder / "station",
            "--site": write_site(folder / "yard"),
            "--broker": "external",
            "--mqtt-port": mqtt_port,
        }
        self.database = world.database_for(folder)
        self._command = [sys.executable, "-m", "xiaotian.cli", "server"]
        self._command += [str(word) for option in options.items() for word in option]
        self._log = folder / "server.log"
        self.start()

    def start(self) -> None:
        given = {**os.environ, "XIAOTIAN_ADMIN_PASSWORD": PASSWORD, "PYTHONUNBUFFERED": "1"}
        if self.database is not None:
            given["XIAOTIAN_DATABASE"] = self.database
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=given, stdout=log, stderr=log)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}{API}", trust_env=False)
        eventually(self._signed_in, READY_S)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.client.close()

    def get(self, path: str) -> Any:
        return self.client.get(path).json()

    def status(self, patrol: dict[str, Any]) -> str:
        said: str = self.get(f"/patrols/{patrol['patrolId']}")["status"]
        return said

    def _signed_in(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        try:
            answer = self.client.post("/session", json={"username": "admin", "password": PASSWORD})
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and self.get("/health")["broker"] == "connected"


@contextmanager
def served(folder: Path, mqtt_port: int) -> Iterator[Server]:
    made = Server(folder, mqtt_port)
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
def server(mqtt: TestBroker, tmp_path: Path) -> Iterator[Server]:
    with served(tmp_path, mqtt.port) as made:
        yield made


def test_a_server_that_was_killed_goes_on_watching_orders_and_cancellations(server: Server, mqtt: TestBroker) -> None:
    with Dog(mqtt.port, "walker") as walker, Dog(mqtt.port, "called") as called, Dog(mqtt.port, "deaf") as deaf:
        dogs = {"walker": walker, "called": called, "deaf": deaf}
        for dog in dogs.values():
            dog.online()
        eventually(lambda: sum(bool(d["live"] and d["position"]) for d in server.get("/dogs")) == 3)
        patrols = {name: assign(server, name) for name in dogs}
        orders = {name: dog.hear("order") for name, dog in dogs.items()}
        for name in ("walker", "called"):
            dogs[name].state(orders[name], last=2, actions="FINISHED")
        eventually(lambda: {server.status(patrols[n]) for n in ("walker", "called")} == {"ACTIVE"})
        server.client.post(f"/patrols/{patrols['called']['patrolId']}/cancel")
        action = called.hear("instantActions")["actions"][0]

        server.kill()
        time_of_kill = time.time()
        walker.state(orders["walker"], last=6, actions="FINISHED")  # nobody hears it
        server.start()

        assert [server.status(patrols[n]) for n in ("walker", "called", "deaf")] == ["ACTIVE", "ACTIVE", "SENT"]
        for dog in dogs.values():
            dog.say("connection", retain=True, connectionState="ONLINE")
        walker.state(orders["walker"], last=6, actions="FINISHED")
        eventually(lambda: server.status(patrols["walker"]) == "COMPLETED")
        called.state(orders["called"], last=2, actions="FINISHED")
        again = called.hear("instantActions")["actions"][0]
        assert (again["actionType"], again["actionId"]) == ("cancelOrder", action["actionId"])
        done = {"actionId": action["actionId"], "actionType": "cancelOrder", "actionStatus": "FINISHED"}
        called.state(orders["called"], last=2, nodeStates=[], actionStates=[done])
        eventually(lambda: server.status(patrols["called"]) == "CANCELED")
        deaf.state()
        assert said_since(deaf, time_of_kill)["orderId"] == patrols["deaf"]["orderId"]
        for dog in dogs.values():
            for topic in ("connection", "site"):
                dog.client.publish(f"{dog.root}/{topic}", b"", 1, retain=True).wait_for_publish(30)


def assign(server: Server, dog: str) -> dict[str, Any]:
    answer = server.client.post("/patrols", json={"routeId": "demo_round", "dogId": dog})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def said_since(dog: Dog, when: float) -> dict[str, Any]:
    """The next order that was stamped after ``when``."""
    while True:
        order: dict[str, Any] = dog.hear("order")
        if order["timestamp"] > time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when)):
            return order
