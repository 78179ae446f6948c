"""A dog made of nothing but the wire protocol: it walks straight to each node of its order and reports.

It stands for any VDA 5050 vehicle; nothing of ``edge`` or ROS is in it.
"""

import hashlib
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any
from uuid import UUID, uuid4

import httpx
import paho.mqtt.client as mqtt
from msgspec import UNSET, UnsetType
from msgspec.structs import replace
from paho.mqtt.enums import CallbackAPIVersion

from edge.mission.factsheet import factsheet
from protocol.anomaly import Anomaly, AnomalyKind, Covariance, MapPoint
from protocol.codec import decode, encode, header, timestamp
from protocol.connection import Connection, ConnectionState
from protocol.evidence import Evidence, EvidencePurpose
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.order import Node, Order
from protocol.received import Received
from protocol.site_folder import read_site
from protocol.speech import LANGUAGE, SPEAK, TEXT, SpeechEnd
from protocol.state import (
    ActionState,
    ActionStatus,
    AgvPosition,
    BatteryState,
    Error,
    EStop,
    InfoLevel,
    Information,
    Map,
    MapStatus,
    NodeState,
    OperatingMode,
    SafetyState,
    State,
    StatePosition,
    Velocity,
)
from protocol.topics import TABLE, Address, Topic
from protocol.visualization import Visualization
from tests.console.running_station import SITE, RunningStation

SPEED = 2.5  # m/s: a test's dog is in a hurry
TICK_S = 0.1
DETECTOR = "yolox_nano.onnx"


