"""The emergency stop is in reach in every view, and only the dog itself is taken at its word that it stands."""

import pytest
from playwright.sync_api import Browser, expect

from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog


@pytest.mark.slow
def test_a_dog_is_stopped_and_released_and_what_it_has_not_confirmed_is_not_shown_as_done(
    browser: Browser, station: RunningStation, dog: WireDog
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, station.url, PASSWORD)
    state = page.get_by_test_id("dog-stop-state-dog1")
    everywhere = page.get_by_test_id("stop-all")

    page.get_by_test_id("dog-stop-dog1").click()
    expect(state).to_have_attribute("data-state", "stopped")
    assert dog.stopped
    expect(state).to_contain_text("机器犬已确认急停")
    expect(everywhere).to_have_attribute("data-stopped", "1")
    page.get_by_test_id("dog-release-dog1").click()
    page.get_by_test_id("release-confirm").click()
    expect(state).to_have_attribute("data-state", "none")
    assert not dog.stopped

    dog.deaf = True
    page.get_by_test_id("view-ledger").click()
    everywhere.click()
    page.keyboard.press("Enter")  # the press for all has the focus
    row = page.get_by_test_id("stop-row-dog1").get_by_test_id("dog-stop-state-dog1")
    expect(row).to_have_attribute("data-state", "asked")
    expect(row).to_contain_text("尚未确认")
    expect(row).to_contain_text("admin 于")
    assert not dog.stopped
    expect(everywhere).to_have_attribute("data-waiting", "1")
    dog.deaf = False  # it is told again until it hears
    expect(row).to_have_attribute("data-state", "stopped", timeout=operator_steps.STEP_MS)
    expect(page.get_by_test_id("stop-all-confirm")).to_be_disabled()
    page.keyboard.press("Escape")
    page.get_by_test_id("ledger-audit").click()
    for words in ("急停机器犬", "解除急停"):
        expect(page.get_by_test_id("audit-table")).to_contain_text(words)


@pytest.mark.slow
def test_a_dog_out_of_reach_is_stopped_as_soon_as_it_is_back(
    browser: Browser, station: RunningStation, dog: WireDog
) -> None:
    page = operator_steps.operator_page(browser, language="en", width=390, height=844)
    operator_steps.signed_in(page, station.url, PASSWORD)
    state = page.get_by_test_id("dog-stop-state-dog1")
    expect(state).to_have_attribute("data-state", "none")
    dog.leave()
    expect(page.get_by_test_id("dog-dog1")).to_have_attribute("data-live", "false")
    page.get_by_test_id("dog-stop-dog1").click()
    expect(state).to_have_attribute("data-state", "unheard")
    expect(state).to_contain_text("has not heard the stop")
    dog.come_back()
    expect(state).to_have_attribute("data-state", "stopped", timeout=operator_steps.STEP_MS)
    assert dog.stopped
