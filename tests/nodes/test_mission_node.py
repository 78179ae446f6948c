"""Mission and link on real ROS 2 and a real broker: JSON from a stranger becomes goals, and the goals become states.

The navigator, the camera's service and the sensors are the test's own; all that lies between them is real.
"""

import gc
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

import numpy as np  # noqa: E402
from geometry_msgs.msg import PoseWithCovarianceStamped  # noqa: E402
from nav_msgs.msg import Odometry  # noqa: E402
from patrol_interfaces.action import NavigateTo  # noqa: E402
from patrol_interfaces.msg import SafetyState, WireMessage  # noqa: E402
from patrol_interfaces.srv import TakePhoto  # noqa: E402
from patrol_nodes import ros_conversion  # noqa: E402
from patrol_nodes.executor import NodeExecutor  # noqa: E402
from patrol_nodes.link_node import LinkNode  # noqa: E402
from patrol_nodes.mission_node import MissionNode  # noqa: E402
from rclpy.action import ActionServer, CancelResponse  # noqa: E402
from rclpy.action.server import ServerGoalHandle  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.qos import qos_profile_sensor_data  # noqa: E402
from sensor_msgs.msg import BatteryState  # noqa: E402
from std_srvs.srv import SetBool  # noqa: E402

from edge.types import Pose2D, PoseEstimate  # noqa: E402
from protocol.codec import encode  # noqa: E402
from tests.broker import broker  # noqa: E402
from tests.edge.link.station import Station  # noqa: E402
from tests.edge.navigation.site import site_message  # noqa: E402
from tests.edge.navigation.world import yard  # noqa: E402
from tests.edge.speech.test_speaker import program  # noqa: E402
from xiaotian.ros_domain import free_domain  # noqa: E402

START = Pose2D(8.0, 4.0, 0.0)
SITE = replace(site_message(yard()), serial_number="dog1")


class Navigator(Node):
    """Takes goals; the dog is there at once, ``walks`` times."""

    def __init__(self) -> None:
        super().__init__("navigator")
        self.pose = START
        self.goals: list[NavigateTo.Goal] = []
        self.canceled = 0
        self.walks = 99
        self._under_way: ServerGoalHandle | None = None
        self._action = ActionServer(
            self,
            NavigateTo,
            "navigate_to",
            execute_callback=lambda handle: NavigateTo.Result(),
            handle_accepted_callback=self._on_goal,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )
        self._pose = self.create_publisher(PoseWithCovarianceStamped, "pose", 10)
        self.create_timer(0.05, self._step)

    def destroy_node(self) -> None:
        self._under_way = None
        self._action.destroy()  # no node destroys its action servers
        super().destroy_node()

    def _on_goal(self, handle: ServerGoalHandle) -> None:
        self.goals.append(handle.request)
        self._under_way = handle

    def _step(self) -> None:
        handle = self._under_way
        if handle is not None and (self.walks > 0 or handle.is_cancel_requested):
            self._under_way = None
            self.walks -= 1
            handle.execute(self._finish)

    def _finish(self, handle: ServerGoalHandle) -> NavigateTo.Result:
        if handle.is_cancel_requested:
            self.canceled += 1
            handle.canceled()
            return NavigateTo.Result(error_code=NavigateTo.Result.CANCELED)
        self.pose = ros_conversion.pose2d(handle.request.pose.pose)
        at = ros_conversion.seconds(self.get_clock().now().to_msg())
        estimate = PoseEstimate(self.pose, np.eye(3) * 0.01, 1.0, at)
        self._pose.publish(
            ros_conversion.pose_estimate_message(estimate)
        )  # a dog knows that it is there before it says so
        handle.succeed()
        return NavigateTo.Result()


