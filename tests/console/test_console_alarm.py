"""A tired operator misses no alarm, by a browser that keeps sounds back, a reload, a broken link or another site."""

import base64
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from edge.mission.errors import Fault, fatal
from protocol.anomaly import AnomalyKind
from tests.console import operator_steps
from tests.console.operator_steps import CHROMIUM, CHROMIUM_OPTIONS
from tests.console.running_station import PASSWORD, SITE, RunningStation
from tests.console.wire_dog import WireDog

AGAIN_MS = 30_000
# Of what the page really plays: a note that begins while the browser lets it sound.
COUNT_NOTES = """globalThis.notes = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  if (this.context.state === "running") globalThis.notes += 1;
  return start.apply(this, when);
};"""
TO_LYE_AT = ((3.0, 4.0), (12.0, 4.0), (21.0, 4.0))


@pytest.fixture(scope="module")
def strict_browser(browser: Browser) -> Iterator[Browser]:
    """One that lets no page sound before somebody has clicked in it, as on an operator's desk."""
    options = [*CHROMIUM_OPTIONS, "--autoplay-policy=document-user-activation-required"]
    strict = browser.browser_type.launch(executable_path=str(CHROMIUM), args=options)
    yield strict
    strict.close()


def wait_for_incidents(station: RunningStation, count: int) -> None:
    with station.client() as client:
        for _ in range(300):
            if len(client.get("/incidents?status=OPEN").json()) == count:
                return
            time.sleep(0.1)
    raise AssertionError(f"the station does not know {count} incidents")


def sounds(page: Page, notes: int) -> None:
    page.wait_for_function("(notes) => globalThis.notes >= notes", arg=notes)


@pytest.mark.slow
def test_a_browser_that_keeps_sounds_back_is_told_of_until_a_click(
    strict_browser: Browser, station: RunningStation
) -> None:
    page = operator_steps.operator_page(strict_browser)
    page.context.request.post(f"{station.url}/api/v1/session", data={"username": "admin", "password": PASSWORD})
    page.goto(station.url)
    page.wait_for_timeout(8_000)  # whatever looks into the page counts to the browser as somebody's click
    expect(page.get_by_test_id("sound-blocked")).to_contain_text("请点击页面任意处")
    page.mouse.click(5, 500)
    expect(page.get_by_test_id("sound-blocked")).to_have_count(0)
    page.context.close()


@pytest.mark.slow
def test_an_incident_sounds_again_until_it_is_looked_at_through_a_reload_and_a_broken_link(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes
) -> None:
    page = operator_steps.operator_page(browser, language="en")
    page.add_init_script(COUNT_NOTES)
    page.clock.install()
    operator_steps.signed_in(page, station.url, PASSWORD)
    first, second, third = TO_LYE_AT
    dog.raise_anomaly("", first, picture, time.time())
    cards = page.get_by_test_id("incident-card")
    expect(cards).to_have_count(1)
    expect(page.locator(".incident.is-new")).to_have_count(1)
    expect(page).to_have_title("(1) 哮天 Xiaotian")
    sounds(page, 2)
    page.clock.fast_forward(AGAIN_MS)
    sounds(page, 4)

    page.reload()
    expect(page.locator(".incident.is-new")).to_have_count(1)
    page.get_by_test_id("incident-show").click()
    expect(page.locator(".incident.is-new")).to_have_count(0)

    page.context.set_offline(True)
    expect(page.get_by_test_id("link-lost")).to_be_visible()
    dog.raise_anomaly("", second, picture, time.time())
    wait_for_incidents(station, 2)
    heard = page.evaluate("notes")
    page.context.set_offline(False)
    expect(page.locator(".incident.is-new")).to_have_count(1)
    sounds(page, heard + 2)
    page.reload()
    expect(page.locator(".incident.is-new")).to_have_count(1)

    dog.raise_anomaly("", third, picture, time.time())
    expect(cards).to_have_count(3)
    page.goto(f"{station.url}/?wall=1")
    expect(page).to_have_title("(3) 哮天 Xiaotian")
    heard = page.evaluate("notes")
    dog.errors = [fatal(Fault.FALLEN, "it stands, and waits for a person", stage="waiting")]
    sounds(page, heard + 2)  # a dog that waits for somebody


@pytest.mark.slow
def test_what_nobody_acknowledges_in_the_time_that_the_page_sets_is_an_alarm_again_and_stands_first(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes
) -> None:
    page = operator_steps.operator_page(browser, language="en")
    operator_steps.signed_in(page, f"{station.url}/plan/site", PASSWORD)
    expect(page.get_by_test_id("escalation")).to_have_attribute("data-minutes", "10")
    page.get_by_test_id("escalation-change").click()
    page.get_by_test_id("escalation-minutes").fill("")
    page.get_by_test_id("escalation-save").click()
    expect(page.get_by_test_id("escalation")).to_have_attribute("data-minutes", "never")
    operator_steps.open_view(page, "live")
    dog.raise_anomaly("armory_yard", (26.0, 11.0), picture, time.time())
    card = page.locator("[data-testid=incident-card][data-severity=NORMAL]")
    card.get_by_test_id("incident-show").click()
    expect(card).to_have_class("incident is-selected")
    with station.client() as client:
        site = client.get("/sites").json()[0]["siteId"]
        client.put(f"/sites/{site}/escalation", json={"minutes": 0.001}).raise_for_status()
    expect(card.get_by_test_id("incident-escalated")).to_be_visible()
    expect(card).to_have_class("incident is-new is-selected")


@pytest.mark.slow
def test_a_browser_without_an_offscreen_canvas_has_its_ground_and_dogs_all_the_same(
    browser: Browser, station: RunningStation, dog: WireDog
) -> None:
    page = operator_steps.operator_page(browser)
    page.add_init_script("delete globalThis.OffscreenCanvas")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    operator_steps.signed_in(page, station.url, PASSWORD)
    operator_steps.wait_map(page)
    expect(page.get_by_test_id("dog-marker-dog1")).to_have_attribute("data-live", "true")
    assert [worker.url for worker in page.workers if "ground" in worker.url] == []
    assert complaints == []


@pytest.mark.slow
def test_what_is_open_at_another_site_is_told_with_its_name_and_a_press_goes_there(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes
) -> None:
    with station.client() as client:
        ours = client.get("/sites").json()[0]
        picture_of_map = base64.b64encode((SITE / "map.pgm").read_bytes()).decode()
        body = {
            "siteId": "harbour",
            "name": {"zh": "码头", "en": "Harbour"},
            "timezone": ours["timezone"],
            "origin": {"latitudeDeg": 30.0, "longitudeDeg": 120.0, "headingDeg": 0.0},
            "map": {"yaml": (SITE / "map.yaml").read_text(), "image": picture_of_map},
        }
        made = client.post("/sites", json=body)
        assert made.status_code == 201, made.text
    page = operator_steps.operator_page(browser, language="en")
    operator_steps.signed_in(page, f"{station.url}/live?site={ours['siteId']}", PASSWORD)
    for where, kind in ((made.json()["map"]["mapId"], AnomalyKind.BAG_LEFT), ("nowhere", AnomalyKind.CROWD)):
        dog.map_id = where
        dog.raise_anomaly("", (3.0, 4.0), picture, time.time(), kind=kind)
    expect(page.get_by_test_id("other-site-nowhere")).to_be_disabled()
    expect(page.get_by_test_id("other-site-harbour")).to_have_text("Harbour 1 open")
    page.get_by_test_id("other-site-harbour").click()
    expect(page.get_by_test_id("incident-card")).to_contain_text("A bag was left behind")
    assert "site=harbour" in page.url
