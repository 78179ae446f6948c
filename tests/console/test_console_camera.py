"""An operator watches a dog's camera, also when WebRTC breaks: it moves, heads are pixelated, it is on record."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from edge.perception.detector import Picture
from sim.engine.opengl_backend import NoPictures
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.watched_dog import NAME, Driver, Scene, drawn, watched_dog

HEAD_PART = 0.13
"""A person's head, as part of the height that is seen."""


@pytest.fixture(scope="module")
def scene() -> Scene:
    try:
        return drawn()
    except NoPictures as error:
        pytest.skip(str(error))


@pytest.fixture
def real_dog(station: RunningStation, scene: Scene) -> Iterator[Driver]:
    with watched_dog(station, scene) as driver:
        yield driver


def shown(page: Page) -> Picture:
    """What the canvas shows, RGB."""
    url = page.get_by_test_id("camera-canvas").evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))


def detail(part: Picture) -> float:
    """How much neighbours differ: what a face is known by."""
    grey = part.astype(float).mean(axis=2)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def go_on(page: Page, frames: int, by: str) -> None:
    """Until so many more were shown, the last of them having come by that way."""
    page.wait_for_function(
        "([n, by]) => { const { frames, by: way } = document.querySelector('[data-testid=camera]').dataset;"
        " return Number(frames) > n && way === by; }",
        arg=[int(page.get_by_test_id("camera").get_attribute("data-frames") or 0) + frames, by],
    )


REMEMBER_CONNECTIONS = """
globalThis.connections = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); globalThis.connections.push(this); }
};
"""


def break_webrtc(page: Page) -> None:
    """Nothing comes that way any more, and it cannot be tried again; the page is not told."""
    page.evaluate("connections.forEach((each) => each.close()); delete globalThis.RTCPeerConnection;")


@pytest.mark.slow
def test_an_operator_sees_the_dogs_camera_move_with_heads_pixelated_by_either_way_and_what_is_no_more_of_now_looks_so(
    browser: Browser, station: RunningStation, real_dog: Driver, scene: Scene, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    page.add_init_script(REMEMBER_CONNECTIONS)
    operator_steps.sign_in(page, station.url, PASSWORD)
    page.get_by_test_id(f"watch-{NAME}").click()
    expect(page.get_by_test_id("watch-submit")).to_be_disabled()
    page.get_by_test_id("watch-reason-alarm").click()
    camera = page.get_by_test_id("camera")
    expect(camera).to_have_attribute("data-state", "playing")
    expect(page.get_by_test_id(f"watchers-{NAME}")).to_contain_text("admin 正在看现场")
    go_on(page, 8, "webrtc")
    pictures = [shown(page)]
    go_on(page, 4, "webrtc")
    pictures.append(shown(page))
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "camera")

    raw = scene.pictures[0]
    assert pictures[0].shape == raw.shape
    still = np.s_[: raw.shape[0] // 5, : raw.shape[1] // 4]
    assert np.abs(pictures[0][still].astype(int) - raw[still]).mean() < 20, "it is what the camera saw"
    assert (np.abs(pictures[1].astype(int) - pictures[0]).max(axis=2) > 40).sum() > 100, "it moves"
    box = scene.person
    low = box.top + HEAD_PART * (box.bottom - box.top)
    head = np.s_[int(box.top) : int(low) + 1, int(box.left) : int(box.right)]
    for picture in pictures:
        assert detail(picture[head]) < 0.6 * detail(raw[head])
    assert detail(raw[head]) > 3

    expect(page.get_by_test_id("camera-box-person").first).to_be_visible()
    break_webrtc(page)
    expect(camera).to_have_attribute("data-by", "websocket")
    go_on(page, 4, "websocket")
    assert detail(shown(page)[head]) < 0.6 * detail(raw[head])
    expect(page.get_by_test_id("camera-box-person").first).to_be_visible()
    page.get_by_test_id("camera-zones").click()
    expect(page.get_by_test_id("camera-zone-armory_yard")).to_be_visible()
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "camera-drawn-over")
    page.get_by_test_id("camera-boxes").click()
    expect(page.get_by_test_id("camera-box-person")).to_have_count(0)

    page.get_by_test_id("camera-stop").click()
    expect(camera).to_have_count(0)
    expect(page.get_by_test_id(f"watchers-{NAME}")).to_have_count(0)
    with station.client() as client:
        deeds = {each["action"]: each for each in client.get("/audit").json()}
    assert "核实告警" in str(deeds["dog.camera_watched"])
    assert deeds["dog.camera_left"]["target"] == NAME

    page.get_by_test_id(f"watch-{NAME}").click()
    page.get_by_test_id("watch-reason").fill("门口有响动")
    page.get_by_test_id("watch-submit").click()
    expect(camera).to_have_attribute("data-state", "playing")
    real_dog.charge = 0.1
    expect(camera).to_have_attribute("data-reason", "BATTERY_LOW")
    expect(camera).to_have_attribute("data-old", "true")
    expect(page.get_by_test_id("camera-word")).to_have_text("机器犬电量低，已停止传送")
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "camera-ended")
