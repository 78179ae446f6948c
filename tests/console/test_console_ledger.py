"""The ledger in the browser: figures, coverage, the shift report, exports, and a patrol played again."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bench._station_history import Past, write_past
from fleet_server.ledger.tables import PatrolTrack
from fleet_server.store.database import Database
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation

SITE_ID = "station_yard"


@pytest.fixture(scope="module")
def past(station: RunningStation) -> Iterator[str]:
    """Two days in the station's database; gives a patrol that has a path."""
    database = Database(f"sqlite:///{station.data_dir / 'xiaotian.sqlite3'}")
    with database.write() as session:
        write_past(session, Past(SITE_ID, datetime.now(UTC), timedelta(days=2), patrols=60, incidents=80, dogs=3))
    with database.read() as session:
        longest = max(session.scalars(select(PatrolTrack)), key=lambda track: len(track.points))
    yield longest.patrol_id
    database.close()


def opened(browser: Browser, station: RunningStation, path: str, language: str = "zh") -> Page:
    page = operator_steps.operator_page(browser, language)
    operator_steps.signed_in(page, f"{station.url}{path}", PASSWORD)
    return page


@pytest.mark.slow
def test_the_overview_tells_what_a_day_came_to_and_the_address_keeps_the_span(
    browser: Browser, station: RunningStation, past: str
) -> None:
    page = opened(browser, station, "/ledger/overview", "en")
    with station.client() as client:
        told = client.get("/ledger/summary", params={"siteId": SITE_ID}).json()
    sent = sum(dog["patrols"] for dog in told["dogs"])
    expect(page.get_by_test_id("tile-patrols")).to_have_text(f"{sum(d['completed'] for d in told['dogs'])} / {sent}")
    expect(page.get_by_test_id("coverage-map")).not_to_have_attribute("data-cells", "0")
    operator_steps.wait_map(page)
    expect(page.get_by_test_id("place-row").first).to_be_visible()
    page.get_by_test_id("span-7d").click()
    expect(page.get_by_test_id("dog-sums")).to_contain_text("dog3")
    expect(page.get_by_test_id("tile-patrols")).not_to_contain_text(f" / {sent}")
    assert "span=7d" in page.url
    page.reload()
    expect(page.get_by_test_id("span-7d")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("span-shift").select_option(index=2)
    assert "span=" in page.url
    assert "%40" in page.url


@pytest.mark.slow
def test_the_shift_report_is_a_click_away_in_both_languages_and_exports_are_files(
    browser: Browser, station: RunningStation, past: str
) -> None:
    page = opened(browser, station, "/ledger/overview")
    for language, title in (("zh", "交接班报告"), ("en", "Shift report")):
        with page.context.expect_page() as paper:
            page.get_by_test_id(f"report-{language}").click()
        expect(paper.value.locator("h1")).to_contain_text(title)
        paper.value.close()
        pdf = page.request.get(f"{station.url}{page.get_by_test_id(f'report-pdf-{language}').get_attribute('href')}")
        assert pdf.body().startswith(b"%PDF")
    page.get_by_test_id("exports").click()
    with page.expect_download() as file:
        page.get_by_test_id("export-patrols-csv").click()
    head = io.BytesIO(file.value.path().read_bytes()).readline().decode()
    assert head.startswith("patrol_id,site_id,")


@pytest.mark.slow
def test_a_patrol_is_played_again_from_its_first_place_to_its_last(
    browser: Browser, station: RunningStation, past: str
) -> None:
    with station.client() as client:
        walked = client.get(f"/ledger/patrols/{past}").json()["walked"]
    page = opened(browser, station, f"/ledger/patrols?patrol={past}")
    dog, slider = page.get_by_test_id("replay-dog"), page.get_by_test_id("replay-slider")
    expect(dog).to_have_attribute("data-x", f"{walked[-1]['x']:.2f}")
    slider.focus()
    page.keyboard.press("Home")
    expect(dog).to_have_attribute("data-x", f"{walked[0]['x']:.2f}")
    expect(dog).to_have_attribute("data-y", f"{walked[0]['y']:.2f}")
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    between = next(n for n, point in enumerate(walked) if point["t"] > 30) if walked[-1]["t"] > 30 else None
    assert between, "the longest patrol of the past lasts longer than half a minute"
    low, high = sorted((walked[between - 1]["x"], walked[between]["x"]))
    assert low - 0.01 <= float(dog.get_attribute("data-x") or "nan") <= high + 0.01


def test_who_may_not_export_is_offered_the_report_alone(browser: Browser, station: RunningStation, past: str) -> None:
    with station.client() as client:
        body = {"username": "guard", "role": "operator", "password": "a-long-enough-one"}
        client.post("/accounts", json=body).raise_for_status()
    page = operator_steps.operator_page(browser, "zh")
    operator_steps.signed_in(page, f"{station.url}/ledger/overview", "a-long-enough-one", "guard")
    expect(page.get_by_test_id("report-zh")).to_be_visible()
    expect(page.get_by_test_id("exports")).to_have_count(0)
