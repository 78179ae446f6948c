"""An operator speaks through a dog: a sentence of the list at one press, one of their own, and what came of each."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

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


def offered(page: Page) -> list[str]:
    """What the site has a dog say, as the open dialog offers it."""
    return page.get_by_test_id(re.compile(r"^speak-of-site-\d+$")).all_inner_texts()


@pytest.mark.slow
def test_a_sites_own_sentences_are_edited_with_the_site_and_offered_first_in_the_language_that_they_have(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/site", PASSWORD)
    rows, problem = page.get_by_test_id("site-sentence"), page.get_by_test_id("site-problem")
    expect(rows).to_have_count(2)
    folder = [page.get_by_test_id(f"sentence-zh-{n}").input_value() for n in (1, 2)]
    page.get_by_test_id("sentence-add").click()
    expect(page.get_by_test_id("sentence-zh-3")).to_be_focused()
    expect(problem).to_contain_text("至少用一种语言")
    page.keyboard.type("……")
    expect(problem).to_contain_text("第 3 句")
    expect(problem).to_contain_text("不能播报")
    expect(page.get_by_test_id("site-save")).to_be_disabled()
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "sentences_problem")
    page.get_by_test_id("sentence-zh-3").fill("")
    page.get_by_test_id("sentence-en-3").fill(OWN)
    expect(problem).to_have_count(0)
    page.get_by_test_id("sentence-up-3").click()
    expect(page.get_by_test_id("sentence-en-2")).to_have_value(OWN)
    page.get_by_test_id("sentence-remove-1").click()
    expect(rows).to_have_count(2)
    page.get_by_test_id("sentence-zh-2").fill("来访请登记。")
    page.keyboard.press("Control+z")  # what was typed, then what was removed
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(3)
    expect(page.get_by_test_id("sentence-zh-3")).to_have_value(folder[1])
    page.get_by_test_id("sentence-remove-1").click()
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "sentences")
    page.get_by_test_id("site-save").click()
    expect(page.get_by_test_id("site-foot")).to_have_count(0)
    with station.client() as client:
        site = client.get("/sites/station_yard").json()
    assert [each["zh"] for each in site["sentences"]] == [None, folder[1]]
    assert site["sentences"][0]["en"] == OWN

    operator_steps.open_view(page, "live")
    page.get_by_test_id("more-of-dog1").click()
    page.get_by_test_id("speak-dog1").click()
    dialog = page.get_by_test_id("speak-dialog")
    expect(dialog.locator("[lang=zh] button").first).to_have_text(folder[1])
    assert offered(page) == [folder[1]]
    page.get_by_test_id("speak-in-en").click()
    expect(dialog.locator("[lang=en] button").first).to_have_text(OWN)
    assert len(offered(page)) == 2
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "speak_of_site")
    page.get_by_test_id("speak-of-site-1").click()
    expect(page.get_by_test_id("speak-state")).to_have_attribute(
        "data-state", "WRITTEN", timeout=operator_steps.STEP_MS
    )
    assert set(dog.spoken) == {(OWN, "en")}
