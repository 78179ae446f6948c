"""The two journeys as an operator sees them, in a real browser against the real server."""

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from edge.mission.errors import Fault, fatal, warning
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog
from xiaotian.api_client import Client
from xiaotian.api_client import operation as op
from xiaotian.api_client.models import LinkLossPolicy, OnLinkLossBody, RouteBody

# In restricted zones, too far from each other for one person.
ARMORY = (26.0, 11.0)
MOTOR_POOL = (-28.0, -6.0)


@pytest.mark.slow
def test_a_drawn_route_is_walked_and_what_the_dog_saw_is_acknowledged(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    page = operator_steps.operator_page(browser)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    operator_steps.sign_in(page, station.url, PASSWORD)
    expect(page.get_by_test_id("dog-dog1")).to_have_attribute("data-live", "true")
    operator_steps.screenshot(page, shots, "1_signed_in")

    route = operator_steps.draw_route(page, ["generator", "停车场", "Gate", "west_corner", "main_entrance"])
    operator_steps.screenshot(page, shots, "2_route_drawn")
    operator_steps.assign(page, route, "dog1")
    operator_steps.see_dog_move(page, "dog1", metres=3)
    operator_steps.screenshot(page, shots, "3_walking")

    photo = dog.photograph("car_park", picture, time.time())
    dog.upload(station.url, station.token, photo, picture)
    anomaly, evidence = dog.raise_anomaly("armory_yard", ARMORY, picture, time.time())
    dog.upload(station.url, station.token, evidence, picture)
    page.route("**/api/v1/evidence/*/content*", lambda way: way.abort(), times=1)  # once it does not come
    card = operator_steps.wait_incident(page)
    expect(card).to_contain_text("军械库院")
    operator_steps.screenshot(page, shots, "4_incident")
    incident = operator_steps.acknowledge(page, "已派值班民警到场核实")
    assert incident
    operator_steps.wait_patrol(page, "dog1", "COMPLETED")
    operator_steps.screenshot(page, shots, "5_completed")

    operator_steps.open_view(page, "ledger")
    row = page.get_by_test_id("patrol-row").first
    expect(row).to_have_attribute("data-status", "COMPLETED")
    row.get_by_role("button").click()
    expect(page.get_by_test_id("patrol-photo")).to_be_visible()
    operator_steps.screenshot(page, shots, "6_ledger_patrols")
    page.get_by_test_id("ledger-incidents").click()
    expect(page.get_by_test_id("incident-row").first).to_contain_text("已派值班民警到场核实")
    operator_steps.screenshot(page, shots, "7_ledger_incidents")
    page.get_by_test_id("ledger-audit").click()
    expect(page.locator(f'[data-testid=audit-row] [data-target="{incident}"]')).to_be_visible()
    operator_steps.screenshot(page, shots, "8_ledger_audit")

    assert {anomaly, evidence} <= dog.received
    assert [text for text in complaints if "ERR_FAILED" not in text] == []
    assert len(complaints) == 1, "the picture that did not come was asked for again"


@pytest.mark.slow
def test_a_screen_that_is_not_live_says_so_and_comes_back(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    page = operator_steps.operator_page(browser, language="en")
    operator_steps.signed_in(page, station.url, PASSWORD)
    expect(page.get_by_test_id("dog-dog1")).to_have_attribute("data-live", "true")
    station.stop()
    expect(page.get_by_test_id("link-lost")).to_be_visible()
    expect(page.locator(".panel--incidents")).not_to_contain_text("Nothing needs your attention")
    expect(page.get_by_test_id("dog-dog1")).to_have_attribute("data-live", "false")
    expect(page.get_by_test_id("dog-marker-dog1")).to_have_attribute("data-live", "false")
    operator_steps.screenshot(page, shots, "9_server_gone")
    station.start()
    operator_steps.wait_live(page)
    expect(page.get_by_test_id("link-lost")).to_be_hidden()


@pytest.mark.slow
def test_a_page_that_is_opened_while_the_server_is_away_says_so_and_comes_and_keeps_no_data(
    browser: Browser, station: RunningStation, dog: WireDog
) -> None:
    page = operator_steps.operator_page(browser, language="en", width=390, height=844)
    operator_steps.signed_in(page, station.url, PASSWORD)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    station.stop()
    page.reload()
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    kept = page.evaluate("caches.open('shell').then((it) => it.keys()).then((all) => all.map((one) => one.url))")
    kinds = {Path(urlsplit(url).path).suffix for url in kept}
    assert kinds == {"", ".js", ".css", ".svg", ".png", ".webmanifest"}
    assert [url for url in kept if "/api/" in url] == []
    assert page.evaluate("caches.keys()") == ["shell"]
    station.start()
    operator_steps.wait_live(page)
    expect(page.get_by_test_id("dog-dog1")).to_have_attribute("data-live", "true")


@pytest.mark.slow
def test_on_a_wall_of_screens_there_is_nothing_to_press_until_escape(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser, width=1920, height=1080)
    operator_steps.signed_in(page, station.url, PASSWORD)
    page.get_by_test_id("wall").click()
    expect(page.get_by_test_id("dog-dog1")).to_have_attribute("data-live", "true")
    expect(page.locator("main")).to_have_attribute("inert", "")
    expect(page.locator("header button, header select")).to_have_count(0)
    for pressed in ("dog-stop-dog1", "incident-acknowledge"):
        assert page.get_by_test_id(pressed).filter(visible=True).count() == 0
    page.reload()  # as after a power cut
    expect(page.get_by_test_id("dog-dog1")).to_have_attribute("data-live", "true")
    expect(page.get_by_test_id("stop-all")).to_have_count(0)
    operator_steps.wait_map(page)
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "19_wall")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stop-all")).to_be_visible()
    assert "wall" not in page.url


@pytest.mark.slow
def test_a_dog_that_leaves_is_shown_as_not_live_and_is_refused_a_patrol(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser, language="en", width=1280, height=800)
    operator_steps.signed_in(page, station.url, PASSWORD)
    card = page.get_by_test_id("dog-dog1")
    expect(card).to_have_attribute("data-live", "true")
    dog.stop()
    expect(card).to_have_attribute("data-live", "false")
    expect(card).to_contain_text("Not live since")
    with pytest.raises(AssertionError, match="not live"):
        operator_steps.assign(page, "demo_round", "dog1")
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "10_refused")


