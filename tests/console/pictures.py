"""Pictures of every view, by day and by night, wide, on a laptop and on a phone: ``make pictures``.

They are for looking at: the real server and broker, with two dogs of the wire protocol, incidents and schedules.
"""

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from edge.mission.errors import Fault, fatal, warning
from tests.console import operator_steps
from tests.console.conftest import masked_figure
from tests.console.running_station import PASSWORD, RunningStation, running_station
from tests.console.wire_dog import WireDog, dog_at_dock
from xiaotian.local_stack import free_port

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
DAY_S = 86_400


def main() -> None:
    """Take all pictures into a folder, or those alone whose name contains a word."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, default=Path("out/pictures"))
    arguments.add_argument("--only", default="", help="a part of the picture's name, such as phone or light_calendar")
    chosen = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as work,
        running_station(Path(work), free_port(), free_port()) as station,
        operator_steps.chromium() as browser,
    ):
        furnish(station)
        with dog_at_dock(station, "dog1") as walker, dog_at_dock(station, "dog2", 1) as fallen:
            happen(station, walker, fallen)
            for theme, (size, place) in product(THEMES, SIZES.items()):
                taken(browser, station, chosen.folder, theme, size, place, chosen.only)


def furnish(station: RunningStation) -> None:
    """A station that has been at work: accounts, schedules, and rounds that it slept through."""
    with station.client() as client:
        for name, role in (("wangwei", "operator"), ("li.na", "supervisor"), ("zhaomin", "auditor")):
            client.post("/accounts", json={"username": name, "role": role}).raise_for_status()
        client.patch("/accounts/zhaomin", json={"disabled": True}).raise_for_status()
        route = client.get("/routes").json()[0]["routeId"]
        today = time.strftime("%Y-%m-%d", time.gmtime())
        promise = {"everyMinutes": 60, "ends": "05:00"}
        schedules: tuple[dict[str, object], ...] = (
            {"name": {"zh": "晚间巡逻", "en": "Evening round"}, "start": f"{today}T21:30:00"},
            {"name": {"zh": "加巡", "en": "Extra round"}, "start": f"{today}T21:30:00"},
            {"name": {"zh": "夜间反复巡逻", "en": "All night"}, "start": f"{today}T23:00:00", "promise": promise},
        )
        for schedule in schedules:
            client.post("/schedules", json=schedule | {"routeId": route, "rule": "FREQ=DAILY"}).raise_for_status()
    station.stop()
    station.clock_ahead_s = DAY_S
    station.start()


def happen(station: RunningStation, walker: WireDog, fallen: WireDog) -> None:
    """A dog on its round, another that fell, and what they saw."""
    walker.clock_ahead_s = fallen.clock_ahead_s = DAY_S
    fallen.errors = [
        fatal(Fault.FALLEN, "it stands, and waits for a person", stage="waiting"),
        warning(Fault.WAY_BLOCKED, "no way", nodeId="gate", tries="2", x="12.4", y="1.4", length="1.8", width="0.6"),
    ]
    picture, now = masked_figure(), time.time() + DAY_S
    with station.client() as client:
        for _ in range(600):
            if sum(dog["live"] and dog["position"] is not None for dog in client.get("/dogs").json()) == 2:
                break
            time.sleep(0.1)
        walker.pace = 0.4
        route = client.get("/routes").json()[0]["routeId"]
        client.post("/patrols", json={"routeId": route, "dogId": "dog1"}).raise_for_status()
        client.post("/dogs/dog2/emergency-stop").raise_for_status()
    for zone, place, ago_s in (("armory_yard", (26.0, 11.0), 20), ("", (13.0, 4.0), 90)):
        _, evidence = walker.raise_anomaly(zone, place, picture, now - ago_s)
        walker.upload(station.url, station.token, evidence, picture)


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
