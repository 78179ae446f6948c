"""The dog's side of a stream and the server's, joined by real sockets."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from edge.camera_stream.live_camera import LiveCamera
from edge.camera_stream.live_frame import LiveFrame
from edge.camera_stream.station_door import StationDoor
from edge.camera_stream.stream_order import StreamOrder
from edge.mission.events import CameraStreamTold
from edge.mission.factsheet import factsheet
from edge.perception.head_masking import mask
from fleet_server.app import create_app
from protocol.camera_stream import START_STREAM, StreamEnd, VideoFrame, unpack
from protocol.codec import encode
from protocol.topics import Address
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_hostile_http import listening
from tests.fleet_server.world import API, PASSWORD, eventually, settings

FPS = 5.0


@dataclass
class Site:
    """A server on a port, an operator at it, and a dog on its wire."""

    port: int
    operator: httpx.Client
    dog: Dog
    door: StationDoor
    told: list[CameraStreamTold] = field(default_factory=list)
    shown: int = 0

    def ask(self) -> str:
        answer = self.operator.post("/dogs/dog1/camera-views", json={"reason": "look"})
        assert answer.status_code == 201, answer.text
        view_id: str = answer.json()["viewId"]
        return view_id

    def watch(self, view_id: str) -> ClientConnection:
        cookie = "; ".join(f"{name}={value}" for name, value in self.operator.cookies.items())
        url = f"ws://127.0.0.1:{self.port}{API}/camera-views/{view_id}"
        return connect(url, additional_headers={"Cookie": cookie}, proxy=None)

    def order(self) -> StreamOrder:
        """What the dog is asked to do."""
        while True:
            for action in self.dog.hear("instantActions")["actions"]:
                if action["actionType"] == START_STREAM:
                    return StreamOrder(action["actionId"], action["actionParameters"][0]["value"], 1e12, fps=FPS)

    def run(self, camera: LiveCamera, until: Any) -> None:
        """Frames of a square that wanders, as fast as they are made, until something is so."""

        def step() -> bool:
            now = time.monotonic()
            self.told += camera.update(now, now)
            if camera.every_s is not None:
                pixels = np.zeros((120, 160, 3), np.uint8)
                pixels[40:80, 3 * self.shown % 120 : 3 * self.shown % 120 + 40] = 255
                camera.take(LiveFrame(mask(pixels, []), now - 0.1), now, now)
                self.shown += 1
            return bool(until())

        eventually(step)


@pytest.fixture
def site(mqtt: TestBroker, tmp_path: Path) -> Iterator[Site]:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(listening(create_app(settings(tmp_path, mqtt.port), lambda _: None)))
        operator = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}{API}"))
        operator.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
        dog = stack.enter_context(Dog(mqtt.port))
        dog.online()
        sheet = json.loads(encode(factsheet(Address("xiaotian", dog.name), 0.0)))
        dog.say("factsheet", **{key: value for key, value in sheet.items() if key not in dog.message("factsheet")})
        made = Site(port, operator, dog, StationDoor(f"http://127.0.0.1:{port}", tmp_path / "station" / "robot_token"))
        eventually(lambda: any(d["live"] and d["cameraStream"] for d in operator.get("/dogs").json()))
        yield made


def frames(socket: ClientConnection, n: int) -> list[VideoFrame]:
    got: list[VideoFrame] = []
    while len(got) < n:
        message = socket.recv(timeout=60)
        if isinstance(message, bytes):
            got.append(unpack(message))
    return got


def test_pictures_flow_with_their_time_by_the_stations_clock_and_end_when_nobody_watches(site: Site) -> None:
    view_id = site.ask()
    camera = LiveCamera(site.door)
    with site.watch(view_id) as viewer:
        camera.take_order(site.order(), time.monotonic())
        site.run(camera, lambda: site.shown >= 30)
        seen = frames(viewer, 15)
        assert seen[0].key
        numbers = [frame.number for frame in seen]
        assert numbers == list(range(numbers[0], numbers[0] + 15))
        ages = [time.time() - frame.captured_at for frame in seen]
        assert all(0.1 <= age < 60 for age in ages), "no picture is told to be newer than it is"
    assert site.told[0].ended is None
    site.run(camera, lambda: not camera.active)
    assert site.told[-1].ended is StreamEnd.UNWATCHED


def test_a_dog_whose_line_breaks_comes_back_by_itself_and_with_a_key_frame(site: Site) -> None:
    camera = LiveCamera(site.door)
    with site.watch(site.ask()) as viewer:
        order = site.order()
        camera.take_order(order, time.monotonic())
        site.run(camera, lambda: site.shown >= 5)
        frames(viewer, 3)
        assert camera._running is not None
        connection = camera._running.uplink._socket
        assert connection is not None
        connection.transport.abort()
        site.run(camera, lambda: camera.every_s is None)
        before = site.shown
        site.run(camera, lambda: site.shown >= before + 10)
        later = frames(viewer, 6)
        assert any(frame.key for frame in later)
        site.told += camera.end(StreamEnd.BATTERY_LOW)
        said = ""
        while "ended" not in said:
            message = viewer.recv(timeout=60)
            said = message if isinstance(message, str) else ""
        assert json.loads(said) == {"ended": "BATTERY_LOW"}


def test_a_dog_that_the_station_does_not_know_ends_at_once_and_one_that_cannot_reach_it_after_a_while(
    site: Site, tmp_path: Path
) -> None:
    camera = LiveCamera(site.door)
    camera.take_order(StreamOrder("nobody-asked", "wrong", 1e12), time.monotonic())
    site.run(camera, lambda: not camera.active)
    assert site.told[-1] == CameraStreamTold("nobody-asked", StreamEnd.REFUSED)
    now = time.monotonic()
    lost = LiveCamera(StationDoor("http://127.0.0.1:9", tmp_path / "station" / "robot_token"))
    lost.take_order(StreamOrder("s", "t", 1e12), now)
    assert lost.update(now, now + 9.0) == []
    assert lost.update(now, now + 11.0) == [CameraStreamTold("s", StreamEnd.UNREACHABLE)]


def test_a_dog_that_cannot_mask_real_pictures_shows_nothing_and_connects_to_nobody(site: Site) -> None:
    camera = LiveCamera(site.door, StreamEnd.NO_MASKING)
    assert camera.take_order(StreamOrder("s", "t", 1e12), 0.0) == [CameraStreamTold("s", StreamEnd.NO_MASKING)]
    assert not camera.active
    assert camera.every_s is None