@pytest.mark.slow
def test_a_dogs_trouble_and_the_servers_refusal_are_told_in_the_operators_language(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, station.url, PASSWORD)
    dog.errors = [
        warning(Fault.WAY_BLOCKED, "no way", nodeId="gate", tries="2", x="12.4", y="1.4", length="1.8", width="0.6"),
        warning(Fault.LINK_LOST, "no station since 2026-01-01T00:00:00Z: home"),
        fatal(Fault.FALLEN, "it lies on the ground", stage="lying"),
    ]
    card = page.get_by_test_id("dog-dog1")
    for words in (
        "前往大门的道路受阻",
        "约 1.8 × 0.6 米",
        "已尝试 2 次",
        "与站点失联，已按路线设定中止任务",
        "机器犬跌倒",
    ):
        expect(card).to_contain_text(words)
    for told in card.get_by_test_id(re.compile("^dog-error-")).all_inner_texts():
        assert not re.search("[a-z]{3}", told), f"English beside the Chinese sentence: {told}"
    expect(page.get_by_test_id("obstacle-dog1")).to_have_attribute("data-x", "12.4")
    operator_steps.screenshot(page, shots, "12_trouble_zh")
    with pytest.raises(AssertionError, match="dog1 需要人工处理：机器犬跌倒"):
        operator_steps.assign(page, "demo_round", "dog1")
    operator_steps.screenshot(page, shots, "13_refused_zh")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1024, "height": 768})
    page.get_by_test_id("language").click()
    operator_steps.open_view(page, "live")
    expect(card).to_contain_text("The way to Gate is blocked")
    operator_steps.screenshot(page, shots, "14_trouble_en_tablet")


@pytest.mark.slow
def test_somebody_who_lies_stands_before_all_other_incidents_with_the_place_in_words(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, station.url, PASSWORD)
    dog.raise_anomaly("", (13.0, 4.0), picture, time.time() - 30)
    dog.raise_anomaly("motor_pool", MOTOR_POOL, picture, time.time())
    cards = page.get_by_test_id("incident-card")
    expect(cards).to_have_count(2)
    expect(cards.first).to_have_attribute("data-severity", "HIGH")
    for words in ("有人倒地", "紧急：可能需要救助", "附近，相距"):
        expect(cards.first).to_contain_text(words)
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "18_lying_zh")
    page.get_by_test_id("language").click()
    expect(cards.first).to_contain_text("A person is lying on the ground")
    expect(cards.nth(1)).to_contain_text("Person in a restricted zone")


