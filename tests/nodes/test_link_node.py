"""The link on real ROS 2 and a real broker: what perception says reaches the station, and is said until received."""

import hashlib
import json
import math
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from geometry_msgs.msg import PoseWithCovarianceStamped  # noqa: E402
from patrol_interfaces.msg import Anomaly, MissionState, Photo, WireMessage  # noqa: E402
from patrol_nodes import ros_conversion  # noqa: E402
from patrol_nodes.executor import NodeExecutor  # noqa: E402
from patrol_nodes.link_node import LinkNode  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402

from edge.types import Pose2D  # noqa: E402
from protocol.codec import encode  # noqa: E402
from protocol.topics import Topic  # noqa: E402
from tests.broker import TestBroker, broker  # noqa: E402
from tests.edge.link.station import Station  # noqa: E402
from tests.protocol import samples  # noqa: E402
from xiaotian.ros_domain import free_domain  # noqa: E402

JPEG = b"\xff\xd8 the link looks at no pixel \xff\xd9"
SITE = samples.OURS[Topic.SITE]


class Dog(Node):
    """The other nodes of the dog, as far as the link hears them."""

    def __init__(self) -> None:
        super().__init__("others")
        self.inbox: list[WireMessage] = []
        self.sites: list[WireMessage] = []
        self.told: dict[str, str] = {}
        self.anomalies = self.create_publisher(Anomaly, "anomalies", 10)
        self.photos = self.create_publisher(Photo, "photos", 10)
        self.states = self.create_publisher(MissionState, "mission/state", 10)
        self.pose = self.create_publisher(PoseWithCovarianceStamped, "pose", 10)
        self.create_subscription(WireMessage, "mission/inbox", self.inbox.append, 50)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(WireMessage, "site", self.sites.append, latched)
        self.create_subscription(DiagnosticArray, "diagnostics", self._on_diagnostics, 5)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        self.told = {item.key: item.value for item in message.status[0].values}

    def state(self, order_id: str = "order-1") -> None:
        told = msgspec.structs.replace(samples.STATE, order_id=order_id)
        self.states.publish(MissionState(order_id=order_id, state=encode(told).decode()))

    def anomaly(self, **fields: object) -> str:
        message = Anomaly(anomaly_id=str(uuid.uuid4()), kind="PERSON_IN_RESTRICTED_ZONE", zone_id="armory_yard")
        message.header.stamp = self.get_clock().now().to_msg()
        message.position.x, message.position.y, message.deviation = 24.0, 11.5, 0.5
        message.covariance = [0.25, 0.1, 0.09]
        message.score, message.detector, message.track_id = 0.9, "yolox_nano", 3
        message.picture.data = JPEG
        for name, value in fields.items():
            setattr(message, name, value)
        self.anomalies.publish(message)
        return message.anomaly_id

    def stand(self) -> None:
        message = PoseWithCovarianceStamped()
        message.header.stamp = self.get_clock().now().to_msg()
        message.pose.pose = ros_conversion.pose_message(Pose2D(3.0, 4.0, 0.5))
        message.pose.covariance[0] = message.pose.covariance[7] = message.pose.covariance[35] = 0.01
        self.pose.publish(message)


