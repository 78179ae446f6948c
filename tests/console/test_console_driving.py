"""A held key drives a real dog, and letting go stops it: real page, real server, real broker, the dog's own mind."""

import contextlib
import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from edge.link.command_authentication import read_authority
from fleet_server.core.rights import Role
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.driven_dog import Driven, driven_dog


@pytest.fixture
def rex(station: RunningStation, tmp_path: Path) -> Iterator[Driven]:
    authority = read_authority(station.data_dir / "station_key.pub")
    with driven_dog(station.mqtt_port, tmp_path / "rex", "rex", authority) as dog:
        with station.client() as client:
            eventually(lambda: any(d["dogId"] == "rex" and d["batteryCharge"] for d in client.get("/dogs").json()))
        yield dog


def eventually(found: Callable[[], object], patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not found():
        assert time.monotonic() < deadline, f"waited {patience_s} s"
        time.sleep(0.005)


def take(page: Page) -> None:
    if page.get_by_test_id("more-of-rex").get_attribute("aria-expanded") == "false":
        page.get_by_test_id("more-of-rex").press("Enter")
    page.get_by_test_id("drive-take-rex").press("Enter")
    expect(page.get_by_test_id("drive-rex")).to_have_attribute("data-ready", "true")


def let_go(rex: Driven, deed: Callable[[], object]) -> float:
    """Milliseconds of the wall from the deed until its legs were told zero."""
    eventually(lambda: rex.moves)
    at = time.monotonic()
    deed()
    eventually(lambda: not rex.moves)
    return 1000 * (rex.stopped_at - at)


@pytest.mark.slow
def test_a_held_key_drives_the_dog_and_letting_go_however_stops_it(
    browser: Browser, station: RunningStation, rex: Driven, record_property: Callable[[str, object], None]
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, station.url, PASSWORD)
    start = rex.place
    take(page)
    panel = page.get_by_test_id("drive-rex")
    expect(page.get_by_test_id("dog-activity-rex")).to_have_text("人工操作")
    took = {}
    if os.environ.get("XIAOTIAN_SCREENSHOTS"):
        operator_steps.screenshot(page, operator_steps.screenshot_folder(Path()), "driving")

    page.keyboard.down("w")
    expect(panel).to_have_attribute("data-held", "true")
    eventually(lambda: math.dist(start[:2], rex.place[:2]) > 0.5)
    took["a key is let go"] = let_go(rex, lambda: page.keyboard.up("w"))

    box = page.get_by_test_id("drive-joystick-rex").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 40, middle[1], steps=2)
    eventually(lambda: rex.sent[-1].command.omega > 0.3)
    took["the stick is let go"] = let_go(rex, page.mouse.up)

    for name, deed in (
        ("the window loses the focus", lambda: page.evaluate("window.dispatchEvent(new Event('blur'))")),
        ("the tab is hidden", lambda: page.evaluate(HIDE)),
    ):
        page.keyboard.down("ArrowDown")
        took[name] = let_go(rex, deed)
        page.keyboard.up("ArrowDown")
        page.evaluate(SHOW)
        expect(panel).to_have_attribute("data-held", "false")

    page.keyboard.down("w")
    took["the page is gone"] = let_go(rex, page.close)
    for name, ms in took.items():
        record_property(name, f"{ms:.0f} ms")
        print(f"\n{name}: {ms:.0f} ms to zero", end="")  # noqa: T201
    eventually(lambda: "driverLost" in rex.errors)


HIDE = """() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = "() => { delete document.hidden; }"


@contextmanager
def in_the_hand_of(station: RunningStation, client: httpx.Client) -> Iterator[None]:
    """Who ``client`` is takes it, and says ten times a second that they hold nothing."""
    client.post("/dogs/rex/driving/take").raise_for_status()
    ended = threading.Event()
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    url = f"ws://127.0.0.1:{station.port}/api/v1/dogs/rex/driving"

    def hold() -> None:
        with contextlib.suppress(ConnectionClosed), connect(url, additional_headers={"Cookie": cookie}) as socket:
            while not ended.is_set():
                word = json.loads(socket.recv())["word"]
                socket.send(json.dumps({"vx": 0, "vy": 0, "omega": 0, "word": word}))

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(30)


@pytest.mark.slow
def test_who_drives_is_seen_and_the_hand_is_asked_for_handed_over_taken_and_given_back(
    browser: Browser, station: RunningStation, rex: Driven
) -> None:
    page = operator_steps.operator_page(browser, language="en")
    with station.client() as admin:
        body = {"username": "ann", "role": Role.OPERATOR, "password": PASSWORD}
        admin.post("/accounts", json=body).raise_for_status()
        operator_steps.signed_in(page, station.url, PASSWORD, "ann")
        hand = page.get_by_test_id("hand-rex")
        with in_the_hand_of(station, admin):
            expect(hand).to_contain_text("admin has it in hand")
            expect(page.get_by_test_id("drive-over-rex")).to_have_count(0)
            page.get_by_test_id("drive-ask-rex").press("Enter")
            expect(hand).to_contain_text("ann has asked for it")
            admin.post("/dogs/rex/driving/grant").raise_for_status()
        expect(page.get_by_test_id("drive-rex")).to_have_attribute("data-ready", "true")
        page.keyboard.down("a")
        eventually(lambda: rex.moves)
        admin.post("/dogs/rex/driving/take-over").raise_for_status()
        eventually(lambda: not rex.moves)
        expect(page.get_by_test_id("drive-rex")).to_have_count(0)
        admin.post("/dogs/rex/driving/give-back")  # by admin, or by the station, for admin's page says nothing
        page.get_by_test_id("more-of-rex").press("Enter")
        expect(page.get_by_test_id("drive-take-rex")).to_be_visible()
        told = {entry["action"] for entry in admin.get("/audit").json()}
        assert told >= {"dog.driving_taken", "dog.driving_granted", "dog.driving_taken_over"}
