"""A dog's perception alone, in a process of its own: ten pictures a second, and the live camera while it is asked for.

Reads a JSON line for each order: a stream's id and token, said again while it is to go on.
"""

import json
import queue
import sys
import threading
import time
from pathlib import Path

import numpy as np

from edge.camera_stream.live_camera import LiveCamera
from edge.camera_stream.station_door import StationDoor
from edge.camera_stream.stream_order import StreamOrder
from edge.dog.perception_core import Frame, PerceptionCore
from edge.perception.camera_geometry import Intrinsics
from edge.perception.detector_selection import AUTO, choose, places
from edge.types import Imu, Pose2D, PoseEstimate
from protocol.camera_stream import LEASE_S

PERIOD_S = 0.1
STAMP_BITS, STAMP_PX = 16, 20  # as bench/_camera_browser.py reads them
CAMERA = Intrinsics(343.0, 343.0, 320.0, 240.0, 640, 480)


def main(server_url: str, token_file: str) -> None:
    """Until the orders end."""
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    reading = threading.Thread(target=_read, args=(orders,), daemon=True)
    reading.start()
    core = PerceptionCore(choose(AUTO, places([])).detector, lambda: "id", timer=time.perf_counter)
    core.take_intrinsics(CAMERA)
    camera = LiveCamera(StationDoor(server_url, Path(token_file)))
    pictures = _pictures()
    n, due = 0, time.monotonic()
    while True:
        while not orders.empty():
            line = orders.get()
            if not line:
                return
            stream_id, token = json.loads(line)
            camera.take_order(StreamOrder(stream_id, token, time.time() + LEASE_S), time.monotonic())
        camera.update(time.time(), time.monotonic())
        core.live_every = camera.every_s
        now = time.time()  # as a camera would stamp it
        core.take_imu(Imu(0.0, 0.0, 0.0, now))
        picture = pictures[n % len(pictures)].copy()
        stamp(picture, now)
        core.take_frame(Frame(picture, now))
        look = core.take_pose(PoseEstimate(Pose2D(0.0, 0.0, 0.0), np.zeros((3, 3)), 1.0, now))
        if look is not None and look.live is not None:
            camera.take(look.live, time.time(), time.monotonic())
        n, due = n + 1, due + PERIOD_S
        time.sleep(max(due - time.monotonic(), 0.0))


def stamp(picture: np.ndarray, now: float) -> None:
    """Paint the time into a picture, for who sees it."""
    bits = (round(now * 1000) >> np.arange(STAMP_BITS)) & 1
    row = 255 * np.concatenate([bits, 1 - bits]).repeat(STAMP_PX)
    picture[:STAMP_PX, : len(row)] = row[None, :, None]


def _read(orders: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        orders.put(line)
    orders.put("")


def _pictures() -> list[np.ndarray]:
    """A yard of coloured surfaces over which the camera wanders, as a walking dog's does."""
    chance = np.random.default_rng(1)
    wide = chance.integers(40, 200, (24, 48, 3)).astype(np.uint8).repeat(25, 0).repeat(25, 1)
    wide = np.clip(wide + chance.normal(0, 6, wide.shape), 0, 255).astype(np.uint8)
    places_ = [int(250 + 240 * np.sin(n / 16)) for n in range(100)]
    return [np.ascontiguousarray(wide[60:540, x : x + 640]) for x in places_]


if __name__ == "__main__":
    main(*sys.argv[1:])
