"""How a checkpoint should look is chosen among its photos, and stands beside what a dog found to be otherwise."""

import io
import time
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from protocol.anomaly import AnomalyKind
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog

CAR_PARK = "car_park"


def seen(minute: int) -> bytes:
    """A yard with a box in it, which stands elsewhere each minute."""
    image = Image.new("RGB", (640, 480), (70, 84, 96))
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, 300, 640, 480], fill=(104, 106, 100))
    draw.rectangle([60 + 110 * minute, 220, 180 + 110 * minute, 340], fill=(150, 110, 70))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def open_checkpoint(page: Page, url: str) -> None:
    operator_steps.signed_in(page, f"{url}/plan/site", PASSWORD)
    operator_steps.wait_map(page)
    page.get_by_test_id(f"site-checkpoints-{CAR_PARK}").get_by_role("button").first.click()


@pytest.mark.slow
def test_a_reference_is_chosen_among_a_checkpoints_photos_and_stands_beside_what_has_changed(
    browser: Browser, station: RunningStation, dog: WireDog, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    page = operator_steps.operator_page(browser)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    open_checkpoint(page, station.url)
    reference = page.get_by_test_id("checkpoint-reference")
    expect(reference).to_contain_text("还没有参考照片。")
    page.get_by_test_id("reference-choose").click()
    expect(reference).to_contain_text("还没有机器犬在这里拍的照片")

    route = operator_steps.draw_route(page, [CAR_PARK], ("看车", "Cars"))
    operator_steps.assign(page, route, "dog1")
    operator_steps.see_dog_move(page, "dog1", metres=1)
    taken = [(seen(n), time.time() - 600 + 60 * n) for n in range(4)]
    photos = [str(dog.photograph(CAR_PARK, picture, at)) for picture, at in taken]
    for photo, (picture, _) in zip(photos, taken, strict=True):
        dog.upload(station.url, station.token, UUID(photo), picture)

    open_checkpoint(page, station.url)
    page.get_by_test_id("reference-choose").click()
    expect(page.get_by_test_id("reference-photo")).to_have_count(4)
    expect(reference.locator('li .picture[data-state="shown"]')).to_have_count(4)
    operator_steps.screenshot(page, shots, "50_reference_choice")
    page.get_by_test_id("reference-photo").nth(3).click()  # the first that was taken
    expect(page.get_by_test_id("reference-picture")).to_be_visible()
    expect(reference).to_contain_text("admin 选定")
    expect(reference.locator('figure .picture[data-state="shown"]')).to_be_visible()
    operator_steps.screenshot(page, shots, "51_reference")
    with station.client() as client:
        (chosen,) = client.get("/sites/station_yard/references").json()
        assert (chosen["checkpointId"], chosen["evidence"]["evidenceId"]) == (CAR_PARK, photos[0])
        places = {
            each["checkpointId"]: each["pose"] for each in client.get("/sites/station_yard").json()["checkpoints"]
        }

    at = (places[CAR_PARK]["x"] + 1.0, places[CAR_PARK]["y"])
    found = dog.raise_anomaly("", at, seen(2), time.time(), kind=AnomalyKind.CHECKPOINT_CHANGED)[1]
    dog.upload(station.url, station.token, found, seen(2))
    operator_steps.open_view(page, "live")
    card = operator_steps.wait_incident(page)
    card.get_by_test_id("incident-picture").click()
    beside = page.get_by_test_id("evidence-dialog").get_by_test_id("reference")
    expect(beside).to_contain_text("最近的检查点 停车场")
    expect(beside.locator("img")).to_have_attribute("src", chosen["evidence"]["contentUrl"])
    expect(beside.locator('.picture[data-state="shown"]')).to_be_visible()
    operator_steps.screenshot(page, shots, "52_changed")
    page.keyboard.press("Escape")

    operator_steps.open_view(page, "ledger")
    page.get_by_test_id("patrol-row").first.get_by_role("button").click()
    page.get_by_test_id("patrol-photo").last.click()
    expect(page.get_by_test_id("reference")).to_contain_text("停车场 应有的样子")
    operator_steps.screenshot(page, shots, "53_patrol_photo")
    page.keyboard.press("Escape")

    phone = operator_steps.operator_page(browser, "en", 390, 844, theme="light")
    open_checkpoint(phone, station.url)
    expect(phone.get_by_test_id("reference-picture")).to_be_visible()
    expect(phone.get_by_test_id("reference-choose")).to_have_count(0)  # there the site is only looked at
    expect(phone.locator('figure .picture[data-state="shown"]')).to_be_visible()
    phone.get_by_test_id("reference-picture").scroll_into_view_if_needed()
    operator_steps.screenshot(phone, shots, "54_phone")
    phone.context.close()

    day = operator_steps.operator_page(browser, "en", theme="light")
    open_checkpoint(day, station.url)
    day.get_by_test_id("reference-choose").click()
    expect(day.locator('li .picture[data-state="shown"]')).to_have_count(4)
    day.get_by_test_id("reference-remove").scroll_into_view_if_needed()
    operator_steps.screenshot(day, shots, "55_light")
    day.get_by_test_id("reference-remove").click()
    expect(day.get_by_test_id("checkpoint-reference")).to_contain_text("No reference picture yet.")
    with station.client() as client:
        assert client.get("/sites/station_yard/references").json() == []
    assert complaints == []
