"""The eyes on real ROS 2, before pictures that the simulator draws of the station's yard."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: E402
from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from geometry_msgs.msg import PoseWithCovarianceStamped  # noqa: E402
from patrol_interfaces.msg import Anomaly, MissionState, Photo, WireMessage  # noqa: E402
from patrol_interfaces.srv import TakePhoto  # noqa: E402
from patrol_nodes import ros_conversion  # noqa: E402
from patrol_nodes.executor import NodeExecutor  # noqa: E402
from patrol_nodes.perception_node import PerceptionNode  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402
from sensor_msgs.msg import CameraInfo, Image, Imu  # noqa: E402

from edge.evidence.spool import ORIGINALS, SPOOL, Spool  # noqa: E402
from edge.perception.person_sim import COMMITTED  # noqa: E402
from edge.types import Pose2D, PoseEstimate  # noqa: E402
from protocol.anomaly import Covariance  # noqa: E402
from protocol.codec import encode, header  # noqa: E402
from protocol.sealed_original import evidence_key_text, open_original  # noqa: E402
from protocol.site import Site  # noqa: E402
from protocol.site_folder import read_site  # noqa: E402
from sim.engine.labelled_pictures import YARD, LabelledRenderer, Stance  # noqa: E402
from sim.engine.opengl_backend import NoPictures  # noqa: E402
from tests.clips import frames_of  # noqa: E402
from tests.protocol import samples  # noqa: E402
from tests.shared import SHARED  # noqa: E402
from xiaotian.ros_domain import free_domain  # noqa: E402

START = 1_770_000_000.0  # s, UTC
INSIDE, OUTSIDE = (24.0, 11.5), (17.5, 12.5)  # of the zone armory_yard, both in view from before it
BEFORE_ARMORY = Pose2D(14.0, 11.0, 0.0)
QUARTERS = Pose2D(20.0, 27.0, 0.0)  # in a privacy zone
FOCAL = 320 / math.tan(0.75)


class Driver(Node):
    """A standing dog's camera, localization and mission."""

    def __init__(self, studio: LabelledRenderer) -> None:
        super().__init__("driver")
        self.studio, self.now, self.pose = studio, START, BEFORE_ARMORY
        self.anomalies: list[Anomaly] = []
        self.photos: list[Photo] = []
        self.compared: list[dict[str, object]] = []
        self.told: dict[str, str] = {}
        self._clock_out = self.create_publisher(Clock, "/clock", 1)
        self._image = self.create_publisher(Image, "camera/image_raw", qos_profile_sensor_data)
        self._info = self.create_publisher(CameraInfo, "camera/camera_info", qos_profile_sensor_data)
        self._imu = self.create_publisher(Imu, "imu", qos_profile_sensor_data)
        self._pose = self.create_publisher(PoseWithCovarianceStamped, "pose", 10)
        self._mission = self.create_publisher(MissionState, "mission/state", 10)
        self.create_subscription(Anomaly, "anomalies", self.anomalies.append, 10)
        self.create_subscription(Photo, "photos", self.photos.append, 10)
        self.create_subscription(DiagnosticArray, "diagnostics", self._on_diagnostics, 5)
        self.camera = self.create_client(TakePhoto, "take_photo")
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.site = self.create_publisher(WireMessage, "site", latched)
        self._compare = self.create_publisher(WireMessage, "reference/compare", 10)
        self.create_subscription(WireMessage, "reference/compared", self._on_compared, 10)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        self.told = {item.key: item.value for item in message.status[0].values}

    def _on_compared(self, message: WireMessage) -> None:
        self.compared.append(json.loads(message.payload))

    def compare(self, action: str) -> None:
        """As the mission asks."""
        asked = json.dumps({"orderId": "o1", "actionId": action, "nodeId": "gate"})
        self._compare.publish(WireMessage(topic="compare", payload=asked))

    def begin(self, order: str) -> None:
        self._mission.publish(MissionState(order_id=order))

    def frame(self) -> None:
        """A fifth of a second: clock, picture, then the pose at its stamp."""
        self.now += 0.2
        at = ros_conversion.stamp(self.now)
        self._clock_out.publish(Clock(clock=at))
        info = CameraInfo(width=640, height=480, k=[FOCAL, 0.0, 320.0, 0.0, FOCAL, 240.0, 0.0, 0.0, 1.0])
        self._info.publish(info)
        imu = Imu()
        imu.header.stamp, imu.orientation.w = at, 1.0
        self._imu.publish(imu)
        ahead = self.pose.compose(Pose2D(0.33, 0.0, 0.0))
        self.studio.look(ahead.x, ahead.y, 0.46, ahead.theta)
        rgb = self.studio.shoot(truth=False).rgb
        image = Image(width=640, height=480, encoding="rgb8", step=1920, data=rgb.tobytes())
        image.header.stamp = at
        self._image.publish(image)
        estimate = PoseEstimate(self.pose, np.diag([1e-4, 1e-4, 1e-5]), 1.0, self.now)
        self._pose.publish(ros_conversion.pose_estimate_message(estimate))


