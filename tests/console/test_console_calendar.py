"""Schedules are made in the browser; the calendar shows the coming days, and the ledger why a round was missed."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from protocol.site_folder import read_site
from tests.console import operator_steps
from tests.console.conftest import masked_figure
from tests.console.running_station import PASSWORD, SITE, RunningStation, running_station
from tests.console.wire_dog import WireDog, dog_at_dock
from xiaotian.local_stack import free_port

DAY_S = 86_400.0
STEP_MS = operator_steps.STEP_MS


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStation]:
    """A station where it is Monday morning when it starts, whatever day the tests are run on."""
    folder = tmp_path_factory.mktemp("calendar") / "station"
    with running_station(folder, free_port(), free_port(), seconds_until_monday_at_ten()) as it:
        yield it


def seconds_until_monday_at_ten() -> float:
    """At the site."""
    now = datetime.now(ZoneInfo(read_site(SITE)[0].timezone))
    morning = now.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=7 - now.weekday())
    return (morning - now).total_seconds()


def rival(station: RunningStation) -> None:
    """A second round at the time of the first: with one dog, one of the two finds none."""
    with station.client() as client:
        first = client.get("/schedules").json()[0]
        body = {key: first[key] for key in ("routeId", "rule", "start")} | {"name": {"zh": "加巡", "en": "Extra"}}
        client.post("/schedules", json=body).raise_for_status()


def last_evening(station: RunningStation) -> float:
    """Twenty seconds after half past nine, yesterday at the site."""
    now = datetime.now(ZoneInfo(read_site(SITE)[0].timezone)) + timedelta(seconds=station.clock_ahead_s)
    return (now.replace(hour=21, minute=30, second=20) - timedelta(days=1)).timestamp()


def sleep_for_three_days(station: RunningStation) -> None:
    """Until Thursday morning; whoever was signed in is not any more."""
    station.stop()
    station.clock_ahead_s += 3 * DAY_S
    station.start()


@pytest.mark.slow
def test_a_schedule_is_made_seen_in_the_coming_days_with_its_conflicts_and_missed_with_a_reason(
    browser: Browser, station: RunningStation, dog: WireDog
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/calendar", PASSWORD)
    expect(page.get_by_test_id("calendar-day")).to_have_count(7)
    expect(page.get_by_text("还没有巡逻计划")).to_be_visible()
    page.get_by_test_id("schedule-new").click()
    page.get_by_test_id("schedule-save").click()
    expect(page.get_by_test_id("schedule-error")).to_have_text("请填写计划名称。")
    page.get_by_test_id("schedule-name-zh").fill("晚间巡逻")
    page.get_by_test_id("schedule-time").fill("21:30")
    page.get_by_test_id("schedule-save").click()
    expect(page.get_by_test_id("schedule")).to_contain_text("每天 21:30")
    expect(page.get_by_test_id("calendar-entry")).to_have_count(7)
    expect(page.get_by_test_id("calendar-sum")).to_have_attribute("data-conflicts", "0")

    dog.raise_anomaly("", (9.0, 9.0), masked_figure(), last_evening(station))  # as its round sets out from the dock
    dog.raise_anomaly("", (9.0, 9.0), masked_figure(), last_evening(station) - 3600)
    dog.raise_anomaly("", (-30.0, -30.0), masked_figure(), last_evening(station))
    page.get_by_test_id("plan-review").click()
    sums = page.get_by_test_id("review-sum")
    page.get_by_test_id("review-yesterday").click()
    expect(sums).to_have_attribute("data-all", "3", timeout=STEP_MS)
    expect(sums).to_have_text(re.compile("3 起事件中有 1 起会被看到"))
    page.get_by_test_id("review-shown-all").click()
    seen = page.locator('[data-testid=finding][data-verdict="SEEN"]')
    expect(seen).to_contain_text("“晚间巡逻”的巡逻")
    expect(page.locator('[data-testid=finding][data-verdict="ANOTHER_TIME"]')).to_contain_text("晚 60 分钟")
    expect(page.locator('[data-testid=finding][data-verdict="NOT_PASSED"]')).to_have_count(1)
    seen.click()
    expect(page.get_by_test_id("finding-pin")).to_have_count(3)
    operator_steps.screenshot(page, operator_steps.screenshot_folder(station.data_dir), "looking_back")
    page.get_by_test_id("plan-calendar").click()
    page.get_by_test_id("schedule-edit").click()
    page.get_by_test_id("schedule-time").fill("20:30")
    effect = page.get_by_test_id("draft-effect")
    expect(effect).to_contain_text("最近七天的 3 起事件：会看到 1 起，与现在相同。")
    page.get_by_test_id("schedule-time").fill("14:30")
    expect(effect).to_contain_text("改后会看到 0 起，现在 1 起。")
    question = page.get_by_test_id("schedule-leave")
    for _ in range(3):  # the question alone is closed, and what was typed stays
        page.keyboard.press("Escape")
        expect(question).to_be_visible()
        page.keyboard.press("Escape")
        expect(question).to_have_count(0)
        expect(page.get_by_test_id("schedule-time")).to_have_value("14:30")
    page.keyboard.press("Escape")
    page.get_by_test_id("schedule-leave-confirm").click()
    expect(page.get_by_test_id("schedule-editor")).to_have_count(0)

    rival(station)
    page.reload()
    expect(page.get_by_test_id("calendar-sum")).to_have_attribute("data-conflicts", "7")  # the address kept the tab
    clash = page.locator('[data-testid=calendar-entry][data-conflicts="1"]').first
    expect(clash).to_contain_text("各犬届时都在执行其他巡逻")

    page.get_by_test_id("schedule").filter(has_text="晚间巡逻").get_by_test_id("schedule-edit").click()
    for day in ("SA", "SU"):
        page.get_by_test_id(f"schedule-day-{day}").click()
    page.get_by_test_id("schedule-promise").check()
    page.get_by_test_id("schedule-every").fill("60")
    page.get_by_test_id("schedule-save").click()
    card = page.get_by_test_id("schedule").filter(has_text="晚间巡逻")
    expect(card).to_contain_text("每周一、周二、周三、周四、周五 21:30 至 06:00，每 60 分钟巡遍一次")
    page.get_by_test_id("schedule").filter(has_text="加巡").get_by_test_id("schedule-delete").click()
    page.get_by_test_id("schedule-delete-confirm").click()
    expect(page.get_by_test_id("schedule")).to_have_count(1)

    sleep_for_three_days(station)
    operator_steps.signed_in(page, f"{station.url}/plan/calendar", PASSWORD)
    page.get_by_test_id("missed-note").click(timeout=STEP_MS)
    rows = page.get_by_test_id("round-row")
    expect(rows.first).to_have_attribute("data-status", "MISSED")
    expect(rows.first).to_contain_text("到点时服务器没有运行")
    assert "/ledger/rounds?status=MISSED" in page.url


@pytest.mark.slow
def test_a_slow_simulation_raises_no_alarm_and_a_clock_that_is_wrong_within_it_does(
    browser: Browser, station: RunningStation
) -> None:
    # Behind from their first word on: a clock that is set back is believed after a minute.
    with (
        dog_at_dock(station, "dog2", clock_ahead_s=-30.0),
        dog_at_dock(station, "dog3", 1, clock_ahead_s=-30.0) as second,
    ):
        page = operator_steps.operator_page(browser)
        operator_steps.signed_in(page, station.url, PASSWORD)
        expect(page.get_by_test_id("dog-dog3")).to_have_attribute("data-live", "true", timeout=STEP_MS)
        expect(page.get_by_test_id("simulated")).to_have_attribute(
            "title", "这是仿真环境，仿真时间比站点时间慢 30 秒。"
        )
        for name in ("dog2", "dog3"):
            expect(page.get_by_test_id(f"dog-clock-{name}")).to_have_count(0)
        second.clock_ahead_s += 75.0
        expect(page.get_by_test_id("dog-clock-dog3")).to_contain_text("时钟偏差 +45 秒", timeout=STEP_MS)
        expect(page.get_by_test_id("dog-clock-dog2")).to_have_count(0)
