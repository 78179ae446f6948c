"""Pictures of every view, by day and by night, wide, on a laptop and on a phone: ``make pictures``.

They are for looking at: the real server and broker, with two dogs of the wire protocol, incidents and schedules.
"""

import argparse
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.console import operator_steps
from tests.console.furnished_station import furnished_station
from tests.console.running_station import PASSWORD, RunningStation

SIZES = {"wide": (1920, 1080), "laptop": (1366, 768), "phone": (390, 844)}
THEMES = ("dark", "light")
VIEWS = (
    "live",
    "plan/routes",
    "plan/calendar",
    "ledger/patrols",
    "ledger/rounds",
    "ledger/incidents",
    "ledger/audit",
    "fleet/dogs",
    "fleet/people",
)


def main() -> None:
    """Take all pictures into a folder, or those alone whose name contains a word."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, default=Path("out/pictures"))
    arguments.add_argument("--only", default="", help="a part of the picture's name, such as phone or light_calendar")
    chosen = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as work,
        furnished_station(Path(work)) as station,
        operator_steps.chromium() as browser,
    ):
        for theme, (size, place) in product(THEMES, SIZES.items()):
            taken(browser, station, chosen.folder, theme, size, place, chosen.only)


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
            show(page, station, view)
            operator_steps.screenshot(page, folder, name)
        page.context.close()


def show(page: Page, station: RunningStation, view: str) -> None:
    """Open a view and wait until it stands."""
    page.goto(f"{station.url}/{view}")
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=operator_steps.STEP_MS)
    if view in ("live", "plan/routes"):
        operator_steps.wait_map(page)
    expect(page.locator(".waiting")).to_have_count(0, timeout=operator_steps.STEP_MS)
    page.wait_for_timeout(400)  # what flashes has settled


if __name__ == "__main__":
    main()
