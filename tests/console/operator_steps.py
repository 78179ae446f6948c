"""What an operator does in the console, step by step; for any page of Playwright and any running server."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
# Without a screen and a GPU: MapLibre draws by SwiftShader, and it alone: a page put together by it too is drawn whole
# where one figure of it changes, which costs a seventh of a processor. Nothing is asked of the network but the page.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
]
# The first picture of the map takes a software renderer on a busy machine its time.
MAP_MS = 120_000
STEP_MS = 90_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a screen. What is expected of a page may take it long on a busy machine."""
    expect.set_options(timeout=STEP_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


def operator_page(
    browser: Browser,
    language: str = "zh",
    width: int = 1440,
    height: int = 900,
    theme: str = "dark",
    trust_all: bool = False,
) -> Page:
    """A page of an operator who prefers ``language`` (zh or en) and ``theme``; ``trust_all``: any certificate.

    Nothing moves for its own sake: what flashes without end would keep a software renderer busy.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height}, ignore_https_errors=trust_all, reduced_motion="reduce"
    )
    for name, value in (("language", language), ("theme", theme)):
        context.add_init_script(
            f"localStorage.getItem('xiaotian.{name}') ?? localStorage.setItem('xiaotian.{name}', '{value}')"
        )
    context.set_default_timeout(STEP_MS)
    return context.new_page()


def sign_in(page: Page, url: str, password: str, username: str = "admin") -> None:
    """Sign in and wait until the live view stands and is live."""
    page.goto(url)
    page.get_by_test_id("sign-in-username").fill(username)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()
    wait_live(page)
    wait_map(page)


def signed_in(page: Page, url: str, password: str, username: str = "admin") -> None:
    """Open ``url``, any of the console's, signed in already, and wait until it is live."""
    answer = page.context.request.post(
        urljoin(url, "/api/v1/session"), data={"username": username, "password": password}
    )
    assert answer.ok, answer.text()
    page.goto(url)
    wait_live(page)


def wait_live(page: Page) -> None:
    """Wait until the page hears the server."""
    expect(page.get_by_test_id("link-state")).to_have_attribute("data-phase", "live", timeout=STEP_MS)


def wait_map(page: Page) -> None:
    """Wait until the map is drawn."""
    page.wait_for_selector('[data-testid=site-map][data-ready="true"]', timeout=MAP_MS)


def open_view(page: Page, view: str) -> None:
    """Go to a view: live, ledger, plan or fleet."""
    page.get_by_test_id(f"view-{view}").click()
    if view in ("live", "plan"):
        wait_map(page)


def draw_route(page: Page, names: Sequence[str], title: tuple[str, str] = ("演练巡逻", "Drill round")) -> str:
    """Draw a route by clicking checkpoints, each by its id or its name in either language; the route's id."""
    open_view(page, "plan")
    page.get_by_test_id("route-new").click()
    for place, name in enumerate(names, start=1):
        # The keyboard's click: a marker that another one covers is still one that an operator can press.
        _checkpoint(page, name).press("Enter")
        expect(page.get_by_test_id("route-stop")).to_have_count(place)
    page.get_by_test_id("route-name-zh").fill(title[0])
    page.get_by_test_id("route-name-en").fill(title[1])
    page.get_by_test_id("route-save").click()
    opened = page.locator("[data-route].is-open")
    expect(opened).to_have_attribute("data-name-en", title[1], timeout=STEP_MS)
    return opened.get_attribute("data-route") or ""


def assign(page: Page, route: str, dog: str) -> None:
    """Send ``dog`` on the route with the id ``route``; fails with the server's reason where it refuses."""
    open_view(page, "plan")
    row = page.get_by_test_id(f"route-{route}")
    expect(row).to_be_visible(timeout=STEP_MS)
    if row.get_by_test_id("route-open").get_attribute("aria-expanded") != "true":
        row.get_by_test_id("route-open").click()
    row.get_by_test_id("route-assign").click()
    page.get_by_test_id(f"assign-dog-{dog}").click()
    page.get_by_test_id("assign-confirm").click()
    dialog = page.get_by_test_id("assign-dialog")
    refusal = page.get_by_test_id("assign-error").filter(has_text=re.compile("."))
    expect(page.get_by_test_id("toast").or_(refusal).first).to_be_visible(timeout=STEP_MS)
    assert not refusal.is_visible(), refusal.inner_text()
    expect(dialog).to_be_hidden()


def place_of(page: Page, dog: str) -> tuple[float, float]:
    """Where the live map has the dog, metres in the frame ``map``."""
    marker = page.get_by_test_id(f"dog-marker-{dog}")
    return float(marker.get_attribute("data-x") or "nan"), float(marker.get_attribute("data-y") or "nan")


def see_dog_move(page: Page, dog: str, metres: float = 1.0, timeout_ms: float = MAP_MS) -> None:
    """Wait on the live view until ``dog`` is ``metres`` away from where it is now."""
    open_view(page, "live")
    expect(page.get_by_test_id(f"dog-marker-{dog}")).to_have_attribute("data-live", "true", timeout=STEP_MS)
    x, y = place_of(page, dog)
    page.wait_for_function(
        """([dog, x, y, metres]) => {
            const marker = document.querySelector(`[data-testid="dog-marker-${dog}"]`);
            return marker && Math.hypot(marker.dataset.x - x, marker.dataset.y - y) >= metres;
        }""",
        arg=[dog, x, y, metres],
        timeout=timeout_ms,
    )


def wait_incident(page: Page, timeout_ms: float = MAP_MS) -> Locator:
    """Wait on the live view for an incident and its picture; the newest incident's card."""
    open_view(page, "live")
    card = page.get_by_test_id("incident-card").first
    expect(card).to_be_visible(timeout=timeout_ms)
    picture = card.get_by_test_id("incident-picture")
    expect(picture).to_be_visible(timeout=timeout_ms)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=incident-picture]')?.naturalWidth > 0", timeout=STEP_MS
    )
    return card


def acknowledge(page: Page, note: str = "已派值班民警到场核实") -> str:
    """Acknowledge the newest incident with a note; its id. It leaves the live view."""
    open_view(page, "live")
    card = page.get_by_test_id("incident-card").first
    incident = card.get_attribute("data-incident") or ""
    card.get_by_test_id("incident-acknowledge").click()
    page.get_by_test_id("acknowledge-note").fill(note)
    page.get_by_test_id("acknowledge-submit").click()
    expect(page.locator(f'[data-testid=incident-card][data-incident="{incident}"]')).to_have_count(0, timeout=STEP_MS)
    return incident


def wait_patrol(page: Page, dog: str, status: str = "COMPLETED", timeout_ms: float = MAP_MS) -> None:
    """Wait on the live view until the dog's patrol has this status."""
    open_view(page, "live")
    expect(page.get_by_test_id(f"patrol-{dog}")).to_have_attribute("data-status", status, timeout=timeout_ms)


def screenshot(page: Page, folder: Path, name: str) -> Path:
    """A picture of the page as it is, once its animations have settled."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    return path


def screenshot_folder(otherwise: Path) -> Path:
    """Where pictures go: XIAOTIAN_SCREENSHOTS, or else the folder given."""
    return Path(os.environ.get("XIAOTIAN_SCREENSHOTS") or otherwise)


def _checkpoint(page: Page, name: str) -> Locator:
    quoted = name.replace('"', '\\"')
    return page.locator(
        f'[data-checkpoint="{quoted}"], [data-checkpoint][data-name-zh="{quoted}"], '
        f'[data-checkpoint][data-name-en="{quoted}"]'
    ).first
