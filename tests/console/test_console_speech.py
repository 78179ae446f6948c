"""An operator speaks through a dog: a sentence of the list at one press, one of their own, and what came of each."""

import pytest
from playwright.sync_api import Browser, expect

from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog

OWN = "Leave <b>now</b> & mind the 2 steps…"


@pytest.mark.slow
def test_a_sentence_of_the_list_and_ones_own_reach_the_dog_as_shown_and_the_dogs_word_on_each_is_shown(
    browser: Browser, station: RunningStation, dog: WireDog
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, station.url, PASSWORD)
    expect(page.get_by_test_id("speak-dog1")).to_have_count(0)
    page.get_by_test_id("more-of-dog1").click()
    page.get_by_test_id("speak-dog1").click()
    dialog, state = page.get_by_test_id("speak-dialog"), page.get_by_test_id("speak-state")
    expect(page.get_by_test_id("speak-submit")).to_be_disabled()

    dog.deaf = True
    page.get_by_test_id("speak-keepBack").click()
    expect(state).to_have_attribute("data-state", "SENT")
    assert dog.spoken == []
    dog.deaf = False  # it is told again until it hears
    expect(state).to_have_attribute("data-state", "WRITTEN", timeout=operator_steps.STEP_MS)
    expect(state).to_contain_text("现场没有声音")
    first = ("请后退，不要靠近机器犬。", "zh")
    assert set(dog.spoken) == {first}

    page.get_by_test_id("speak-in-en").click()  # the page stays Chinese, the sentences are English
    expect(dialog).to_contain_text("This area is closed. Please leave.")
    page.get_by_test_id("speak-text").fill(OWN)
    page.keyboard.press("Enter")
    expect(state).to_contain_text(OWN)
    expect(state).to_have_attribute("data-state", "WRITTEN", timeout=operator_steps.STEP_MS)
    expect(page.get_by_test_id("speak-text")).to_have_value("")
    assert set(dog.spoken) == {first, (OWN, "en")}

    dog.leave()
    expect(dialog).to_contain_text("当前失联")
    expect(page.get_by_test_id("speak-keepBack")).to_be_disabled()
    dog.come_back()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_test_id("view-ledger").click()
    page.get_by_test_id("ledger-audit").click()
    for words in ("通过机器犬喊话", first[0], OWN):
        expect(page.get_by_test_id("audit-table")).to_contain_text(words)
