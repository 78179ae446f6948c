"""The server as a process of its own, killed without warning and started again: it goes on watching what it sent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from fleet_server.core.clock import utc_now
from fleet_server.dispatch.tables import OpenStop
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


@pytest.mark.slow
def test_a_server_that_was_killed_remembers_a_stop_that_its_dog_has_not_confirmed_and_no_other(
    server: Server, mqtt: TestBroker
) -> None:
    stopped, free = {"eStop": "REMOTE", "fieldViolation": False}, {"eStop": "NONE", "fieldViolation": False}
    with Dog(mqtt.port, "deaf") as deaf, Dog(mqtt.port, "standing") as standing, Dog(mqtt.port, "back") as back:
        dogs = {"deaf": deaf, "standing": standing, "back": back}
        for dog in dogs.values():
            dog.online()
        eventually(lambda: sum(bool(d["live"] and d["position"]) for d in server.get("/dogs")) == 3)
        told = {}
        for name in dogs:
            assert server.client.post(f"/dogs/{name}/emergency-stop").status_code == 202
            told[name] = dogs[name].hear("instantActions")["actions"][0]
        standing.state(safetyState=stopped)  # it confirms
        eventually(lambda: asked_of(server, "standing") is None)
        assert server.client.post("/dogs/back/release-emergency-stop").status_code == 202  # it is taken back
        back.state(safetyState=free)
        eventually(lambda: asked_of(server, "back") is None)

        server.kill()
        time_of_kill = time.time()
        server.start()

        assert [bool(asked_of(server, name)) for name in dogs] == [True, False, False]
        assert asked_of(server, "deaf")["by"] == "admin"
        deaf.say("connection", retain=True, connectionState="ONLINE")
        again = said_since(deaf, time_of_kill, "instantActions")["actions"][0]
        assert again == told["deaf"], "the same action, so that a dog that did hear it has nothing new to do"
        deaf.state(safetyState=stopped)
        eventually(lambda: asked_of(server, "deaf") is None)
        server.kill()
        server.start()
        assert asked_of(server, "deaf") is None


def test_what_a_dog_had_said_before_the_server_ended_confirms_no_stop(mqtt: TestBroker, tmp_path: Path) -> None:
    chosen = world.settings(tmp_path, mqtt.port)
    stopped = {"eStop": "REMOTE", "fieldViolation": False}

    def again(client: TestClient) -> Any:  # beside it stands whoever else the broker remembers
        return next((d for d in client.get(f"{API}/dogs").json() if d["dogId"] == "again"), None)

    with Dog(mqtt.port, "again") as dog:
        with world.serving(chosen) as client:
            world.sign_in(client)
            eventually(lambda: client.get(f"{API}/health").json()["broker"] == "connected")
            dog.online(safetyState=stopped)
            eventually(lambda: (again(client) or {}).get("emergencyStop") == "REMOTE")
            database = world.station_of(client).database
        with database.write() as session:  # it had been let go on since, and is to stop again
            session.add(OpenStop(dog_id="again", action_id="of before", since=utc_now(), asked_by="admin"))
        database.close()
        with world.serving(chosen) as client:
            world.sign_in(client)
            for _ in range(2):  # in two rounds of the server it was not closed
                assert dog.hear("instantActions")["actions"][0]["actionId"] == "of before"
            assert again(client)["stopRequest"]["stop"] is True
            dog.state(safetyState=stopped)
            eventually(lambda: again(client)["stopRequest"] is None)


def asked_of(server: Server, name: str) -> Any:
    return next(dog for dog in server.get("/dogs") if dog["dogId"] == name)["stopRequest"]


@pytest.mark.slow
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


def assign(server: Server, dog: str) -> dict[str, Any]:
    answer = server.client.post("/patrols", json={"routeId": "demo_round", "dogId": dog})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def said_since(dog: Dog, when: float, topic: str = "order") -> dict[str, Any]:
    """The next order (or other message) that was stamped after ``when``."""
    while True:
        said: dict[str, Any] = dog.hear(topic)
        if datetime.fromisoformat(said["timestamp"]).timestamp() > when:
            return said
