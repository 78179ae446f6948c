"""Pictures of every view, by day and by night, wide, on a laptop and on a phone: ``make pictures``.

They are for looking at: the real server and broker, with two dogs of the wire protocol, incidents and schedules.
"""

import argparse
import tempfile
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.console import operator_steps
from tests.console.furnished_station import furnished_station
from tests.console.running_station import PASSWORD, RunningStation
from tests.shared import ROOT

SIZES = {"wide": (1920, 1080), "laptop": (1366, 768), "phone": (390, 844)}
THEMES = ("dark", "light")
VIEWS = (
    "live",
    "plan/routes",
    "plan/calendar",
    "plan/review",
    "ledger/patrols",
    "ledger/overview",
    "ledger/rounds",
    "ledger/incidents",
    "ledger/dogs",
    "ledger/audit",
    "fleet/dogs",
    "fleet/health",
    "fleet/people",
    "fleet/programs",
    "fleet/centers",
)
HANDBOOK = ROOT / "docs" / "operator"
OF_THE_HANDBOOK = {
    "live": ("live", (1280, 760)),
    "calendar": ("plan/calendar", (1280, 620)),
    "phone": ("live", (390, 844)),
}


def main() -> None:
    """Take all pictures into a folder, or those alone whose name contains a word."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, default=Path("out/pictures"))
    arguments.add_argument("--only", default="", help="a part of the picture's name, such as phone or light_calendar")
    arguments.add_argument("--handbook", action="store_true", help="those of docs/operator.md instead")
    chosen = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as work,
        furnished_station(Path(work)) as station,
        operator_steps.chromium() as browser,
    ):
        if chosen.handbook:
            for language, (name, (view, place)) in product(("zh", "en"), OF_THE_HANDBOOK.items()):
                put_into_handbook(browser, station, language, name, view, place)
            return
        for theme, (size, place) in product(THEMES, SIZES.items()):
            taken(browser, station, chosen.folder, theme, size, place, chosen.only)


def put_into_handbook(
    browser: Browser, station: RunningStation, language: str, name: str, view: str, place: tuple[int, int]
) -> None:
    """By day, as it will be printed; in few colours, for it is kept in the repository."""
    page = operator_steps.operator_page(browser, language, *place, theme="light")
    operator_steps.signed_in(page, f"{station.url}/{view}", PASSWORD)
    show(page, view)
    path = operator_steps.screenshot(page, HANDBOOK, f"{name}.{language}")
    Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    page.context.close()


def taken(
    browser: Browser, station: RunningStation, folder: Path, theme: str, size: str, place: tuple[int, int], only: str
) -> None:
    """All views in one theme and size, in Chinese; on the laptop in English too."""
    for language in ("zh", "en") if size == "laptop" else ("zh",):
        names = {view: f"{theme}_{view.replace('/', '_')}_{size}_{language}" for view in VIEWS}
        wanted = {view: name for view, name in names.items() if only in name}
        if not wanted:
            continue
        page = operator_steps.operator_page(browser, language, *place, theme=theme)
        if not only or only in f"{theme}_sign_in_{size}_{language}":
            page.goto(station.url)
            expect(page.get_by_test_id("sign-in-submit")).to_be_visible()
            operator_steps.screenshot(page, folder, f"{theme}_sign_in_{size}_{language}")
        operator_steps.sign_in(page, station.url, PASSWORD)
        for view, name in wanted.items():
            page.goto(f"{station.url}/{view}")
            show(page, view)
            operator_steps.screenshot(page, folder, name)
        page.context.close()


def show(page: Page, view: str) -> None:
    """Wait until the view stands."""
    operator_steps.wait_live(page)
    if view in ("live", "plan/routes"):
        operator_steps.wait_map(page)
        expect(page.locator("[data-map-label]:not([data-crowded-out])").first).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0, timeout=operator_steps.STEP_MS)
    page.wait_for_timeout(400)  # what flashes has settled


if __name__ == "__main__":
    main()