class Graph:
    """The link and its neighbours in one executor."""

    def __init__(self, port: int, data: Path, *more: str) -> None:
        arguments = ["--ros-args", "-r", "__ns:=/dog1", "-p", f"mqtt_port:={port}", "-p", f"data_dir:={data}"]
        rclpy.init(args=[*arguments, "-p", "server_url:=http://127.0.0.1:9", *more], domain_id=free_domain())
        self.link, self.dog = LinkNode(), Dog()
        self.executor = NodeExecutor()
        self.executor.add_node(self.link)
        self.executor.add_node(self.dog)
        assert self.until(lambda: self.dog.anomalies.get_subscription_count() > 0)
        assert self.until(lambda: self.dog.states.get_subscription_count() > 0)

    def until(self, holds: Callable[[], bool], seconds: float = 60.0) -> bool:
        """Spin until something holds; False if it never does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            self.executor.spin_once(timeout_sec=0.02)
        return holds()

    def close(self) -> None:
        self.executor.shutdown()
        self.link.destroy_node()
        self.dog.destroy_node()
        rclpy.try_shutdown()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[TestBroker]:
    with broker(tmp_path) as running:
        yield running


@pytest.fixture
def station(here: TestBroker) -> Iterator[Station]:
    with Station(here.port) as listening:
        yield listening


@pytest.fixture
def graph(here: TestBroker, station: Station, tmp_path: Path) -> Iterator[Graph]:
    made = Graph(here.port, tmp_path / "dog")
    yield made
    made.close()


def test_an_anomaly_is_said_until_it_is_received_and_then_leaves(graph: Graph, station: Station) -> None:
    graph.dog.state("order-7")
    assert graph.until(lambda: bool(station.said("state")))
    key = graph.dog.anomaly()
    assert graph.until(lambda: len(station.said("anomaly")) >= 2)  # again, for nobody said that it was received
    first, second = station.said("anomaly")[:2]
    assert first["anomalyId"] == second["anomalyId"] == key
    assert second["headerId"] == first["headerId"] + 1
    assert (first["zoneId"], first["orderId"], first["score"]) == ("armory_yard", "order-7", pytest.approx(0.9))
    assert (
        first["position"].items() >= {"x": 24.0, "y": 11.5, "covariance": {"xx": 0.25, "xy": 0.1, "yy": 0.09}}.items()
    )
    evidence = station.said("evidence")[0]
    assert first["evidenceIds"] == [evidence["evidenceId"]]
    assert (evidence["purpose"], evidence["anomalyId"], evidence["masked"]) == ("ANOMALY", key, True)
    assert (evidence["sha256"], evidence["sizeBytes"]) == (hashlib.sha256(JPEG).hexdigest(), len(JPEG))
    station.received(key, evidence["evidenceId"])
    assert graph.until(lambda: graph.dog.told.get("rows") == "0")
    count = len(station.said("anomaly"))
    assert not graph.until(lambda: len(station.said("anomaly")) > count, 3.0)


def test_a_photo_goes_out_with_the_checkpoint_and_order_it_was_taken_for(graph: Graph, station: Station) -> None:
    graph.dog.state("order-7")
    assert graph.until(lambda: bool(station.said("state")))
    message = Photo(evidence_id=str(uuid.uuid4()), action_id="photo-1", node_id="gate")
    message.picture.data = JPEG
    graph.dog.photos.publish(message)
    assert graph.until(lambda: bool(station.said("evidence")))
    evidence = station.said("evidence")[0]
    assert evidence["evidenceId"] == message.evidence_id
    told = tuple(evidence[name] for name in ("purpose", "orderId", "nodeId", "actionId"))
    assert told == ("CHECKPOINT", "order-7", "gate", "photo-1")


def test_what_cannot_be_an_anomaly_is_counted_and_the_next_one_goes_out(graph: Graph, station: Station) -> None:
    graph.dog.anomaly(anomaly_id="no uuid")
    graph.dog.anomaly(kind="NOTHING_KNOWN")
    nowhere = Anomaly().position
    nowhere.x = float("nan")
    graph.dog.anomaly(position=nowhere)
    graph.dog.states.publish(MissionState(state="no json"))
    key = graph.dog.anomaly()
    assert graph.until(lambda: bool(station.said("anomaly")))
    assert station.said("anomaly")[0]["anomalyId"] == key
    assert graph.until(lambda: graph.dog.told.get("refused") == "4")
    assert graph.dog.told["rows"] == "2"


@pytest.mark.parametrize(
    ("covariance", "refused"), [([0.0, 0.0, 0.0], None), ([0.1, 0.2, 0.1], "1"), ([math.nan, 0.0, 0.1], "1")]
)
def test_an_anomaly_whose_covariance_is_not_known_or_is_none_goes_out_without_it(
    graph: Graph, station: Station, covariance: list[float], refused: str | None
) -> None:
    key = graph.dog.anomaly(covariance=covariance)
    assert graph.until(lambda: bool(station.said("anomaly")))
    said = station.said("anomaly")[0]
    assert (said["anomalyId"], said["position"]["deviation"], "covariance" in said["position"]) == (key, 0.5, False)
    assert graph.until(lambda: graph.dog.told.get("rows") == "2")
    assert refused is None or graph.until(lambda: graph.dog.told.get("refused") == refused)


def test_a_simulated_dog_says_nothing_until_it_is_told_the_time(
    here: TestBroker, station: Station, tmp_path: Path
) -> None:
    graph = Graph(here.port, tmp_path / "dog", "-p", "use_sim_time:=true")
    ticks = graph.dog.create_publisher(Clock, "/clock", 1)
    try:
        assert not graph.until(lambda: bool(station.said("connection") or station.said("factsheet")), 2.0)
        tick = Clock()
        tick.clock.sec = 1_000_000_000

        def told() -> bool:
            ticks.publish(tick)
            return bool(station.said("connection") and station.said("factsheet"))

        assert graph.until(told)
    finally:
        graph.close()
    said = [station.said(topic)[0]["timestamp"] for topic in ("connection", "factsheet")]
    assert [stamp[:13] for stamp in said] == ["2001-09-09T01"] * 2


def commands(graph: Graph) -> list[WireMessage]:
    """What came for the mission, without the link's word on itself."""
    return [message for message in graph.dog.inbox if message.topic != "link"]


