"""Incidents are handled by the keyboard alone, and two operators see each other's acts at once."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from msgspec import UNSET
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from protocol.anomaly import AnomalyKind, Covariance
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog

ELLIPSE = (124, 199, 255)
"""By night: --ellipse of styles/tokens.css."""


def ellipse_drawn(page: Page) -> NDArray[np.intp]:
    """Rows and columns of the map's pixels in the ellipse's colour, less its legend."""
    drawn, legend = page.get_by_test_id("site-map"), page.get_by_test_id("ellipse-legend")
    seen = np.asarray(Image.open(io.BytesIO(drawn.screenshot(mask=[legend], mask_color="#000"))).convert("RGB"))
    found = np.argwhere(np.abs(seen.astype(int) - ELLIPSE).max(axis=2) <= 10)
    return np.asarray(found, dtype=np.intp)


def ellipse_at_rest(page: Page) -> NDArray[np.intp]:
    """The same once the map has flown there: two pictures of it are alike."""
    before = ellipse_drawn(page)
    for _ in range(100):
        now = ellipse_drawn(page)
        if len(now) and np.array_equal(before, now):
            return now
        before = now
    raise AssertionError("no ellipse is drawn, or it never comes to rest")


@pytest.mark.slow
def test_a_link_shows_a_colleague_what_its_sender_saw_and_incidents_are_handled_by_the_keyboard_alone(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes, tmp_path: Path
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

    spread, began = Covariance(xx=3.0, xy=1.3, yy=1.0), time.time()
    for ago, x in enumerate((3.0, 12.0, 21.0)):  # so far from each other that no two of them are one person
        dog.raise_anomaly("", (x, 4.0), picture, began - ago, spread if x == 12.0 else UNSET)
    cards = page.get_by_test_id("incident-card")
    expect(cards).to_have_count(3)
    expect(page).to_have_title("(3) 哮天 Xiaotian")
    page.keyboard.press("j")
    expect(cards.nth(0)).to_have_attribute("aria-current", "true")
    page.keyboard.press("j")
    expect(cards.nth(1)).to_have_attribute("aria-current", "true")
    second = cards.nth(1).get_attribute("data-incident") or ""
    after = cards.nth(2).get_attribute("data-incident") or ""
    assert f"incident={second}" in page.url
    page.keyboard.press("m")
    expect(page.get_by_test_id("ellipse-legend")).to_have_text("目标有 95% 的可能在椭圆内：±4.7 米 × ±1.5 米")
    operator_steps.wait_map(page)
    edge = ellipse_at_rest(page)
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "ellipse")
    (top, left), (bottom, right) = edge.min(axis=0), edge.max(axis=0)
    assert (right - left - 1) / (bottom - top - 1) == pytest.approx((spread.xx / spread.yy) ** 0.5, rel=0.06)
    outermost = edge[edge[:, 1] >= right - 1, 0].mean()
    assert (bottom + top) / 2 - outermost == pytest.approx((bottom - top) / 2 * 1.3 / 3**0.5, rel=0.15)  # it leans

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
    expect(page.get_by_test_id("ellipse-legend")).to_have_count(0)
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


@pytest.mark.slow
def test_an_incident_is_called_false_or_sent_to_by_the_keyboard_and_closed_and_reopened_in_the_ledger(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes
) -> None:
    page = operator_steps.operator_page(browser, language="en")
    operator_steps.signed_in(page, station.url, PASSWORD)
    with station.client() as client:
        for open_one in client.get("/incidents?status=OPEN").json():
            client.post(f"/incidents/{open_one['incidentId']}/acknowledge", json={}).raise_for_status()
    for x in (-20.0, -10.0):  # of a kind that no other test tells of: a dog's tracks begin anew with each
        dog.raise_anomaly("", (x, -12.0), picture, time.time(), kind=AnomalyKind.BAG_LEFT)
    cards = page.get_by_test_id("incident-card")
    expect(cards).to_have_count(2)
    false, sent = (cards.nth(place).get_attribute("data-incident") or "" for place in (0, 1))
    page.keyboard.press("j")
    page.keyboard.press("f")
    expect(page.get_by_test_id("answer-falseAlarm")).to_be_checked()
    expect(page.get_by_test_id("acknowledge-submit")).to_be_disabled()  # not without saying what was found
    page.keyboard.type("clothes on a line")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f'[data-incident="{false}"]')).to_have_count(0)
    expect(page.locator("[data-testid=incident-card][aria-current=true]")).to_have_attribute("data-incident", sent)
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")  # from acknowledging to sending somebody
    page.keyboard.press("Tab")
    page.keyboard.type("officer sent")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f'[data-incident="{sent}"]')).to_have_count(0)

    page.goto(f"{station.url}/ledger/incidents?status=DISPATCHED")
    row = page.get_by_test_id("incident-row").first
    expect(row).to_contain_text("Somebody sent: admin")
    row.get_by_test_id("incident-answer").click()
    page.get_by_test_id("answer-resolve").check()
    page.get_by_test_id("acknowledge-note").fill("a delivery driver")
    page.get_by_test_id("acknowledge-submit").click()
    page.get_by_test_id("filter-RESOLVED").click()
    row = page.get_by_test_id("incident-row").first
    expect(row).to_contain_text("a delivery driver")
    row.get_by_test_id("incident-answer").click()
    page.get_by_test_id("acknowledge-note").fill("the driver came back")
    page.get_by_test_id("acknowledge-submit").click()
    page.get_by_test_id("filter-FALSE_ALARM").click()
    expect(page.get_by_test_id("incident-row").first).to_contain_text("clothes on a line")
    page.get_by_test_id("filter-ACKNOWLEDGED").click()
    row = page.get_by_test_id("incident-row").filter(has_text="the driver came back")
    row.locator(".picture-button").click()
    large = page.get_by_test_id("evidence-dialog").locator(".picture").first.bounding_box()
    assert large is not None
    assert large["width"] > 300  # not as small as in the row that it was opened from
    told = page.get_by_test_id("timeline")
    expect(told.filter(has_text="Seen")).to_have_count(1)
    deeds = ["incident.dispatched", "incident.resolved", "incident.reopened"]
    shown = [line.get_attribute("data-action") for line in told.all()]
    assert [deed for deed in shown if deed in deeds] == deeds
    expect(told.filter(has_text="officer sent")).to_have_count(1)