@pytest.mark.slow
def test_one_press_lets_a_dog_go_on_that_fell_and_stands_again(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, station.url, PASSWORD)
    press, fall = page.get_by_test_id("dog-go-on-dog1"), page.get_by_test_id("dog-error-fallen")
    dog.errors = [warning(Fault.FALLEN, "it stands again and checks itself", stage="checking")]
    expect(fall).to_contain_text("正在自检，无需处理")
    expect(press).to_have_count(0)
    dog.errors = [fatal(Fault.FALLEN, "it stands, and waits for a person", stage="waiting")]
    expect(fall).to_contain_text("再让它继续")
    expect(press).to_have_text("已站稳，继续")
    operator_steps.screenshot(page, shots, "15_fallen_zh")
    page.get_by_test_id("language").click()
    expect(press).to_have_text("It stands: go on")
    operator_steps.screenshot(page, shots, "16_fallen_en")
    press.click()
    expect(fall).to_have_count(0)
    operator_steps.open_view(page, "ledger")
    page.get_by_test_id("ledger-audit").click()
    expect(page.get_by_test_id("audit-row").first).to_contain_text("Dog let go on after a fall")


@pytest.mark.slow
def test_what_a_dog_does_where_a_way_is_blocked_is_chosen_for_the_route_and_for_a_stop(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/routes", PASSWORD)
    row = page.get_by_test_id("route-demo_round")
    row.get_by_test_id("route-open").click()
    expect(row.get_by_test_id("route-blocked-shown")).to_contain_text("尝试 2 次后跳过该站")
    row.get_by_test_id("route-edit").click()
    page.get_by_test_id("route-blocked-tries").fill("4")
    page.get_by_test_id("stop-blocked").nth(1).select_option("wait")
    page.get_by_test_id("route-low-battery").select_option("end")
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "17_blocked_rule")
    page.get_by_test_id("route-save").click()
    expect(row.get_by_test_id("route-blocked-shown")).to_contain_text("尝试 4 次后跳过该站")
    row.get_by_test_id("route-edit").click()
    expect(page.get_by_test_id("stop-blocked").nth(1)).to_have_value("wait")
    expect(page.get_by_test_id("stop-blocked").nth(0)).to_have_value("")
    expect(page.get_by_test_id("route-low-battery")).to_have_value("end")


@pytest.mark.slow
def test_a_route_is_drawn_anew_by_dragging_inserting_and_turning_and_each_step_can_be_undone(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/routes", PASSWORD)
    stops = page.get_by_test_id("route-stop")
    order = lambda: stops.evaluate_all("rows => rows.map(row => row.dataset.checkpoint)")  # noqa: E731
    route = operator_steps.draw_route(page, ["gate", "generator", "west_corner"], ("改线", "Redrawn"))
    row = page.get_by_test_id(f"route-{route}")
    row.get_by_test_id("route-edit").click()
    assert order() == ["gate", "generator", "west_corner"]

    boxes = [stops.nth(i).bounding_box() for i in range(3)]
    grip = page.get_by_test_id("stop-grip").nth(2).bounding_box()
    assert grip is not None
    page.mouse.move(grip["x"] + 8, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    for box in (boxes[1], boxes[0]):
        assert box is not None
        page.mouse.move(grip["x"] + 8, box["y"] + 4, steps=4)
    page.mouse.up()
    assert order() == ["west_corner", "gate", "generator"]
    page.get_by_test_id("stop-grip").nth(0).press("ArrowDown")
    assert order() == ["gate", "west_corner", "generator"]
    expect(page.get_by_test_id("stop-grip").nth(1)).to_be_focused()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")  # a drag is one step, over however many places it went
    assert order() == ["gate", "generator", "west_corner"]
    page.keyboard.press("Control+Shift+z")
    assert order() == ["west_corner", "gate", "generator"]

    page.get_by_test_id("stop-insert").nth(0).press("Enter")
    page.get_by_test_id("checkpoint-main_entrance").press("Enter")
    page.get_by_test_id("checkpoint-armory_view").press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("route-insert-here")).to_have_count(0)
    assert order() == ["west_corner", "main_entrance", "armory_view", "gate", "generator"]
    expect(page.get_by_test_id("way-figures")).to_contain_text("耗电约")
    for _ in range(2):
        page.get_by_test_id("route-undo").click()
    assert order() == ["west_corner", "gate", "generator"]
    expect(
        page.locator(".draft-effect:not(.is-stale)")
    ).to_be_visible()  # a leg's handle lies on the way as it is walked
    leg, over = page.get_by_test_id("insert-stop-1"), page.get_by_test_id("checkpoint-main_entrance")
    drag_onto(page, leg, over)
    assert order() == ["west_corner", "main_entrance", "gate", "generator"]

    page.get_by_test_id("stop-choose").nth(1).click()
    page.get_by_test_id("turn").press("Shift+ArrowUp")
    turned = page.get_by_test_id("stop-heading").nth(1)
    expect(turned).not_to_have_value("")
    turned.fill("270")
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "21_route_drawn_anew")

    page.get_by_test_id("plan-calendar").click()
    page.get_by_test_id("plan-routes").click()
    assert order() == ["west_corner", "main_entrance", "gate", "generator"]
    page.get_by_test_id("route-close").click()
    expect(page.get_by_test_id("route-leave")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("route-save").click()
    expect(row.get_by_test_id("way-figures")).to_be_visible()
    with station.client() as client:
        saved = client.get(f"/routes/{route}").json()["stops"]
    assert [stop["checkpointId"] for stop in saved] == ["west_corner", "main_entrance", "gate", "generator"]
    assert [round(stop["theta"], 2) if stop["theta"] is not None else None for stop in saved] == [
        None,
        -1.57,
        None,
        None,
    ]
    row.get_by_test_id("route-assign").click()
    expect(page.get_by_test_id("assign-dialog")).to_contain_text("之后约")


def drag_onto(page: Page, what: Locator, onto: Locator) -> None:
    """By the mouse, from the middle of the one to the middle of the other."""
    start, end = what.bounding_box(), onto.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=6)
    page.mouse.up()


