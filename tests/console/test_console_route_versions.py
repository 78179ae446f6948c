"""What a route was before is looked at on the map and taken back, and so is a route that was deleted."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation


@pytest.mark.slow
def test_a_route_is_taken_back_as_it_was_before_it_was_changed_and_after_it_was_deleted(
    browser: Browser, station: RunningStation, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    page = operator_steps.operator_page(browser)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    operator_steps.signed_in(page, station.url, PASSWORD)
    route = operator_steps.draw_route(page, ["generator", "gate", "car_park"], ("夜巡", "Night"))
    row = page.get_by_test_id(f"route-{route}")
    with station.client() as client:
        first = client.get(f"/routes/{route}").json()
        client.put(f"/routes/{route}", json=_edited(first)).raise_for_status()
    expect(row).to_contain_text("早巡")
    row.get_by_test_id("route-edit").click()
    page.get_by_test_id("route-versions").locator("summary").click()
    expect(page.get_by_test_id("route-version-2")).to_contain_text("现行版本")
    expect(page.get_by_test_id("route-version-1")).to_contain_text("admin 新建")
    page.get_by_test_id("route-look-1").click()
    expect(page.get_by_text("这是第 1 版，未作任何改动。")).to_be_visible()
    expect(page.get_by_test_id("route-version-1").locator(".route__stops li")).to_have_count(3)
    operator_steps.screenshot(page, shots, "40_route_version")
    page.get_by_test_id("route-name-zh").fill("未保存")
    expect(page.get_by_test_id("route-take-1")).to_be_disabled()
    page.keyboard.press("Control+z")
    page.get_by_test_id("route-take-1").click()
    page.get_by_test_id("route-take-confirm").click()
    expect(page.get_by_test_id("route-name-zh")).to_have_value("夜巡")
    expect(page.get_by_test_id("route-version-3")).to_contain_text("admin 恢复")
    expect(page.get_by_test_id("route-stop")).to_have_count(3)
    page.get_by_test_id("route-close").click()

    with station.client() as client:
        assert client.get(f"/routes/{route}").json() == first
    row.get_by_test_id("route-delete").click()
    page.get_by_test_id("delete-confirm").click()
    expect(row).to_have_count(0)
    page.get_by_test_id("deleted-routes").locator("summary").click()
    gone = page.get_by_test_id(f"deleted-{route}")
    expect(gone).to_contain_text("admin 删除")
    operator_steps.screenshot(page, shots, "41_deleted_route")
    gone.get_by_test_id("deleted-take").click()
    page.get_by_test_id("deleted-take-confirm").click()
    expect(row).to_be_visible()
    expect(gone).to_have_count(0)
    with station.client() as client:
        assert client.get(f"/routes/{route}").json() == first
    assert complaints == []


def _edited(route: dict[str, object]) -> dict[str, object]:
    """With another name and without its first two stops."""
    kept = {key: value for key, value in route.items() if key not in ("routeId", "version", "stops")}
    stops = route["stops"]
    assert isinstance(stops, list)
    last = {"checkpointId": stops[-1]["checkpointId"], "actions": [{"type": "takePhoto"}]}
    rules = ("onLinkLoss", "onBlocked", "onLowBattery")
    plain = {key: {k: v for k, v in _each(kept[key]).items() if v is not None} for key in rules}
    return kept | plain | {"name": {"zh": "早巡", "en": "Morning"}, "stops": [last]}


def _each(rule: object) -> dict[str, object]:
    assert isinstance(rule, dict)
    return rule
