"""From a station that knows no place to one with a site, in a real browser: two files, a name, a place on the earth."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from xiaotian.local_stack import free_port

YAML = "image: map.pgm\nresolution: {cell}\norigin: [0.0, 0.0, 0.0]\n"
YAML += "free_thresh: 0.196\noccupied_thresh: 0.65\nnegate: 0\n"


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[RunningStation]:
    """A station without a site."""
    station = RunningStation(free_port(), free_port(), tmp_path / "station", sites=())
    try:
        station.start()
        yield station
    finally:
        station.stop()


def write_map(folder: Path, *walls: tuple[int, int, int, int], cell: float = 0.1) -> list[str]:
    """The two files of a yard of 400 x 240 cells with a wall around it."""
    folder.mkdir()
    picture = Image.new("L", (400, 240), 254)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 399, 239), outline=0, width=4)
    for wall in walls:
        pen.rectangle(wall, fill=0)
    picture.save(folder / "map.pgm")
    (folder / "map.yaml").write_text(YAML.format(cell=cell))
    return [str(folder / "map.yaml"), str(folder / "map.pgm")]


def save(page: Page) -> None:
    page.get_by_test_id("site-save").click()
    expect(page.get_by_test_id("site-foot")).to_have_count(0)


@pytest.mark.slow
def test_the_first_site_is_made_of_a_map_and_a_new_map_is_refused_where_a_checkpoint_stands_in_its_wall(
    browser: Browser, nowhere: RunningStation, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    page = operator_steps.operator_page(browser)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    operator_steps.signed_in(page, nowhere.url, PASSWORD)
    expect(page.get_by_text("服务器上还没有站点")).to_be_visible()
    operator_steps.screenshot(page, shots, "30_no_site")
    page.get_by_test_id("new-site").click()
    files, said = page.get_by_test_id("map-files"), page.get_by_test_id("map-refused")
    make = page.get_by_test_id("site-create")

    first = write_map(tmp_path / "first", (100, 60, 180, 110))
    files.set_input_files(first[1:])
    expect(said).to_contain_text("缺少 map.yaml")
    files.set_input_files(write_map(tmp_path / "none", cell=0.0))
    expect(said).to_be_visible()
    files.set_input_files(write_map(tmp_path / "coarse", cell=7.0))
    expect(said).to_contain_text("不在每格 0.01 到 1 米之间")
    files.set_input_files(first)
    expect(page.get_by_test_id("map-picture")).to_be_visible()
    expect(said).to_have_count(0)
    expect(page.get_by_text("40.0 × 24.0 米")).to_be_visible()

    page.get_by_test_id("site-name-zh").fill("东仓库")
    page.get_by_test_id("site-name-en").fill("East depot")
    expect(page.get_by_test_id("site-id")).to_have_value("east_depot")
    page.get_by_test_id("site-latitudeDeg").fill("31.2")
    expect(make).to_be_disabled()
    page.get_by_test_id("site-longitudeDeg").fill("121.5")
    page.get_by_test_id("site-timezone").fill("Asia/Atlantis")
    make.click()
    expect(page.get_by_role("alert").filter(has_text="没有时区 Asia/Atlantis")).to_be_visible()
    page.get_by_test_id("site-timezone").fill("Asia/Shanghai")
    operator_steps.screenshot(page, shots, "31_new_site")
    make.click()
    expect(page.get_by_test_id("site-plan")).to_be_visible()
    operator_steps.wait_map(page)
    assert "site=east_depot" in page.url

    for number, (x, y) in enumerate(((5.0, 5.0), (30.0, 12.0))):
        page.get_by_test_id("site-add-checkpoints").click()
        box = page.get_by_test_id("site-map").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2 + 150 * number - 60, box["y"] + box["height"] / 2)
        page.get_by_test_id("place-x").fill(str(x))
        page.get_by_test_id("place-y").fill(str(y))
        page.get_by_test_id("site-name-zh").fill(f"点{number}")
    expect(page.get_by_test_id("new-map")).to_be_disabled()
    save(page)

    page.get_by_test_id("new-map").click()
    files.set_input_files(write_map(tmp_path / "walled", (290, 110, 320, 130)))
    found = page.get_by_test_id("map-problems")
    expect(found).to_contain_text("点1")
    expect(found).to_contain_text("x 30.0, y 12.0")
    expect(page.get_by_test_id("map-save")).to_be_disabled()
    operator_steps.screenshot(page, shots, "32_map_refused")
    files.set_input_files(write_map(tmp_path / "second", (100, 150, 180, 200)))
    expect(found).to_have_count(0)
    page.get_by_test_id("map-save").click()
    expect(page.get_by_test_id("map-dialog")).to_have_count(0)
    operator_steps.wait_map(page)
    operator_steps.screenshot(page, shots, "33_new_map")
    with nowhere.client() as client:
        site = client.get("/sites/east_depot").json()
        assert (site["version"], len(site["checkpoints"]), site["timezone"]) == (3, 2, "Asia/Shanghai")
        maps = {client.get(f"/sites/east_depot/map.png?version={n}").content for n in (1, 2, 3)}
        assert len(maps) == 2

    page.get_by_test_id("new-map").click()
    files.set_input_files(write_map(tmp_path / "moved", (100, 150, 180, 200)))
    expect(page.get_by_test_id("site-latitudeDeg")).to_have_value("31.2")
    page.get_by_test_id("site-latitudeDeg").fill("31.5")
    operator_steps.screenshot(page, shots, "34_moved_map")
    page.get_by_test_id("map-save").click()
    expect(page.get_by_test_id("map-dialog")).to_have_count(0)
    page.get_by_test_id("site-versions").locator("summary").click()
    page.get_by_test_id("site-take-2").click()
    operator_steps.screenshot(page, shots, "35_take_back")
    page.get_by_test_id("site-take-confirm").click()
    expect(page.get_by_test_id("site-version-5")).to_contain_text("现行版本")
    with nowhere.client() as client:
        site = client.get("/sites/east_depot").json()
        assert (site["version"], site["origin"]["latitudeDeg"], len(site["checkpoints"])) == (5, 31.2, 2)
        first, back = (client.get(f"/sites/east_depot/map.png?version={n}").content for n in (2, 5))
        assert back == first != client.get("/sites/east_depot/map.png?version=4").content
    assert complaints == []
