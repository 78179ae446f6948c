"""Both our roles against npm's vda-5050-lib 1.4 (Siemens), which speaks 2.0.0 and reads no other version.

Its programs are tests/vda5050/npm/*.js; `npm ci` there installs it (`make test` does).
"""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import pytest
from fastapi.testclient import TestClient

from fleet_server.core.settings import Settings
from fleet_server.ingest.mqtt_session import Session
from protocol.codec import encode
from tests.broker import TestBroker, broker
from tests.edge.link.station import Station
from tests.fleet_server.conftest import mqtt  # noqa: F401 - a fixture
from tests.fleet_server.world import API, eventually, serving, settings, sign_in, station_of

NPM = Path(__file__).parent / "npm"
THEIRS = "001@siemens"


class Program:
    """One of their programs: told lines of JSON, and heard by lines of JSON."""

    def __init__(self, name: str, *given: str) -> None:
        path = f"{os.environ.get('PATH', '')}{os.pathsep}{Path(__file__).parents[2] / '.venv/bin'}"
        node = shutil.which("node", path=path)
        if node is None or not (NPM / "node_modules/vda-5050-lib").is_dir():
            pytest.skip("needs Node and `npm ci` in tests/vda5050/npm")
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([node, name, *given], cwd=NPM, stdin=pipe, stdout=pipe, text=True)
        self.heard: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        eventually(lambda: self.said("started"), 30.0)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def tell(self, **what: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def said(self, key: str) -> list[Any]:
        return [each[key] for each in self.heard if key in each]

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.heard.append(json.loads(line))


@pytest.fixture
def chosen(mqtt: TestBroker, tmp_path: Path) -> Settings:  # noqa: F811
    return settings(tmp_path, mqtt.port, mqtt_prefix="uagv")


def shown(client: TestClient) -> dict[str, Any]:
    return next((d for d in client.get(f"{API}/dogs").json() if d["dogId"] == THEIRS), {})


@contextmanager
def driving(chosen: Settings, broker: TestBroker, speed: str) -> Iterator[tuple[TestClient, Program]]:
    """Our server, signed in, and their vehicle, which it knows."""
    with serving(chosen) as client:
        sign_in(client)
        eventually(lambda: station_of(client)[Session].connected)
        with Program("vehicle.js", str(broker.v4_port), speed) as vehicle:
            eventually(lambda: shown(client).get("live") and shown(client)["position"], 20)
            yield client, vehicle


def assign(client: TestClient, **more: Any) -> str:
    answer = client.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": THEIRS} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["patrolId"])


def patrol(client: TestClient, patrol_id: str) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"{API}/patrols/{patrol_id}").json()
    return told


def test_their_vehicle_walks_our_round_in_its_own_version(mqtt: TestBroker, chosen: Settings) -> None:  # noqa: F811
    with driving(chosen, mqtt, "20") as (client, vehicle):
        walked = assign(client, reduced=True)
        eventually(lambda: patrol(client, walked)["status"] == "COMPLETED", 30)
        assert vehicle.said("version") == ["2.0.0"]
        seen = shown(client)
        assert (seen["version"], seen["misread"], seen["errors"]) == ("2.0.0", None, [])


def test_their_vehicle_that_cannot_take_pictures_refuses_and_says_why(mqtt: TestBroker, chosen: Settings) -> None:  # noqa: F811
    with driving(chosen, mqtt, "20") as (client, _):
        refused = assign(client)
        eventually(lambda: patrol(client, refused)["status"] == "REJECTED", 30)
        assert "not executable" in patrol(client, refused)["reason"]


def test_their_vehicle_is_called_back_under_the_key_that_it_reads(mqtt: TestBroker, chosen: Settings) -> None:  # noqa: F811
    with driving(chosen, mqtt, "0.1") as (client, vehicle):
        walking = assign(client, reduced=True)
        eventually(lambda: patrol(client, walking)["status"] == "ACTIVE", 30)
        client.post(f"{API}/patrols/{walking}/cancel")
        eventually(lambda: patrol(client, walking)["status"] == "CANCELED", 30)
        assert ["cancelOrder"] in vehicle.said("instantActions")


def place(x: float, y: float, map_id: str) -> dict[str, Any]:
    return {"x": x, "y": y, "mapId": map_id, "allowedDeviationXy": 0.5, "allowedDeviationXY": 0.5}


def test_their_master_sees_our_dog_walk_and_calls_it_back(tmp_path: Path) -> None:
    pytest.importorskip("rclpy", reason="needs ROS 2")
    from tests.nodes.test_mission_node import SITE, START, Graph

    map_id = SITE.map.map_id
    places = {"n0": (START.x, START.y), "n1": (10.0, 4.0), "n2": (10.0, 5.0)}

    def order(order_id: str, *names: str) -> dict[str, Any]:
        nodes = [
            {
                "nodeId": n,
                "sequenceId": 2 * i,
                "released": True,
                "actions": [],
                "nodePosition": place(*places[n], map_id),
            }
            for i, n in enumerate(names)
        ]
        edges = [
            {"edgeId": f"e{i}", "sequenceId": 2 * i + 1, "released": True, "actions": []}
            | {"startNodeId": a, "endNodeId": b}
            for i, (a, b) in enumerate(pairwise(names))
        ]
        return {"orderId": order_id, "orderUpdateId": 0, "nodes": nodes, "edges": edges}

    given = ("mqtt_prefix:=uagv", "vda5050_version:=2.0.0", "mission.schema_bound:=true")
    with broker(tmp_path) as here, Station(here.port, "uagv") as station:
        station.say("site", retain=True, payload=encode(SITE))
        dog = Graph(here.port, tmp_path / "dog", *(word for each in given for word in ("-p", each)))
        try:
            with Program("master.js", str(here.v4_port)) as master:
                assert dog.until(lambda: "dog1" in master.said("agv") and bool(master.said("state")))
                master.tell(order=order("first", "n0", "n1", "n2"))
                assert dog.until(lambda: bool(master.said("processed")))
                assert master.said("processed") == [{"error": None, "canceled": False, "active": False}]
                assert master.said("traversed")[-1] == "n2"
                dog.navigator.walks = 0
                master.tell(order=order("second", "n2", "n1"))
                assert dog.until(lambda: "second" in master.said("state"))
                master.tell(cancel="stop")
                assert dog.until(lambda: len(master.said("processed")) == 2)
                assert master.said("processed")[1] == {"error": None, "canceled": True, "active": False}
                assert (master.said("error"), master.said("actionError")) == ([], [])
        finally:
            dog.close()