def somebody_else_is_faster(station: RunningStation) -> None:
    with Client.signed_in(station.url, "admin", PASSWORD) as other:
        route = msgspec.to_builtins(other.ask(op.ROUTE, route_id="demo_round"))
        body = msgspec.convert({name: route[name] for name in ("siteId", "name", "stops")}, RouteBody)
        body.on_link_loss = OnLinkLossBody(policy=LinkLossPolicy.CARRY_ON_THEN_HOME, minutes=7)
        other.ask(op.REPLACE_ROUTE, body, version=route["version"], route_id="demo_round")


@pytest.mark.slow
def test_what_a_dog_does_without_its_station_is_chosen_with_the_route(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/routes", PASSWORD)
    row = page.get_by_test_id("route-demo_round")
    row.get_by_test_id("route-open").click()
    expect(row.get_by_test_id("route-link-loss-shown")).to_contain_text("继续 30 分钟，然后返回")
    row.get_by_test_id("route-edit").click()
    minutes = page.get_by_test_id("route-link-loss-minutes")
    minutes.fill("5")
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "11_link_loss")
    somebody_else_is_faster(station)
    page.get_by_test_id("route-save").click()
    expect(page.get_by_role("alert").filter(has_text="admin 已于")).to_be_visible()
    expect(minutes).to_have_value("5")
    page.get_by_test_id("meanwhile-look").click()
    expect(minutes).to_have_value("7")
    page.get_by_test_id("meanwhile-mine").click()
    expect(minutes).to_have_value("5")
    page.get_by_test_id("route-save").click()
    expect(row.get_by_test_id("route-link-loss-shown")).to_contain_text("继续 5 分钟")
    row.get_by_test_id("route-edit").click()
    page.get_by_test_id("route-link-loss").select_option("stand")
    expect(page.get_by_test_id("route-link-loss-minutes")).to_have_count(0)
    page.get_by_test_id("route-save").click()
    expect(row.get_by_test_id("route-link-loss-shown")).to_contain_text("原地待命")