class Graph:
    """The node and its driver in one executor."""

    def __init__(self, studio: LabelledRenderer, detector: str, data: Path) -> None:
        self.data = data
        arguments = ["--ros-args", "-r", "__ns:=/dog24", "-p", "use_sim_time:=true"]
        arguments += ["-p", f"site_folder:={YARD.parent}", "-p", f"detector:={detector}", "-p", f"data_dir:={data}"]
        rclpy.init(args=arguments, domain_id=free_domain())
        self.driver, self.node = Driver(studio), PerceptionNode()
        self.executor = NodeExecutor()
        for node in (self.driver, self.node):
            self.executor.add_node(node)
        self.spin(lambda: self.driver.camera.service_is_ready(), 5.0)

    def spin(self, until: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not until() and time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.01)
        return until()

    def run(self, frames: int) -> None:
        for _ in range(frames):
            self.driver.frame()
            self.spin(lambda: False, 0.08)

    def take_site(self, evidence_key: str, version: int = 2) -> None:
        """As the link passes it on when the station has signed it."""
        file, grid = read_site(YARD.parent)
        site = Site(
            **header(samples.ADDRESS, 0, START),
            site_id=file.site_id,
            site_version=version,
            name=file.name,
            timezone=file.timezone,
            origin=file.origin,
            map=grid,
            zones=file.zones,
            checkpoints=file.checkpoints,
            docks=file.docks,
            evidence_key=evidence_key,
        )
        self.driver.site.publish(WireMessage(topic="site", payload=encode(site).decode()))
        self.run(2)

    def ask(self, action: str) -> TakePhoto.Response:
        answer = self.driver.camera.call_async(TakePhoto.Request(action_id=action, node_id="gate"))
        assert self.spin(answer.done, 5.0)
        response: TakePhoto.Response = answer.result()
        return response

    def close(self) -> None:
        self.executor.shutdown()
        self.driver.destroy_node()
        self.node.destroy_node()
        rclpy.try_shutdown()


