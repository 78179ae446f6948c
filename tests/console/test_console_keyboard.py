"""Incidents are handled by the keyboard alone, and two operators see each other's acts at once."""

import time

import pytest
from playwright.sync_api import Browser, expect

from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog


@pytest.mark.slow
def test_a_link_shows_a_colleague_what_its_sender_saw_and_incidents_are_handled_by_the_keyboard_alone(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, station.url, PASSWORD)
    page.keyboard.press("?")
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")  # the handbook has the focus
    expect(opened.value.get_by_role("heading", name="值班手册")).to_be_visible()
    opened.value.close()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("help-dialog")).to_have_count(0)

    for x in (3.0, 12.0, 21.0):  # so far from each other that no two of them are one person
        dog.raise_anomaly("", (x, 4.0), picture, time.time())
    cards = page.get_by_test_id("incident-card")
    expect(cards).to_have_count(3)
    page.keyboard.press("j")
    expect(cards.nth(0)).to_have_attribute("aria-current", "true")
    page.keyboard.press("j")
    expect(cards.nth(1)).to_have_attribute("aria-current", "true")
    second = cards.nth(1).get_attribute("data-incident") or ""
    after = cards.nth(2).get_attribute("data-incident") or ""
    assert f"incident={second}" in page.url

    with station.client() as client:
        account = {"username": "colleague", "role": "operator", "password": PASSWORD}
        client.post("/accounts", json=account).raise_for_status()
    colleague = operator_steps.operator_page(browser, language="en")
    operator_steps.signed_in(colleague, page.url, PASSWORD, "colleague")
    expect(colleague.locator("[data-testid=incident-card][aria-current=true]")).to_have_attribute(
        "data-incident", second
    )
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("acknowledge-note")).to_be_focused()
    page.keyboard.type("已核实")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f'[data-incident="{second}"]')).to_have_count(0)
    expect(page.locator("[data-testid=incident-card][aria-current=true]")).to_have_attribute("data-incident", after)
    expect(colleague.locator(f'[data-incident="{second}"]')).to_have_count(0)

    colleague.get_by_test_id("dog-stop-dog1").click()
    expect(page.get_by_test_id("dog-stop-state-dog1")).to_have_attribute("data-state", "stopped")

    page.goto(f"{station.url}/ledger/incidents?status=ACKNOWLEDGED")
    expect(page.get_by_test_id("incident-row").first).to_contain_text("已核实")
    page.get_by_test_id("filter-OPEN").click()
    page.reload()
    expect(page.get_by_test_id("filter-OPEN")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(page.locator("[data-testid=incident-card][aria-current=true]")).to_have_attribute("data-incident", after)