class Rest(Node):
    """The rest of the dog: sensors, gate and camera."""

    def __init__(self, navigator: Navigator) -> None:
        super().__init__("rest")
        self.navigator = navigator
        self.photos: list[TakePhoto.Request] = []
        self.compared: list[tuple[str, str]] = []
        self.spoken: list[dict[str, str]] = []
        self.create_subscription(WireMessage, "speech/spoken", lambda m: self.spoken.append(json.loads(m.payload)), 10)
        self.emergency_stop = False
        self._compared = self.create_publisher(WireMessage, "reference/compared", 10)
        self.create_subscription(WireMessage, "reference/compare", self._on_compare, 10)
        self._pose = self.create_publisher(PoseWithCovarianceStamped, "pose", 10)
        self._odom = self.create_publisher(Odometry, "odom", qos_profile_sensor_data)
        self._battery = self.create_publisher(BatteryState, "battery_state", qos_profile_sensor_data)
        self._safety = self.create_publisher(SafetyState, "safety/state", 10)
        self.create_service(TakePhoto, "take_photo", self._on_photo)
        self.create_service(SetBool, "safety/emergency_stop", self._on_stop)
        self.create_timer(0.05, self._step)

    def _step(self) -> None:
        at = self.get_clock().now().to_msg()
        estimate = PoseEstimate(self.navigator.pose, np.eye(3) * 0.01, 1.0, ros_conversion.seconds(at))
        self._pose.publish(ros_conversion.pose_estimate_message(estimate))
        self._odom.publish(Odometry())
        self._battery.publish(BatteryState(percentage=0.9, voltage=29.0))
        level = SafetyState.STOPPED if self.emergency_stop else SafetyState.CLEAR
        self._safety.publish(SafetyState(level=level, emergency_stop=self.emergency_stop))

    def _on_photo(self, request: TakePhoto.Request, answer: TakePhoto.Response) -> TakePhoto.Response:
        self.photos.append(request)
        answer.success, answer.evidence_id = True, "e1"
        return answer

    def _on_compare(self, message: WireMessage) -> None:
        asked = json.loads(message.payload)
        self.compared.append((asked["actionId"], asked["nodeId"]))
        told = {"actionId": asked["actionId"], "success": True, "text": "as it was"}
        self._compared.publish(WireMessage(topic="compared", payload=json.dumps(told)))

    def _on_stop(self, request: SetBool.Request, answer: SetBool.Response) -> SetBool.Response:
        self.emergency_stop, answer.success = request.data, True
        return answer


