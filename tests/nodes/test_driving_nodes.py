"""A dog in a person's hand on real ROS 2: from the wire to the legs, and the way back; the gate's node is between."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from patrol_interfaces.msg import WireMessage  # noqa: E402
from patrol_nodes import ros_conversion  # noqa: E402
from patrol_nodes.link_node import DRIVEN_PERIOD  # noqa: E402
from patrol_nodes.safety_node import SafetyNode  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile  # noqa: E402

from edge.types import STILL, Pose2D, Twist2D  # noqa: E402
from protocol.codec import decode, encode, header  # noqa: E402
from protocol.manual_driving import START, STOP, DriveCommand, DriveState  # noqa: E402
from protocol.topics import Address, Topic  # noqa: E402
from tests.broker import broker  # noqa: E402
from tests.edge.link.station import Station  # noqa: E402
from tests.edge.navigation.world import World, yard  # noqa: E402
from tests.nodes import test_mission_node, test_navigation_nodes  # noqa: E402

DRIVE = "a-drive-of-the-tests"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with broker(tmp_path) as here, Station(here.port) as listening:
        listening.port = here.port  # type: ignore[attr-defined]
        yield listening


def instant(station: Station, kind: str, **parameters: str) -> None:
    given = [{"key": key, "value": value} for key, value in parameters.items()]
    action = {"actionType": kind, "actionId": kind, "blockingType": "NONE", "actionParameters": given}
    station.say("instantActions", actions=[action])


def last(station: Station, topic: str) -> dict[str, Any]:
    return next(iter(station.said(topic)[-1:]), {})


def test_from_the_wire_the_hand_is_taken_commands_reach_the_gate_and_how_it_stands_comes_back(
    station: Station, tmp_path: Path
) -> None:
    graph = test_mission_node.Graph(station.port, tmp_path / "dog1")  # type: ignore[attr-defined]
    safety = SafetyNode()
    graph.executor.add_node(safety)
    try:
        assert graph.until(lambda: last(station, "state").get("batteryState", {}).get("batteryCharge"))
        instant(station, START, sessionId=DRIVE)
        assert graph.until(lambda: last(station, "state")["operatingMode"] == "MANUAL")
        assert graph.until(lambda: last(station, "driveState").get("sessionId") == DRIVE)
        asked, words = 0, {""}

        def driven() -> bool:
            nonlocal asked
            state = last(station, "driveState")
            if state["word"] not in words:
                words.add(state["word"])
                asked += 1
                speed = {"vx": 0.0 if asked < 3 else 0.5, "vy": 0.0, "omega": 0.0}
                station.say("driveCommand", sessionId=DRIVE, sequence=asked, word=state["word"], **speed)
            return bool(state["sequence"] > 3)

        assert graph.until(driven), last(station, "driveState")
        told = last(station, "driveState")
        assert (told["lost"], told["passed"], "SCAN_STALE" in told["reasons"]) == (
            False,
            {"vx": 0.0, "vy": 0.0, "omega": 0.0},
            True,
        ), "this dog has no lidar: the gate holds it, whoever drives"
        assert graph.until(lambda: last(station, "driveState")["lost"])
        assert graph.until(lambda: "driverLost" in [e["errorType"] for e in last(station, "state")["errors"]])
        instant(station, STOP)
        assert graph.until(lambda: last(station, "state")["operatingMode"] == "AUTOMATIC")
        assert DRIVEN_PERIOD < 0.1
    finally:
        graph.executor.remove_node(safety)
        safety.destroy_node()
        graph.close()


@pytest.mark.realtime
def test_through_the_gates_node_a_driver_moves_the_legs_and_silence_stops_them() -> None:
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    graph = test_navigation_nodes.Graph(World(yard(), Pose2D(8.0, 4.0, 0.0), tilt=0.08))
    node, states = graph.driver, []
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    session = node.create_publisher(WireMessage, "driving/session", latched)
    commands = node.create_publisher(WireMessage, "driving/command", 20)
    node.create_subscription(WireMessage, "driving/state", lambda m: states.append(decode(m.payload, DriveState)), 10)
    sequence, words = 0, set()

    def hold(vx: float) -> None:
        """A command for each word of the dog's."""
        nonlocal sequence
        if states[-1].word in words:
            return
        words.add(states[-1].word)
        sequence += 1
        command = DriveCommand(
            **header(Address("xiaotian", "dog22"), 0, 0.0),
            session_id=DRIVE,
            sequence=sequence,
            word=states[-1].word,
            vx=vx,
            vy=0.0,
            omega=0.0,
        )
        stamp = ros_conversion.stamp(time.monotonic())
        commands.publish(WireMessage(stamp=stamp, topic=Topic.DRIVE_COMMAND, payload=encode(command).decode()))

    def driven() -> bool:
        hold(0.5)
        return node.commands[-1].vx > 0.0

    try:
        graph.wake()
        session.publish(WireMessage(topic=START, payload=DRIVE))
        assert graph.run(30, lambda: bool(states))
        assert graph.run(30, lambda: (hold(0.0), states[-1].sequence > 0)[1])
        assert graph.run(60, driven)
        assert graph.run(5, lambda: node.commands[-1] == STILL)
        node.commands.clear()
        graph.run(0.5)
        assert set(node.commands) == {Twist2D(0.0, 0.0, 0.0)}
        assert graph.driver.world.contacts == 0
    finally:
        graph.close()
