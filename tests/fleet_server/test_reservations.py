"""Two dogs whose ways meet head-on in a doorway: one waits at the end of its base, is told why, and goes on after."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw
from sqlalchemy import select

from fleet_server.dispatch.tables import Reservation
from fleet_server.ingest.mqtt_session import Session
from fleet_server.sites.narrow_places import NarrowPlaces
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Grounds
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually, route_body, serving, settings, sign_in, station_of

DOOR_X, DOOR_Y = 7.5, 5.0


@pytest.fixture
def client(mqtt: TestBroker, tmp_path: Path) -> Iterator[TestClient]:
    """The yard of 20 x 10 m with a wall between the second checkpoint and the third, and a door of 1 m in it."""
    chosen = settings(tmp_path, mqtt.port)
    wall = Image.new("L", (200, 100), 254)
    ImageDraw.Draw(wall).rectangle((74, 0, 75, 99), fill=0)
    ImageDraw.Draw(wall).rectangle((74, 45, 75, 54), fill=254)
    wall.save(tmp_path / "yard/map.pgm")
    with serving(chosen) as served:
        eventually(lambda: station_of(served)[Session].connected)
        yield sign_in(served)


@contextmanager
def here(client: TestClient, port: int, name: str, x: float, y: float) -> Iterator[Dog]:
    with Dog(port, name) as dog:
        dog.online(agvPosition=at(x, y))
        eventually(lambda: any(d["dogId"] == name and d["live"] and d["position"] for d in dogs(client)))
        yield dog


def dogs(client: TestClient) -> Any:
    return client.get(f"{API}/dogs").json()


def at(x: float, y: float) -> dict[str, Any]:
    return {"x": x, "y": y, "theta": 0.0, "mapId": "yard", "positionInitialized": True}


def ahead(order: dict[str, Any], last: int) -> list[dict[str, Any]]:
    """What a vehicle says of the nodes that it has still to come to."""
    keys = ("nodeId", "sequenceId", "released")
    return [{key: node[key] for key in keys} for node in order["nodes"] if node["sequenceId"] > last]


def send(client: TestClient, dog: Dog, *stops: str) -> tuple[str, dict[str, Any]]:
    """A round of these checkpoints without work: the patrol, and the order as the dog hears it."""
    body = route_body(stops=[{"checkpointId": each} for each in stops])
    route = client.post(f"{API}/routes", json=body).json()["routeId"]
    answer = client.post(f"{API}/patrols", json={"routeId": route, "dogId": dog.name})
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = dog.hear("order")
    while order["nodes"][-1]["nodeId"] != stops[-1] or order["orderUpdateId"]:
        order = dog.hear("order")
    return answer.json()["patrolId"], order


def released(order: dict[str, Any]) -> list[bool]:
    return [node["released"] for node in order["nodes"]]


def patrol(client: TestClient, patrol_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{API}/patrols/{patrol_id}").json()
    return found


def holders(client: TestClient) -> list[str]:
    with station_of(client).database.read() as session:
        return list(session.scalars(select(Reservation.dog_id)))


def test_one_of_two_that_meet_in_a_doorway_waits_at_the_end_of_its_base_and_goes_on_by_an_update(
    client: TestClient, mqtt: TestBroker
) -> None:
    with here(client, mqtt.port, "dog1", 1, 1) as east, here(client, mqtt.port, "dog2", 18, 9) as west:
        first, there = send(client, east, "cp_2", "cp_3")
        assert released(there) == [True, True, True]
        second, back = send(client, west, "cp_3", "cp_1")
        assert released(back) == [True, True, False]
        assert [edge["released"] for edge in back["edges"]] == [True, False]
        eventually(lambda: holders(client) == ["dog1"])

        east.state(there, last=2, agvPosition=at(6, 5), nodeStates=ahead(there, 2))
        west.state(back, last=2, agvPosition=at(9, 5), nodeStates=ahead(back, 2), driving=False)
        waits = eventually(lambda: patrol(client, second)["waitsFor"])
        assert (waits["heldBy"], waits["near"]["en"]) == ("dog1", "Point 2")
        assert abs(waits["x"] - DOOR_X) < 0.5
        assert abs(waits["y"] - DOOR_Y) < 0.5

        east.state(there, last=2, agvPosition=at(DOOR_X, DOOR_Y), nodeStates=ahead(there, 2))
        eventually(lambda: next(d for d in dogs(client) if d["dogId"] == "dog1")["position"]["x"] == DOOR_X)
        assert holders(client) == ["dog1"]
        east.state(there, last=4, actions="FINISHED", agvPosition=at(8.9, 5.4), driving=False)
        eventually(lambda: patrol(client, first)["status"] == "COMPLETED")

        while not (update := west.hear("order"))["orderUpdateId"]:
            pass
        assert (update["orderId"], update["orderUpdateId"]) == (back["orderId"], 1)
        assert [(n["nodeId"], n["sequenceId"], n["released"]) for n in update["nodes"]] == [
            ("cp_3", 2, True),
            ("cp_1", 4, True),
        ]
        assert [(e["sequenceId"], e["released"]) for e in update["edges"]] == [(3, True)]
        eventually(lambda: holders(client) == ["dog2"])  # it is said as it is stored
        assert patrol(client, second)["waitsFor"] is None
        west.state(update, last=4, actions="FINISHED", orderUpdateId=1, agvPosition=at(3, 5))
        eventually(lambda: patrol(client, second)["status"] == "COMPLETED")
        eventually(lambda: not holders(client))


def test_who_stands_in_the_doorway_keeps_it_and_is_named_and_a_dog_that_is_alone_has_its_whole_round(
    client: TestClient, mqtt: TestBroker
) -> None:
    with here(client, mqtt.port, "dog1", 1, 1) as walker:
        alone, order = send(client, walker, "cp_2", "cp_3", "cp_2")
        assert released(order) == [True] * 4
        assert client.post(f"{API}/patrols/{alone}/cancel").status_code == 200
        eventually(lambda: not holders(client))
        with here(client, mqtt.port, "dog2", DOOR_X, DOOR_Y):
            patrol_id, order = send(client, walker, "cp_3")
            assert released(order) == [True, False]
            waits = eventually(lambda: patrol(client, patrol_id)["waitsFor"])
            assert waits["heldBy"] == "dog2"


def test_a_doorway_is_found_in_the_map_and_open_ground_and_its_corners_are_none(client: TestClient) -> None:
    station = station_of(client)
    with station.database.read() as session:
        places = NarrowPlaces(station[Grounds].of(session.scalars(select(Site)).one()))
    (door,) = places.places
    assert places.inside(DOOR_X, DOOR_Y) == door
    assert places.inside(6, 5) is places.beside(6, 5) is places.inside(0.4, 0.4) is places.inside(7.0, 1.0) is None
    assert places.beside(8.1, 5) == door
    through, beside = places.way((1, 1), (18, 9)), places.way((1, 1), (6, 9))
    assert through is not None
    assert beside is not None
    assert [crossing.place_id for crossing in through.crossings] == [door]
    assert beside.crossings == ()
