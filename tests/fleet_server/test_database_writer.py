"""What a batch costs the database."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient
from msgspec.structs import replace
from sqlalchemy import event

from fleet_server.core.clock import utc_now
from fleet_server.core.intake import Arrival
from fleet_server.ingest.database_writer import Writer
from protocol.topics import Address, Topic
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually, station_of
from tests.protocol.samples import STATE

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def state(name: str) -> Arrival:
    message = replace(STATE, serial_number=name, order_id="", node_states=[], action_states=[])
    return Arrival(Address("xiaotian", name), Topic.STATE, message, NOW)


def test_the_states_of_a_batch_cost_one_query_for_patrols_however_many_dogs_speak(client: TestClient) -> None:
    station, asked, me = station_of(client), list[str](), threading.get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.get_ident() == me and "FROM patrols" in statement:
            asked.append(statement)

    station[Writer]._attend = lambda _now: None  # type: ignore[method-assign]
    event.listen(station.database.engine, "before_cursor_execute", note)
    station[Writer].update([state(f"dog-{n}") for n in range(300)], NOW)
    assert len(asked) == 1


def test_each_of_many_patrols_goes_on_by_its_own_dogs_state(client: TestClient, dog: Dog) -> None:
    others = [Dog(dog.port, f"walker{n}") for n in range(4)]
    walkers = [dog]
    try:
        for other in others:
            other.__enter__()
            walkers.append(other)
            other.online()
        names = {walker.name for walker in walkers}
        eventually(
            lambda: names <= {d["dogId"] for d in client.get(f"{API}/dogs").json() if d["live"] and d["position"]}
        )
        bodies = [{"routeId": "demo_round", "dogId": walker.name} for walker in walkers]
        patrols = [client.post(f"{API}/patrols", json=body).json()["patrolId"] for body in bodies]
        orders = [walker.hear("order") for walker in walkers]
        for number, (walker, order) in enumerate(zip(walkers, orders, strict=True)):
            walker.state(order=order, last=6 if number % 2 else 2, actions="FINISHED" if number % 2 else "RUNNING")
        wanted = ["COMPLETED" if number % 2 else "ACTIVE" for number in range(len(walkers))]
        eventually(lambda: [client.get(f"{API}/patrols/{p}").json()["status"] for p in patrols] == wanted)
    finally:
        for other in walkers[1:]:
            other.__exit__()


def test_a_patrol_that_waited_for_the_one_before_begins_after_its_end(client: TestClient, dog: Dog) -> None:
    database = station_of(client).database
    with ThreadPoolExecutor(1) as operator:
        with database.write():
            assigned = operator.submit(client.post, f"{API}/patrols", json={"routeId": "demo_round", "dogId": dog.name})
            assert wait([assigned], 0.5).not_done
            ended = utc_now()
        answer = assigned.result(30)
    assert answer.status_code == 201, answer.text
    assert datetime.fromisoformat(answer.json()["createdAt"]) >= ended