@pytest.mark.slow
def test_a_slow_zone_is_drawn_and_kept_through_an_undo_another_view_and_anothers_save_and_a_second_page_sees_it(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/site", PASSWORD)
    operator_steps.wait_map(page)
    box = page.get_by_test_id("site-map").bounding_box()
    assert box is not None
    page.get_by_test_id("site-draw").select_option("slow")
    for corner, (right, down) in enumerate(((60, -20), (140, -20), (140, 60), (60, 60), (30, 20))):
        page.mouse.click(box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down)
        expect(page.get_by_test_id(f"drawn-{corner}")).to_be_attached()
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    corners = page.get_by_test_id(re.compile(r"^corner-\d$"))
    expect(corners).to_have_count(4)
    expect(page.get_by_test_id("site-problem")).to_contain_text("请填写名称")
    page.get_by_test_id("site-name-en").fill("Drill ground")
    expect(page.get_by_test_id("site-problem")).to_have_count(0)
    page.get_by_test_id("insert-corner-2").press("Enter")
    expect(corners).to_have_count(5)
    page.keyboard.press("Control+z")
    expect(corners).to_have_count(4)

    page.get_by_test_id("draw-checkpoints-gate").press("Enter")
    page.get_by_test_id("place-x").fill("0")
    page.get_by_test_id("place-y").fill("-4")
    expect(page.get_by_test_id("site-problem")).to_contain_text("位于禁行区")
    expect(page.get_by_test_id("site-problem-pin")).to_be_attached()
    expect(page.get_by_test_id("site-save")).to_be_disabled()
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "20_site_drawn")
    for _ in ("y", "x"):
        page.keyboard.press("Control+z")
    expect(page.get_by_test_id("place-y")).to_have_value("-18")
    expect(page.get_by_test_id("site-problem")).to_have_count(0)

    page.get_by_test_id("plan-routes").click()
    page.get_by_test_id("plan-site").click()
    expect(page.get_by_test_id("site-plan")).to_have_attribute("data-dirty", "true")
    with station.client() as client:
        site = client.get("/sites/station_yard").json()
        site["docks"][0]["name"]["zh"] = "东侧充电桩"
        theirs = {key: site[key] for key in ("zones", "checkpoints", "docks")}
        saved = client.put("/sites/station_yard", json=theirs, headers={"If-Match": f'"{site["version"]}"'})
        assert saved.is_success, saved.text
    drawn = page.get_by_text("Drill ground")
    page.get_by_test_id("site-save").click()
    page.get_by_test_id("meanwhile-look").click()
    expect(page.get_by_text("东侧充电桩")).to_have_count(1)
    expect(drawn).to_have_count(0)
    page.get_by_test_id("meanwhile-mine").click()
    expect(drawn.first).to_be_attached()
    page.get_by_test_id("site-save").click()
    expect(page.get_by_test_id("site-foot")).to_have_count(0)

    other = operator_steps.operator_page(browser, language="en")
    operator_steps.signed_in(other, f"{station.url}/plan/site", PASSWORD)
    expect(other.get_by_test_id("site-dogs")).to_have_attribute("data-behind", "1")
    with station.client() as client:
        dog.site_version = client.get("/sites/station_yard").json()["version"]
    expect(other.get_by_test_id("site-dogs")).to_contain_text("All dogs here have version", timeout=15_000)
    row = other.get_by_test_id(re.compile("^site-zones-zone_"))
    expect(row).to_contain_text("Drill ground")
    expect(row).to_contain_text("max 0.5 m/s")


@pytest.mark.slow
def test_what_dogs_look_out_for_in_a_zone_is_ticked_with_its_limits_and_goes_with_another_kind_of_zone(
    browser: Browser, station: RunningStation, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/site", PASSWORD)
    operator_steps.wait_map(page)
    page.get_by_test_id("site-zones-drive").get_by_role("button").first.click()
    ticked = page.locator("[data-testid^=rule-]:checked")
    before = ticked.count()
    page.get_by_test_id("rule-crowd").check()
    page.get_by_test_id("rule-crowd-people").fill("1")  # fewer than a crowd is: what it was stays
    page.get_by_test_id("rule-crowd-afterS").fill("7")
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "22_watched_zone")
    page.get_by_test_id("zone-kind").select_option("slow")
    expect(ticked).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(ticked).to_have_count(before + 1)
    page.get_by_test_id("site-save").click()
    expect(page.get_by_test_id("site-foot")).to_have_count(0)
    with station.client() as client:
        zones = {each["zoneId"]: each for each in client.get("/sites/station_yard").json()["zones"]}
    assert zones["drive"]["rules"]["crowd"] == {"people": 5, "withinM": 4, "afterS": 7}


@pytest.mark.slow
def test_the_language_is_kept_and_a_wrong_password_is_told(browser: Browser, station: RunningStation) -> None:
    page = operator_steps.operator_page(browser)
    page.goto(station.url)
    expect(page.get_by_test_id("sign-in-submit")).to_have_text("登录")
    page.get_by_test_id("language").click()
    expect(page.get_by_test_id("sign-in-submit")).to_have_text("Sign in")
    page.reload()
    page.get_by_test_id("sign-in-username").fill("admin")
    page.get_by_test_id("sign-in-password").fill("not it")
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("sign-in-error")).to_have_text(re.compile("wrong"))
