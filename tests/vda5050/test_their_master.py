"""Our dog, mission and link on real ROS 2, driven over a real broker by a master that is not ours (PyPI vda5050-sdk).

The SDK's master checks each state against the standard's schema. It agrees with the standard in what it sends; what it
would send wrongly is tested with bare JSON in tests/nodes/test_mission_node.py.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")
pytest.importorskip("vda5050", reason="needs vda5050-sdk")
pytest.importorskip("aiomqtt", reason="needs aiomqtt")

from vda5050 import Action, ActionParameter, MasterClient, MasterConfig, OrderBuilder
from vda5050.model.enums import BlockingType
from vda5050.model.order import Edge, Node, NodePosition, Order

from protocol.codec import encode
from tests.broker import broker
from tests.edge.link.station import Station
from tests.nodes.test_mission_node import SITE, START, Graph
from tests.vda5050.loop import Loop, running

DOG = "xiaotian/dog1"
MAP = SITE.map.map_id


class Master:
    """The SDK's master in a thread of its own; what it learns is read here."""

    def __init__(self, loop: Loop, port: int) -> None:
        self.loop = loop
        config = MasterConfig(broker_url=f"mqtt://127.0.0.1:{port}", validate_messages=True, visualization=True)
        self.client = MasterClient(config)
        self.faults: list[Any] = []
        self.factsheets: list[Any] = []
        self.connections: list[str] = []
        self.seen: list[Any] = []
        self.client.on_error(self.faults.append)
        self.client.on_factsheet(lambda sheet, key: self.factsheets.append(sheet))
        self.client.on_connection(lambda said, key: self.connections.append(str(said.connection_state.value)))
        self.client.on_visualization(lambda seen, key: self.seen.append(seen))
        self.loop.now(self.client.connect())

    def state(self) -> Any:
        return self.loop.now(self.client.session(DOG)).state

    def statuses(self) -> dict[str, str]:
        state = self.state()
        return {a.action_id: a.action_status.value for a in state.action_states} if state else {}


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Graph, Master]]:
    with broker(tmp_path) as here, Station(here.port, "uagv") as station, running() as loop:
        station.say("site", retain=True, payload=encode(SITE))
        master = Master(loop, here.v4_port)
        given = ("mqtt_prefix:=uagv", "visualization_every:=0.2", "mission.schema_bound:=true")
        dog = Graph(here.port, tmp_path / "dog", *(word for each in given for word in ("-p", each)))
        try:
            assert dog.until(lambda: ready(master.state()))
            yield dog, master
        finally:
            dog.close()
            loop.now(master.client.disconnect())


def ready(state: Any) -> bool:
    return state is not None and not state.errors and bool(state.agv_position and state.agv_position.map_id)


def act(kind: str, action_id: str, blocking: BlockingType = BlockingType.HARD, **given: Any) -> Action:
    parameters = [ActionParameter(key=key, value=value) for key, value in given.items()]
    return Action(action_type=kind, action_id=action_id, blocking_type=blocking, action_parameters=parameters or None)


def order(*, released: bool) -> Order:
    """From the start over one place to another, which is horizon unless ``released``; work at both and on the way."""
    builder = OrderBuilder(order_id="theirs", manufacturer="xiaotian", serial_number="dog1")
    builder.add_node("n0", x=START.x, y=START.y, map_id=MAP, allowed_deviation_xy=0.5)
    builder.add_node("n1", x=10.0, y=4.0, map_id=MAP, allowed_deviation_xy=0.5, actions=[act("takePhoto", "photo")])
    builder.add_node("n2", x=10.0, y=5.0, map_id=MAP, allowed_deviation_xy=0.5, released=released)
    watch = act("dwell", "watch", BlockingType.NONE, seconds=600)
    builder.add_edge("n0", "n1", max_speed=0.4, actions=[watch])
    builder.add_edge("n1", "n2", released=released)
    return builder.build()


def test_an_order_of_theirs_with_a_horizon_is_walked_extended_and_ended(both: tuple[Graph, Master]) -> None:
    dog, master = both
    assert master.loop.now(master.client.dispatch(order(released=False), DOG)).accepted
    assert dog.until(lambda: master.state().last_node_id == "n1" and master.statuses().get("photo") == "FINISHED")
    assert master.statuses()["watch"] == "FINISHED"
    assert [n.node_id for n in master.state().node_states] == ["n2"]
    assert master.state().new_base_request
    node = Node(
        node_id="n2",
        sequence_id=4,
        released=True,
        node_position=NodePosition(x=10.0, y=5.0, map_id=MAP, allowed_deviation_xy=0.5),
        actions=[act("dwell", "wait", seconds=0.3)],
    )
    edge = Edge(edge_id="n1->n2", sequence_id=3, released=True, start_node_id="n1", end_node_id="n2", actions=[])
    assert master.loop.now(master.client.extend_base(DOG, [node], [edge])).accepted
    assert dog.until(lambda: master.state().last_node_id == "n2" and master.statuses().get("wait") == "FINISHED")
    assert (master.state().order_update_id, master.state().node_states, master.state().errors) == (1, [], [])
    assert (master.faults, master.connections[-1]) == ([], "ONLINE")
    assert master.seen


def test_their_instant_actions_are_done_and_told(both: tuple[Graph, Master]) -> None:
    dog, master = both
    client, now = master.client, master.loop.now
    dog.navigator.walks = 0
    assert now(client.dispatch(order(released=True), DOG)).accepted
    assert dog.until(lambda: bool(dog.navigator.goals) and master.state().driving)
    now(client.pause(DOG, action_id="p1"))
    assert dog.until(lambda: master.state().paused and master.statuses().get("p1") == "FINISHED")
    now(client.resume(DOG, action_id="p2"))
    assert dog.until(lambda: not master.state().paused and master.statuses().get("p2") == "FINISHED")
    now(client.cancel_order(DOG, action_id="c1"))
    assert dog.until(lambda: master.statuses().get("c1") == "FINISHED")
    assert master.statuses()["photo"] == "FAILED"
    assert (master.state().order_id, master.state().node_states) == ("theirs", [])
    now(client.cancel_order(DOG, action_id="c2"))
    assert dog.until(lambda: [e.error_type for e in master.state().errors] == ["noOrderToCancel"])
    assert master.statuses()["c2"] == "FAILED"
    before = len(master.factsheets)
    now(client.request_factsheet(DOG))
    assert dog.until(lambda: len(master.factsheets) > before)
    assert "takePhoto" in {a.action_type for a in master.factsheets[-1].protocol_features.agv_actions}
    here = {"x": START.x, "y": START.y, "theta": START.theta, "map_id": MAP, "last_node_id": "gate"}
    now(client.init_position(DOG, action_id="i1", **here))
    assert dog.until(lambda: master.statuses().get("i1") == "FINISHED")
    assert master.state().last_node_id == "gate"
    assert master.faults == []