@pytest.fixture(params=["person_sim", "yolox_nano"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Graph]:
    weights = COMMITTED if request.param == "person_sim" else SHARED / "models/yolox_nano.onnx"
    if not weights.is_file():
        pytest.skip("needs ../shared/models/yolox_nano.onnx beside the checkout")
    try:
        studio = LabelledRenderer(people=2)
    except NoPictures as error:
        pytest.skip(str(error))
    with studio:
        made = Graph(studio, str(weights), tmp_path)
        yield made
        made.close()


def test_somebody_in_the_armory_yard_is_told_once_with_place_and_masked_picture(graph: Graph) -> None:
    studio, driver = graph.driver.studio, graph.driver
    studio.place(0, Stance(*INSIDE, 2.0))
    studio.place(1, Stance(*OUTSIDE, -1.0))
    graph.run(20)
    assert [anomaly.zone_id for anomaly in driver.anomalies] == ["armory_yard"]
    anomaly = driver.anomalies[0]
    # By camera alone, 10 m away, the fallback was measured 1.7 m off; a lidar's turn would mend it.
    off = 1.0 if driver.told["detector"] == "yolox_nano" else 2.0
    assert math.hypot(anomaly.position.x - INSIDE[0], anomaly.position.y - INSIDE[1]) < off
    assert 0 < anomaly.deviation < 1.5
    xx, xy, yy = anomaly.covariance
    assert np.linalg.eigvalsh([[xx, xy], [xy, yy]])[1] == pytest.approx(anomaly.deviation**2, rel=1e-5)
    assert Covariance(xx=xx, xy=xy, yy=yy)
    assert anomaly.detector == driver.told["detector"]
    assert driver.told["reason"]
    assert float(driver.told["fps"]) == pytest.approx(5.0, abs=0.5)
    picture = cv2.imdecode(np.frombuffer(bytes(anomaly.picture.data), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    driver.begin("another patrol")  # nobody is matched across patrols: the same person is told again
    graph.run(10)
    assert len(driver.anomalies) == 2
    if anomaly.detector == "yolox_nano":  # the clip is made the same way, and takes twice as long
        return
    driver.now += 12.0  # the clip of both is over
    graph.run(2)
    spool = Spool(graph.data / SPOOL)
    assert graph.spin(lambda: spool.take() is not None, 60.0)
    left = spool.take()
    assert left is not None
    note, clip = left
    assert (note.media_type, note.order_id) == ("video/mp4", "another patrol")
    assert note.anomaly_ids == [each.anomaly_id for each in driver.anomalies]
    assert 20 <= len(frames_of(clip)) <= 32


def test_a_photo_is_the_next_frame_under_the_id_that_was_promised(graph: Graph) -> None:
    assert not graph.ask("too-early").success
    graph.run(8)
    answer = graph.ask("photo-1")
    assert answer.success
    asked_at = graph.driver.now
    graph.run(2)
    graph.spin(lambda: bool(graph.driver.photos), 20.0)
    assert [photo.evidence_id for photo in graph.driver.photos] == [answer.evidence_id]
    photo = graph.driver.photos[0]
    assert (photo.action_id, photo.node_id) == ("photo-1", "gate")
    assert ros_conversion.seconds(photo.header.stamp) > asked_at
    assert photo.pose.position.x == pytest.approx(BEFORE_ARMORY.x)
    assert bytes(photo.picture.data)[:2] == b"\xff\xd8"


def test_a_checkpoint_is_compared_with_what_the_dog_kept_of_it(graph: Graph) -> None:
    graph.run(8)
    for number in range(2):
        graph.driver.compare(f"c{number}")
        for _ in range(40):
            if len(graph.driver.compared) > number:
                break
            graph.run(1)
    assert [(told["actionId"], told["success"]) for told in graph.driver.compared] == [("c0", True), ("c1", True)]
    first, second = (str(told["text"]) for told in graph.driver.compared)
    assert first == "kept as a reference: the first of this checkpoint"
    assert second.startswith("as it was: ")


def test_an_original_is_kept_only_when_the_site_has_a_key_and_then_sealed_alone_is_on_the_disk(tmp_path: Path) -> None:
    officer = X25519PrivateKey.generate()
    with LabelledRenderer(people=2) as studio:
        graph = Graph(studio, str(COMMITTED), tmp_path)
        driver, spool = graph.driver, Spool(tmp_path / ORIGINALS)
        studio.place(0, Stance(*INSIDE, 2.0))
        graph.run(12)
        assert len(driver.anomalies) == 1
        assert driver.told["originals"] == "off"
        assert not (tmp_path / ORIGINALS).exists()
        graph.take_site(evidence_key_text(officer.public_key()))
        driver.begin("another patrol")
        graph.run(12)
        assert len(driver.anomalies) == 2
        assert graph.spin(lambda: driver.told["originals_made"] == "1", 10.0)
        left = spool.take()
        assert left is not None
        label, opened = open_original(officer, left[1])
        masked = bytes(driver.anomalies[1].picture.data)
        assert label.anomaly_id == driver.anomalies[1].anomaly_id
        assert label.masked_sha256 == hashlib.sha256(masked).hexdigest()
        assert (label.manufacturer, label.serial_number) == ("xiaotian", "dog24")
        shown, bare = (cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in (masked, opened))
        assert 0 < (np.abs(shown.astype(int) - bare).max(axis=2) > 40).mean() < 0.2  # the head, and no more
        for path in tmp_path.rglob("*"):
            there = path.read_bytes() if path.is_file() else b""
            assert not any(opened[at : at + 32] in there for at in range(0, len(opened) - 32, 16)), path
        graph.take_site("A" * 43 + "=", version=3)  # a key that keeps no secret
        driver.begin("a third")
        graph.run(12)
        assert len(driver.anomalies) == 3
        assert graph.spin(lambda: driver.told["originals"] == "off", 5.0)
        assert driver.told["originals_made"] == "1"
        graph.close()


def test_in_a_privacy_zone_no_photo_is_taken(graph: Graph) -> None:
    graph.driver.pose = QUARTERS
    graph.run(8)
    answer = graph.ask("photo-1")
    assert not answer.success
    assert "privacy" in answer.message
