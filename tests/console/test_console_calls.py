"""A dog is called to a place of the map, and all are called home, by an operator in the browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.operator_steps import operator_page, screenshot, screenshot_folder, signed_in, wait_map
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog
from tests.fleet_server.world import eventually


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
    """Press where the dog is drawn: the sign is on a canvas, and its button for the keyboard hears no pointer."""
    marker = page.get_by_test_id("dog-marker-dog1")
    expect(marker).to_have_attribute("aria-pressed", "false")
    box = marker.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(marker).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("dog=dog1"))


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