def test_the_mission_is_told_whether_the_station_can_be_reached(graph: Graph, station: Station) -> None:
    def told() -> list[bool]:
        return [json.loads(m.payload)["connected"] for m in graph.dog.inbox if m.topic == "link"]

    assert graph.until(lambda: told()[-1:] == [True])


def test_orders_reach_the_mission_and_what_is_none_reaches_it_as_malformed(graph: Graph, station: Station) -> None:
    assert graph.until(lambda: bool(station.said("factsheet")))  # after the subscriptions, on the same connection
    station.say("order", payload=encode(samples.ORDER))
    station.say("order", payload=b'{"orderId": 3}')
    assert graph.until(lambda: len(commands(graph)) >= 2)
    order, refused = commands(graph)
    assert order.topic == "order"
    assert json.loads(order.payload) == json.loads(encode(samples.ORDER))
    assert refused.topic == "malformed"
    told = json.loads(refused.payload)
    assert told["topic"].endswith("/order")
    assert "Order" in told["error"]


def test_the_newest_site_is_kept_and_told_at_the_next_start(here: TestBroker, station: Station, tmp_path: Path) -> None:
    def versions(graph: Graph) -> list[int]:
        return [json.loads(message.payload)["siteVersion"] for message in graph.dog.sites]

    newer = msgspec.structs.replace(SITE, site_version=SITE.site_version + 1)
    first = Graph(here.port, tmp_path / "dog")
    try:
        station.say("site", retain=True, payload=encode(newer))
        assert first.until(lambda: versions(first) == [newer.site_version])
        station.say("site", retain=True, payload=encode(SITE))  # an older one
        assert not first.until(lambda: len(first.dog.sites) > 1, 1.0)
    finally:
        first.close()
    here.kill()
    second = Graph(here.port, tmp_path / "dog")
    try:
        assert second.until(lambda: versions(second) == [newer.site_version])
    finally:
        second.close()


def test_a_dog_online_shows_where_it_is_and_says_goodbye_when_it_goes(
    here: TestBroker, station: Station, tmp_path: Path
) -> None:
    graph = Graph(here.port, tmp_path / "dog")
    try:
        graph.dog.state()

        def shown() -> bool:
            graph.dog.stand()
            return len(station.said("visualization")) >= 2

        assert graph.until(shown)
        position = station.said("visualization")[0]["agvPosition"]
        assert (position["x"], position["y"], position["mapId"]) == (3.0, 4.0, samples.STATE.maps[0].map_id)
        assert graph.until(lambda: graph.dog.told.get("connected") == "true")
    finally:
        graph.close()
    station.hear("connection", lambda said: said["connectionState"] == "OFFLINE")
    assert [said["connectionState"] for said in station.said("connection")][-2:] == ["ONLINE", "OFFLINE"]
