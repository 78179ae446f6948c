"""Our server, and a vehicle that is not ours (PyPI vda5050-sdk, its AGV client and executor) on a real broker."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("vda5050", reason="needs vda5050-sdk")
pytest.importorskip("aiomqtt", reason="needs aiomqtt")

import msgspec
from fastapi.testclient import TestClient
from vda5050 import VehicleClient, VehicleConfig
from vda5050.client.agv.executor import OrderExecutor
from vda5050.model.factsheet import Factsheet
from vda5050.model.state import BatteryState, Map

from fleet_server.core.settings import Settings
from fleet_server.ingest.mqtt_session import Session
from protocol.codec import encode
from tests.broker import TestBroker
from tests.fleet_server.conftest import mqtt  # noqa: F401 - a fixture
from tests.fleet_server.test_dispatch import sheet
from tests.fleet_server.world import API, eventually, serving, settings, sign_in, station_of
from tests.vda5050.loop import Loop, running

THEIRS = "0001@acme"


class Vehicle:
    """The SDK's vehicle: it drives in jumps, each when ``gate`` lets it."""

    def __init__(self, loop: Loop, port: int) -> None:
        self.loop = loop
        config = VehicleConfig(
            broker_url=f"mqtt://127.0.0.1:{port}", manufacturer="acme", serial_number="0001", state_interval=1.0
        )
        told = msgspec.json.decode(encode(sheet(["dwell"], ["order.nodes.nodePosition"])))
        self.client = VehicleClient(config, factsheet_provider=lambda: Factsheet.model_validate(told))
        self.orders: list[Any] = []
        self.gate = asyncio.Event()
        self.tasks: list[Any] = []
        self.client.on_order(self._on_order)
        loop.now(self._start())

    async def _start(self) -> None:
        await self.client.connect()
        says = self.client.publisher
        says.set_battery(BatteryState(battery_charge=80.0, charging=False))
        says.set_maps([Map(map_id="yard", map_version="1", map_status="ENABLED")])
        says.update_position(x=1.0, y=1.0, theta=0.0, map_id="yard")
        await says.publish()

    async def _on_order(self, order: Any) -> None:
        self.orders.append(order)
        self.tasks.append(asyncio.ensure_future(self._drive(order)))

    async def _drive(self, order: Any) -> None:
        await self.client.publish_state()
        await self.gate.wait()
        await OrderExecutor(self.client.publisher).run(order)
        await self.client.publish_state()

    def let_go(self) -> None:
        async def open_it() -> None:
            self.gate.set()

        self.loop.now(open_it())


@pytest.fixture
def vehicle(mqtt: TestBroker) -> Iterator[Vehicle]:  # noqa: F811
    with running() as loop:
        made = Vehicle(loop, mqtt.v4_port)
        yield made
        loop.now(made.client.disconnect())


@pytest.fixture
def chosen(mqtt: TestBroker, tmp_path: Path) -> Settings:  # noqa: F811
    return settings(tmp_path, mqtt.port, mqtt_prefix="uagv")


def shown(client: TestClient) -> dict[str, Any] | None:
    return next((d for d in client.get(f"{API}/dogs").json() if d["dogId"] == THEIRS and d["live"]), None)


def assign(client: TestClient, **more: Any) -> Any:
    return client.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": THEIRS} | more)


def status(client: TestClient, patrol: dict[str, Any]) -> str:
    now: str = client.get(f"{API}/patrols/{patrol['patrolId']}").json()["status"]
    return now


def arrive(client: TestClient, vehicle: Vehicle) -> None:
    """The server knows the vehicle, and has asked what it can: the SDK says so only when asked."""
    eventually(lambda: station_of(client)[Session].connected)
    vehicle.loop.now(vehicle.client.publish_state())
    eventually(lambda: (shown(client) or {}).get("position"))
    eventually(lambda: (shown(client) or {}).get("extensions") is False, 90)


@pytest.mark.slow
def test_a_vehicle_of_theirs_is_asked_what_it_can_walks_what_it_can_and_outlives_our_server(
    vehicle: Vehicle, chosen: Settings
) -> None:
    with serving(chosen) as client:
        sign_in(client)
        arrive(client, vehicle)
        refused = assign(client)
        assert (refused.status_code, refused.json()["detail"]) == (409, f"{THEIRS} cannot do takePhoto")
        patrol = assign(client, reduced=True).json()
        eventually(lambda: vehicle.orders)
        eventually(lambda: status(client, patrol) == "ACTIVE")
        assert [a.action_type for n in vehicle.orders[0].nodes for a in n.actions] == ["dwell"]
    vehicle.let_go()
    with serving(chosen) as client:
        sign_in(client)
        eventually(lambda: status(client, patrol) == "COMPLETED", 90)
        assert len(vehicle.orders) == 1


def test_a_vehicle_of_theirs_is_called_back(vehicle: Vehicle, chosen: Settings) -> None:
    with serving(chosen) as client:
        sign_in(client)
        arrive(client, vehicle)
        patrol = assign(client, reduced=True).json()
        eventually(lambda: status(client, patrol) == "ACTIVE")
        client.post(f"{API}/patrols/{patrol['patrolId']}/cancel")
        eventually(lambda: status(client, patrol) == "CANCELED", 90)