class WireDog:
    """Connects, obeys orders and reports, from ``start`` to ``stop``."""

    def __init__(self, serial: str, map_id: str, pose: tuple[float, float, float], mqtt_port: int) -> None:
        self.address = Address("xiaotian", serial)
        self.map_id = map_id
        self.x, self.y, self.theta = pose
        self.received: set[UUID] = set()
        self.errors: list[Error] = []  # what it reports to be wrong with it
        self.stopped = False  # by an emergency stop, as it confirms itself
        self.deaf = False  # instant actions do not reach it
        self.silent = False  # it says neither state nor place
        self.spoken: list[tuple[str, str]] = []
        self.clock_ahead_s = 0.0
        self.pace = SPEED  # m/s
        self.site_version = 0  # that it says it has; 0: none
        self._port = mqtt_port
        self._lock = Lock()
        self._ended = Event()
        self._counts: dict[Topic, int] = {}
        self._order_id = ""
        self._last = ("", 0)
        self._ahead: list[Node] = []
        self._actions: dict[str, ActionState] = {}
        self._ticks = 0
        self._tracks = 0
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"{serial}-{uuid4().hex[:8]}", protocol=mqtt.MQTTv5
        )
        self._thread = Thread(target=self._run, daemon=True)

    @property
    def under_way(self) -> bool:
        """Whether it has still to go somewhere."""
        return bool(self._ahead)

    def start(self) -> None:
        """Connect, with the last will that the protocol asks for, and begin to report."""
        will = encode(Connection(**self._header(Topic.CONNECTION), connection_state=ConnectionState.CONNECTIONBROKEN))
        self._client.will_set(self.address.topic(Topic.CONNECTION), will, qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self._thread.start()

    def stop(self) -> None:
        """Say OFFLINE, where there is still somebody to say it to, and leave; a second time does nothing."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._thread.join(timeout=5)
        if self._client.is_connected():
            self._say_offline()
        self._client.disconnect()
        self._client.loop_stop()

    def leave(self) -> None:
        """Say OFFLINE and hear nothing any more, until ``come_back``."""
        self._say_offline()
        self._client.disconnect()
        self._client.loop_stop()

    def come_back(self) -> None:
        """Connect anew."""
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()

    def _say_offline(self) -> None:
        bye = Connection(**self._header(Topic.CONNECTION), connection_state=ConnectionState.OFFLINE)
        self._say(Topic.CONNECTION, bye).wait_for_publish(30)

    def raise_anomaly(
        self,
        zone_id: str,
        at: tuple[float, float],
        picture: bytes,
        now: float,
        covariance: Covariance | UnsetType = UNSET,
        kind: AnomalyKind | None = None,
    ) -> tuple[UUID, UUID]:
        """Tell of a person in a zone, or of one who lies where no zone is named, with a picture to come; both ids.
        ``kind``: of something else.

        Each is another person to the dog; the station takes two who are near each other for one.
        """
        self._tracks += 1
        anomaly_id, evidence_id = uuid4(), uuid4()
        place = MapPoint(x=at[0], y=at[1], map_id=self.map_id, deviation=0.3, covariance=covariance)
        self._say(
            Topic.ANOMALY,
            Anomaly(
                **self._header(Topic.ANOMALY),
                anomaly_id=anomaly_id,
                kind=kind or (AnomalyKind.PERSON_IN_RESTRICTED_ZONE if zone_id else AnomalyKind.PERSON_LYING),
                observed_at=timestamp(now),
                position=place,
                score=0.87,
                detector=DETECTOR,
                zone_id=zone_id or UNSET,
                track_id=self._tracks,
                evidence_ids=[evidence_id],
                **({"order_id": self._order_id} if self._order_id else {}),
            ),
        )
        self._say_evidence(evidence_id, EvidencePurpose.ANOMALY, picture, now, anomaly_id=anomaly_id, position=place)
        return anomaly_id, evidence_id

    def photograph(self, node_id: str, picture: bytes, now: float) -> UUID:
        """Tell of a checkpoint's photo; the id of the evidence."""
        evidence_id = uuid4()
        self._say_evidence(
            evidence_id, EvidencePurpose.CHECKPOINT, picture, now, node_id=node_id, order_id=self._order_id
        )
        return evidence_id

    def upload(self, server: str, token: str, evidence_id: UUID, picture: bytes) -> None:
        """Send the bytes as soon as the server knows of them, from where it has them."""
        with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {token}"}, timeout=10) as http:
            path = f"/api/v1/evidence/{evidence_id}"
            for _ in range(100):
                known = http.head(path)
                if known.status_code == 200:
                    break
                self._ended.wait(0.1)
            known.raise_for_status()
            offset = int(known.headers["Upload-Offset"])
            http.patch(
                path,
                content=picture[offset:],
                headers={"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"},
            ).raise_for_status()

    def _say_evidence(
        self, evidence_id: UUID, purpose: EvidencePurpose, picture: bytes, now: float, **more: Any
    ) -> None:
        self._say(
            Topic.EVIDENCE,
            Evidence(
                **self._header(Topic.EVIDENCE),
                evidence_id=evidence_id,
                purpose=purpose,
                sha256=hashlib.sha256(picture).hexdigest(),
                size_bytes=len(picture),
                media_type="image/jpeg",
                captured_at=timestamp(now),
                masked=True,
                **more,
            ),
        )

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        for topic in (Topic.ORDER, Topic.INSTANT_ACTIONS, Topic.RECEIVED):
            client.subscribe(self.address.topic(topic), qos=TABLE[topic].qos)
        self._say(
            Topic.CONNECTION, Connection(**self._header(Topic.CONNECTION), connection_state=ConnectionState.ONLINE)
        )
        self._say(Topic.FACTSHEET, replace(factsheet(self.address, 0.0), **self._header(Topic.FACTSHEET)))

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic.endswith(Topic.ORDER):
            self._take(decode(message.payload, Order))
        elif message.topic.endswith(Topic.INSTANT_ACTIONS):
            self._obey(decode(message.payload, InstantActions))
        elif message.topic.endswith(Topic.RECEIVED):
            self.received.update(decode(message.payload, Received).ids)

    def _obey(self, message: InstantActions) -> None:
        """A fallen dog that is let go on has no fall to tell of any more; a stopped one stands until it is released."""
        if self.deaf:
            return
        for each in message.actions:
            speaks = each.action_type == SPEAK
            self._actions[each.action_id] = ActionState(
                action_id=each.action_id,
                action_status=ActionStatus.FINISHED,
                action_type=each.action_type,
                result_description=SpeechEnd.WRITTEN if speaks else UNSET,
            )
            if speaks:
                self.spoken.append((each.parameter(TEXT), each.parameter(LANGUAGE)))
            elif each.action_type == "cancelOrder":
                with self._lock:
                    self._ahead = []
            elif each.action_type == "clearFall":
                self.errors = [error for error in self.errors if error.error_type != "fallen"]
            elif each.action_type in ("emergencyStop", "releaseEmergencyStop"):
                self.stopped = each.action_type == "emergencyStop"

    def _take(self, order: Order) -> None:
        with self._lock:
            if order.order_id == self._order_id:
                return
            self._order_id = order.order_id
            self._ahead = list(order.nodes)
            self._actions = {
                a.action_id: ActionState(
                    action_id=a.action_id, action_status=ActionStatus.WAITING, action_type=a.action_type
                )
                for node in order.nodes
                for a in node.actions
            }

    def _run(self) -> None:
        while not self._ended.wait(TICK_S):
            with self._lock:
                self._walk(self.pace * TICK_S)
                self._report()

    def _walk(self, step: float) -> None:
        """One step towards the next node; there, its actions are done at once."""
        if self.stopped or not self._ahead or self._ahead[0].node_position is None:
            return
        node = self._ahead[0]
        dx, dy = node.node_position.x - self.x, node.node_position.y - self.y
        distance = math.hypot(dx, dy)
        if distance > step:
            self.theta = math.atan2(dy, dx)
            self.x += dx / distance * step
            self.y += dy / distance * step
            return
        self.x, self.y = node.node_position.x, node.node_position.y
        self._last = (node.node_id, node.sequence_id)
        self._ahead.pop(0)
        for a in node.actions:
            self._actions[a.action_id] = ActionState(
                action_id=a.action_id, action_status=ActionStatus.FINISHED, action_type=a.action_type
            )

    def _report(self) -> None:
        if self.silent:
            return
        self._ticks += 1
        place = AgvPosition(x=self.x, y=self.y, theta=self.theta, map_id=self.map_id, position_initialized=True)
        speed = Velocity(vx=self.pace if self._ahead and not self.stopped else 0.0, vy=0.0, omega=0.0)
        if self._ticks % 2 == 0:
            self._say(
                Topic.VISUALIZATION,
                Visualization(**self._header(Topic.VISUALIZATION), agv_position=place, velocity=speed),
            )
        if self._ticks % 5 == 0:
            self._say(Topic.STATE, self._state(place, speed))

    def _state(self, place: AgvPosition, speed: Velocity) -> State:
        walking = bool(self._ahead) and not self.stopped
        return State(
            **self._header(Topic.STATE),
            order_id=self._order_id,
            order_update_id=0,
            last_node_id=self._last[0],
            last_node_sequence_id=self._last[1],
            driving=walking,
            operating_mode=OperatingMode.AUTOMATIC,
            node_states=[
                NodeState(
                    node_id=node.node_id,
                    sequence_id=node.sequence_id,
                    released=True,
                    node_position=StatePosition(x=node.node_position.x, y=node.node_position.y, map_id=self.map_id),
                )
                for node in self._ahead
            ],
            edge_states=[],
            maps=[
                Map(map_id=self.map_id, map_version=str(self.site_version), map_status=MapStatus.ENABLED),
            ],
            action_states=list(self._actions.values()),
            battery_state=BatteryState(battery_charge=82.0, charging=False),
            errors=list(self.errors),
            safety_state=SafetyState(e_stop=EStop.REMOTE if self.stopped else EStop.NONE, field_violation=False),
            agv_position=place,
            velocity=speed,
            information=[
                Information(
                    info_type="phase", info_level=InfoLevel.INFO, info_description="DRIVING" if walking else "IDLE"
                ),
                Information(info_type="detector", info_level=InfoLevel.INFO, info_description=DETECTOR),
            ],
        )

    def _header(self, topic: Topic) -> dict[str, Any]:
        self._counts[topic] = self._counts.get(topic, -1) + 1
        return header(self.address, self._counts[topic], time.time() + self.clock_ahead_s)

    def _say(self, topic: Topic, message: Wire) -> mqtt.MQTTMessageInfo:
        row = TABLE[topic]
        return self._client.publish(self.address.topic(topic), encode(message), qos=row.qos, retain=row.retain)


@contextmanager
def dog_at_dock(
    station: RunningStation, name: str = "dog1", dock: int = 0, clock_ahead_s: float = 0.0
) -> Iterator[WireDog]:
    """A dog that stands at a dock of the station's site and is on the wire; its clock is ahead of the station's."""
    site, grid = read_site(SITE)
    pose = site.docks[dock].pose
    dog = WireDog(name, grid.map_id, (pose.x, pose.y, pose.theta), station.mqtt_port)
    dog.clock_ahead_s = station.clock_ahead_s + clock_ahead_s
    dog.start()
    try:
        yield dog
    finally:
        dog.stop()
