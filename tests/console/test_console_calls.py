"""A dog is called to a place of the map, and all are called home, by an operator in the browser; where a dog walked and
how it is heard."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from edge.mission.errors import Fault, fatal
from tests.console.operator_steps import (
    STEP_MS,
    open_view,
    operator_page,
    place_of,
    screenshot,
    screenshot_folder,
    signed_in,
    wait_live,
    wait_map,
)
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog, dog_at_dock
from tests.fleet_server.world import eventually

TRIES = 9


def pick(page: Page, right: bool) -> None:
    """Choose a place a little west of the dog, where the yard is open."""
    box = page.get_by_test_id("dog-marker-dog1").bounding_box()
    assert box is not None
    x, y = box["x"] - 70, box["y"] + 40
    if right:
        page.mouse.click(x, y, button="right")
    else:
        page.get_by_test_id("go-here").click()
        page.mouse.click(x, y)
    expect(page.get_by_test_id("call-goes")).to_have_attribute("data-dog", "dog1")


def choose_by_its_sign(page: Page) -> None:
    """Press where the dog is drawn: the sign is on a canvas, and its button for the keyboard hears no pointer.

    On a busy computer it has walked on between the look and the press; who missed it presses again.
    """
    marker = page.get_by_test_id("dog-marker-dog1")
    expect(marker).to_have_attribute("aria-pressed", "false")
    for _ in range(TRIES):
        box = marker.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        with contextlib.suppress(AssertionError):
            expect(marker).to_have_attribute("aria-pressed", "true", timeout=STEP_MS / TRIES)
            return
    expect(marker).to_have_attribute("aria-pressed", "true")


@pytest.mark.slow
def test_an_operator_calls_a_dog_to_a_place_and_all_of_them_home(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page, pictures = operator_page(browser), screenshot_folder(tmp_path)
    colleague = operator_page(browser, "en", 390, 844, "light")
    for each in (page, colleague):
        signed_in(each, station.url, PASSWORD)
        wait_map(each)
    expect(page.get_by_test_id("dog-marker-dog1")).to_have_attribute("data-live", "true")
    pick(page, right=True)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("call-dialog")).to_have_count(0)
    pick(page, right=False)
    page.get_by_test_id("call-reason").fill("听到异响")
    screenshot(page, pictures, "call-dialog")
    page.get_by_test_id("call-confirm").click()
    expect(page.get_by_test_id("call-dialog")).to_have_count(0)
    made = page.get_by_test_id("call")
    expect(made).to_have_attribute("data-status", re.compile("ON_THE_WAY|THERE"))
    expect(colleague.get_by_test_id("call")).to_have_count(1)
    screenshot(page, pictures, "call-under-way")
    screenshot(colleague, pictures, "call-under-way-phone")
    expect(made).to_have_attribute("data-status", "DONE")

    page.get_by_test_id("all-home").click()
    screenshot(page, pictures, "all-home-dialog")
    page.get_by_test_id("all-home-keep").click()
    for each in (page, colleague):
        expect(each.get_by_test_id("recall-notice")).to_be_visible()
    screenshot(page, pictures, "all-home")
    screenshot(colleague, pictures, "all-home-phone")
    page.get_by_test_id("all-home").click()
    page.get_by_test_id("all-home-release").click()
    for each in (page, colleague):
        expect(each.get_by_test_id("recall-notice")).to_have_count(0)

    choose_by_its_sign(page)


@pytest.mark.slow
def test_a_call_is_ended_only_by_who_says_so_twice_and_its_dog_goes_no_further(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    dog.pace = 0.0  # it is on its way for as long as the test takes
    page = operator_page(browser)
    signed_in(page, station.url, PASSWORD)
    wait_map(page)
    expect(page.get_by_test_id("dog-marker-dog1")).to_have_attribute("data-live", "true")
    pick(page, right=True)
    page.get_by_test_id("call-reason").fill("听到异响")
    page.get_by_test_id("call-confirm").click()
    made = page.get_by_test_id("call").first
    expect(made).to_have_attribute("data-status", "ON_THE_WAY")
    eventually(lambda: dog.under_way)

    for leave in ("Enter", "Escape"):  # the focus is on what leaves the call as it is
        made.get_by_test_id("call-cancel").click()
        expect(page.get_by_test_id("call-cancel-confirm")).to_be_visible()
        page.keyboard.press(leave)
        expect(page.get_by_test_id("call-cancel-confirm")).to_have_count(0)
    with station.client() as client:
        call = client.get("/calls").json()[0]
        assert (call["status"], dog.under_way) == ("ON_THE_WAY", True)
        made.get_by_test_id("call-cancel").click()
        screenshot(page, screenshot_folder(tmp_path), "call-cancel")
        page.get_by_test_id("call-cancel-confirm").click()
        expect(page.get_by_test_id("call-cancel-confirm")).to_have_count(0)
        expect(made).to_have_attribute("data-status", "CANCELED")
        expect(made.get_by_test_id("call-cancel")).to_have_count(0)
        eventually(lambda: not dog.under_way)
        (deed,) = [each for each in client.get("/audit").json() if each["action"] == "call.canceled"]
    assert (deed["actor"], deed["target"]) == ("admin", call["callId"])


def test_an_administrator_makes_a_token_and_a_center_and_takes_them_back(
    browser: Browser, station: RunningStation, tmp_path: Path
) -> None:
    page, pictures = operator_page(browser), screenshot_folder(tmp_path)
    signed_in(page, f"{station.url}/fleet/programs", PASSWORD)
    page.get_by_test_id("token-new").click()
    page.get_by_test_id("token-name").fill("duty-room")
    page.get_by_test_id("scope-command").check()
    screenshot(page, pictures, "token-dialog")
    page.get_by_test_id("token-create").click()
    assert (page.get_by_test_id("secret").inner_text()).startswith("xt_")
    page.get_by_test_id("secret-done").click()
    row = page.get_by_test_id("token-row")
    expect(row).to_have_attribute("data-state", "active")
    row.get_by_test_id("token-revoke").click()
    page.get_by_test_id("token-revoke-confirm").click()
    expect(row).to_have_attribute("data-state", "revoked")
    screenshot(page, pictures, "tokens")

    page.goto(f"{station.url}/fleet/centers")
    page.get_by_test_id("center-new").click()
    page.get_by_test_id("center-name").fill("city-command")
    page.get_by_test_id("center-url").fill("http://127.0.0.1:1/alerts")
    page.get_by_test_id("center-create").click()
    assert (page.get_by_test_id("secret").inner_text()).startswith("whsec_")
    page.get_by_test_id("secret-done").click()
    expect(page.get_by_test_id("center-row")).to_have_attribute("data-left", "0")
    screenshot(page, pictures, "centers")
    page.get_by_test_id("center-remove").click()
    page.get_by_test_id("center-remove-confirm").click()
    expect(page.get_by_test_id("center-row")).to_have_count(0)


def middle(marker: Locator) -> tuple[float, float]:
    """Where a dog's sign is on the screen, pixels."""
    box = marker.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def seen(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def walk(page: Page, dog: WireDog, metres: float) -> None:
    """To the south, at a brisk pace."""
    for _ in range(round(metres / 0.3)):
        dog.y -= 0.3
        page.wait_for_timeout(120)


def share_changed(before: Image.Image, now: Image.Image, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Of the middle of the way on the screen from ``start`` to ``end``: how much of it looks otherwise than before."""
    found = 0
    for n in range(50):
        part = 0.3 + 0.4 * n / 50  # far from the signs and names at its ends
        x, y = (round(a + part * (b - a)) for a, b in zip(start, end, strict=True))
        near = [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        apart = [
            sum(abs(a - b) for a, b in zip(before.getpixel(at), now.getpixel(at), strict=True))  # type: ignore[arg-type]
            for at in near
        ]
        found += max(apart) > 60
    return found / 50


def wait_trail(page: Page, before: Image.Image, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Until the way looks otherwise than before, and the ground a few pixels beside it does not."""
    for _ in range(60):
        now = seen(page)
        on, beside = (share_changed(before, now, (start[0] + dx, start[1]), (end[0] + dx, end[1])) for dx in (0, 12))
        if on > 0.8 and beside < 0.3:
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"no trail: {on:.2f} of the way looks otherwise, and beside it {beside:.2f}")


@pytest.mark.slow
def test_where_a_dog_walked_is_drawn_behind_it_and_still_there_after_another_view_and_a_reload(
    browser: Browser, station: RunningStation, tmp_path: Path
) -> None:
    with dog_at_dock(station, "dog5") as dog:
        page = operator_page(browser)
        signed_in(page, station.url, PASSWORD)
        wait_map(page)
        marker = page.get_by_test_id("dog-marker-dog5")
        expect(marker).to_have_attribute("data-live", "true")
        start, before = middle(marker), seen(page)
        walk(page, dog, 12.0)
        expect(marker).to_have_attribute("data-y", f"{dog.y:.2f}")
        wait_trail(page, before, start, middle(marker))
        page.get_by_test_id("view-ledger").click()
        walk(page, dog, 3.0)
        open_view(page, "live")
        expect(marker).to_have_attribute("data-y", f"{dog.y:.2f}")
        end = middle(marker)
        wait_trail(page, before, start, end)
        screenshot(page, screenshot_folder(tmp_path), "trail")
        page.reload()
        wait_live(page)
        wait_map(page)
        wait_trail(page, before, start, end)
        page.get_by_test_id("dog-dog5").get_by_role("button").first.click()
        page.wait_for_timeout(2500)
        screenshot(page, screenshot_folder(tmp_path), "trail-chosen")
        assert place_of(page, "dog5")[1] == pytest.approx(dog.y, abs=0.01)


@pytest.mark.slow
def test_a_dogs_link_is_told_in_words_as_good_as_weak_and_as_lost(browser: Browser, station: RunningStation) -> None:
    with dog_at_dock(station, "dog6") as dog:
        page = operator_page(browser)
        signed_in(page, station.url, PASSWORD)
        sign = page.get_by_test_id("dog-link-dog6")
        expect(sign).to_have_attribute("data-quality", "GOOD")
        expect(sign).to_have_text("通信良好")
        dog.silent = True
        expect(sign).to_have_attribute("data-quality", "WEAK")  # though it says nothing, and nothing else has changed
        page.wait_for_timeout(3000)
        dog.silent = False
        expect(sign).to_have_text(re.compile("通信断续：([6-9]|[1-9][0-9]) 秒无消息"))
        page.get_by_test_id("language").click()
        expect(sign).to_have_text(re.compile("Link weak: [0-9]+ s silent"))
        dog.leave()
        expect(sign).to_have_text("Link lost")


@pytest.mark.slow
def test_what_needs_somebody_stands_first_in_the_fleet_with_its_fault_and_the_version_of_the_site(
    browser: Browser, station: RunningStation, tmp_path: Path
) -> None:
    with station.client() as client:
        version = client.get("/sites").json()[0]["version"]
    with dog_at_dock(station, "dog7") as well, dog_at_dock(station, "dog8", 1) as fallen:
        well.site_version = version
        fallen.errors = [fatal(Fault.FALLEN, "it lies on the ground", stage="lying")]
        page = operator_page(browser)
        signed_in(page, f"{station.url}/fleet/health", PASSWORD)
        rows = page.get_by_test_id("condition-row")
        expect(rows.first).to_have_attribute("data-dog", "dog8")
        expect(rows.first).to_have_attribute("data-behind", "true")
        for words in ("机器犬跌倒", "没有上报版本", f"不是第 {version} 版"):
            expect(rows.first).to_contain_text(words)
        row = page.locator('[data-testid=condition-row][data-dog="dog7"]')
        expect(row).to_have_attribute("data-behind", "false")
        for words in (f"第 {version} 版", "通信良好", "yolox_nano.onnx", "2.1.0", "82%"):
            expect(row).to_contain_text(words)
        screenshot(page, screenshot_folder(tmp_path), "fleet-health")
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_test_id("language").click()
        expect(row).to_contain_text("Link good")
        screenshot(page, screenshot_folder(tmp_path), "fleet-health-phone")