class Graph:
    """A dog: mission, link, and the rest of it, in one executor."""

    def __init__(self, port: int, data: Path, *more: str) -> None:
        arguments = ["--ros-args", "-r", "__ns:=/dog1", "-p", f"mqtt_port:={port}", "-p", f"data_dir:={data}"]
        arguments += ["-p", "mission.walking.retry_after:=1.0", "-p", "server_url:=http://127.0.0.1:9", *more]
        rclpy.init(args=arguments, domain_id=free_domain())
        self.navigator = Navigator()
        self.rest = Rest(self.navigator)
        self.nodes = [self.navigator, self.rest, MissionNode(), LinkNode()]
        self.executor = NodeExecutor()
        for node in self.nodes:
            self.executor.add_node(node)

    def until(self, holds: Callable[[], bool], seconds: float = 60.0) -> bool:
        """Spin until something holds; False if it never does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            self.executor.spin_once(timeout_sec=0.02)
        return holds()

    def lose_the_navigator(self) -> None:
        """It ends, its walk unfinished."""
        self.executor.remove_node(self.navigator)
        self.nodes.remove(self.navigator)
        self.navigator.destroy_node()

    def close(self) -> None:
        self.executor.shutdown()
        for node in self.nodes:
            node.destroy_node()
        rclpy.try_shutdown()
        gc.collect()  # rclpy's nodes lie in cycles: without it they stay on the graph of the next test


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with broker(tmp_path) as here, Station(here.port) as listening:
        listening.port = here.port  # type: ignore[attr-defined]
        listening.say("site", retain=True, payload=encode(SITE))
        yield listening


@pytest.fixture
def dog(station: Station, tmp_path: Path) -> Iterator[Graph]:
    made = awake(station, tmp_path)
    yield made
    made.close()


def awake(station: Station, tmp_path: Path) -> Graph:
    """A dog that knows its place and says so."""
    espeak = program(tmp_path / "espeak", 'for file; do :; done; { cat; seq 50; } > "$file"')
    speech = ["-p", f"speech.espeak:={espeak}", "-p", "speech.output:=file"]
    made = Graph(station.port, tmp_path / "dog", *speech)  # type: ignore[attr-defined]
    assert made.until(lambda: told(station, lambda s: s.get("agvPosition", {}).get("mapId") and not s["errors"]))
    return made


def told(station: Station, holds: Callable[[dict[str, Any]], Any]) -> bool:
    """Whether the newest state is so."""
    states = station.said("state")
    return bool(states) and bool(holds(states[-1]))


def last_action(state: dict[str, Any]) -> dict[str, Any]:
    """The action that was given last; empty where a state was sent before any came."""
    return next(reversed(state["actionStates"]), {})


def order(*places: tuple[float, float], order_id: str = "o1", work: int = 1) -> dict[str, Any]:
    """A walk from the start along places; at the one numbered ``work`` a photo and a dwell."""
    nodes: list[dict[str, Any]] = []
    for number, (x, y) in enumerate([(START.x, START.y), *places]):
        position = {"x": x, "y": y, "mapId": SITE.map.map_id, "allowedDeviationXY": 0.5}
        nodes.append(
            {
                "nodeId": f"n{number}",
                "sequenceId": 2 * number,
                "released": True,
                "nodePosition": position,
                "actions": [],
            }
        )
    photo = {"actionType": "takePhoto", "actionId": f"{order_id}-photo", "blockingType": "HARD"}
    dwell = photo | {"actionType": "dwell", "actionId": f"{order_id}-dwell"}
    compare = photo | {"actionType": "compareToReference", "actionId": f"{order_id}-compare"}
    nodes[work]["actions"] = [photo, compare, dwell | {"actionParameters": [{"key": "seconds", "value": 0.5}]}]
    edges = [
        {
            "edgeId": f"e{n}",
            "sequenceId": 2 * n + 1,
            "released": True,
            "startNodeId": f"n{n}",
            "endNodeId": f"n{n + 1}",
            "maxSpeed": 0.4,
            "actions": [],
        }
        for n in range(len(places))
    ]
    return {"orderId": order_id, "orderUpdateId": 0, "nodes": nodes, "edges": edges}


def types(state: dict[str, Any]) -> list[str]:
    return [error["errorType"] for error in state["errors"]]


def done(state: dict[str, Any]) -> bool:
    return not state["nodeStates"] and all(a["actionStatus"] == "FINISHED" for a in state["actionStates"])


def test_json_from_a_stranger_becomes_goals_work_and_a_state_that_says_done(dog: Graph, station: Station) -> None:
    station.say("order", **order((10.0, 4.0), (10.0, 5.0)))
    assert dog.until(lambda: told(station, lambda s: s["orderId"] == "o1" and s["lastNodeId"] == "n2" and done(s)))
    goals = [(g.pose.pose.position.x, g.pose.pose.position.y, g.behavior_tree) for g in dog.navigator.goals]
    assert goals == [(10.0, 4.0, "0.400"), (10.0, 5.0, "0.400")]
    assert [(p.action_id, p.node_id) for p in dog.rest.photos] == [("o1-photo", "n1")]
    assert dog.rest.compared == [("o1-compare", "n1")]
    of_the_order = [s for s in station.said("state") if s["orderId"] == "o1"]
    seen = {a["actionStatus"] for s in of_the_order for a in s["actionStates"] if a["actionId"] == "o1-dwell"}
    assert seen == {"WAITING", "RUNNING", "FINISHED"}
    assert any(s["driving"] for s in of_the_order)
    assert [s["headerId"] for s in of_the_order] == sorted({s["headerId"] for s in of_the_order})


def test_what_is_no_order_is_told_in_the_state_and_the_next_one_is_walked(dog: Graph, station: Station) -> None:
    station.say("order", payload=b'{"orderId": 3')
    assert dog.until(lambda: told(station, lambda s: types(s) == ["validationError"]))
    station.say("order", **(order((10.0, 4.0)) | {"orderId": "far"}), nodes_="ignored")
    assert dog.until(lambda: told(station, lambda s: s["orderId"] == "far" and not s["errors"] and done(s)))


def test_a_node_inside_a_wall_is_refused_by_the_map_that_the_station_sent(dog: Graph, station: Station) -> None:
    station.say("order", **order((1e308, 4.0)))
    assert dog.until(lambda: told(station, lambda s: types(s) == ["noRouteError"]))
    station.say("order", **order((-100.0, 4.0)))
    assert dog.until(lambda: told(station, lambda s: types(s) == ["noRouteError"] * 2 or types(s) == ["noRouteError"]))
    assert dog.navigator.goals == []


def test_a_cancelled_order_ends_the_walk(dog: Graph, station: Station) -> None:
    dog.navigator.walks = 0
    station.say("order", **order((10.0, 4.0)))
    assert dog.until(lambda: bool(dog.navigator.goals))
    station.say("instantActions", actions=[{"actionType": "cancelOrder", "actionId": "c1", "blockingType": "HARD"}])
    assert dog.until(lambda: dog.navigator.canceled == 1)
    ends = {"o1-photo": "FAILED", "o1-compare": "FAILED", "o1-dwell": "FAILED", "c1": "FINISHED"}
    assert dog.until(
        lambda: told(station, lambda s: {a["actionId"]: a["actionStatus"] for a in s["actionStates"]} == ends)
    )


def test_an_emergency_stop_reaches_the_gate_and_is_told_when_it_holds(dog: Graph, station: Station) -> None:
    station.say("instantActions", actions=[{"actionType": "emergencyStop", "actionId": "s1", "blockingType": "HARD"}])
    assert dog.until(lambda: told(station, lambda s: s["safetyState"]["eStop"] == "REMOTE"))
    assert dog.until(lambda: told(station, lambda s: last_action(s).get("actionStatus") == "FINISHED"))
    assert dog.rest.emergency_stop


def test_a_sentence_becomes_sound_and_is_told_on_its_topic(dog: Graph, station: Station) -> None:
    words = {"text": "请退后，谢谢。", "language": "zh"}
    speak = {"actionType": "speak", "actionId": "t1", "blockingType": "NONE"}
    given = [{"key": key, "value": value} for key, value in words.items()]
    station.say("instantActions", actions=[speak | {"actionParameters": given}])
    assert dog.until(lambda: bool(dog.rest.spoken))
    (said,) = dog.rest.spoken
    assert {**said, "file": ""} == {"actionId": "t1", **words, "end": "WRITTEN", "file": ""}
    assert Path(said["file"]).read_text().startswith(words["text"])
    assert dog.until(lambda: told(station, lambda s: last_action(s).get("resultDescription") == "WRITTEN"))
    assert station.said("state")[-1]["actionStates"][-1]["actionStatus"] == "FINISHED"


@pytest.mark.slow
def test_a_dog_whose_broker_is_gone_stands_as_its_order_wants_and_goes_on_when_it_is_back(tmp_path: Path) -> None:
    with broker(tmp_path) as running, Station(running.port) as listening:
        listening.port = running.port  # type: ignore[attr-defined]
        listening.say("site", retain=True, payload=encode(SITE))
        dog = awake(listening, tmp_path)
        try:
            dog.navigator.walks = 0
            wanted = order((10.0, 4.0), work=1)
            policy = {"key": "policy", "value": "stand"}
            rule = {
                "actionType": "onLinkLoss",
                "actionId": "rule",
                "blockingType": "NONE",
                "actionParameters": [policy],
            }
            wanted["nodes"][0]["actions"] = [rule]
            listening.say("order", **wanted)
            assert dog.until(lambda: bool(dog.navigator.goals))
            running.kill()
            assert dog.until(lambda: dog.navigator.canceled == 1, 40)
            assert len(dog.navigator.goals) == 1
            dog.navigator.walks = 99
            running.start()
            with Station(running.port) as later:
                assert dog.until(lambda: told(later, lambda s: s["lastNodeId"] == "n1" and done(s)), 40)
                told_of = {i["infoType"]: i["infoDescription"] for i in later.said("state")[-1]["information"]}
            assert told_of["linkLost"].endswith("stood: stand")
        finally:
            dog.close()


def test_a_factsheet_is_sent_when_asked_for(dog: Graph, station: Station) -> None:
    before = len(station.said("factsheet"))
    asked = {"actionType": "factsheetRequest", "actionId": "f1", "blockingType": "NONE"}
    station.say("instantActions", actions=[asked])
    assert dog.until(lambda: len(station.said("factsheet")) > before)


def test_a_navigator_that_is_gone_is_told_and_not_waited_for(dog: Graph, station: Station) -> None:
    dog.navigator.walks = 0
    station.say("order", **order((10.0, 4.0)))
    assert dog.until(lambda: bool(dog.navigator.goals))
    dog.lose_the_navigator()
    assert dog.until(lambda: told(station, lambda s: types(s) == ["wayBlocked"]))
    assert dog.until(lambda: told(station, lambda s: "orderAborted" in types(s)))


def test_a_dog_whose_process_ended_goes_on_with_its_order_and_says_that_it_was_interrupted(
    station: Station, tmp_path: Path
) -> None:
    first = awake(station, tmp_path)
    try:
        first.navigator.walks = 1
        station.say("order", **order((10.0, 4.0), (10.0, 5.0)))
        assert first.until(lambda: len(first.navigator.goals) == 2)
        place = first.navigator.pose
    finally:
        first.close()
    second = Graph(station.port, tmp_path / "dog")  # type: ignore[attr-defined]
    try:
        second.navigator.pose = place
        notes = ("interrupted by a restart; goes on",)
        assert second.until(
            lambda: told(
                station, lambda s: any(i.get("infoDescription") in notes for i in s["information"]) and s["orderId"]
            )
        )
        assert second.until(lambda: told(station, lambda s: s["lastNodeId"] == "n2" and done(s)))
        assert [(g.pose.pose.position.x, g.pose.pose.position.y) for g in second.navigator.goals] == [(10.0, 5.0)]
        assert len(first.rest.photos) + len(second.rest.photos) == 1
    finally:
        second.close()
    assert json.loads((tmp_path / "dog/order.json").read_text())["last_node_id"] == "n2"
