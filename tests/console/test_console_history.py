"""What the station has kept of a dog, as it is drawn: pixels of the plot, and the words for them."""

import io
import math
import random
import time

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from fleet_server.telemetry_history.sample import Sample
from tests.console import operator_steps
from tests.console.kept_history import keep
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog

SPAN_S = 300  # of the last day's plot
ACCENT = (0x5A, 0xD1, 0xC2)  # styles/tokens.css, at night
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 8, 8  # pixels beside the plot


def a_days_charges(now: int) -> dict[int, float | None]:
    """Charge by the begin of each span, percent; None: nothing is known of it. It ends half an hour ago."""
    chance, charge, known = random.Random(7), 60.0, True
    charges: dict[int, float | None] = {}
    for at in range((now // SPAN_S - 270) * SPAN_S, (now // SPAN_S - 6) * SPAN_S, SPAN_S):
        known = known is (chance.random() > 0.06)
        charge = min(95.0, max(20.0, charge + chance.uniform(-2.5, 2.5)))
        charges[at] = round(charge, 1) if known else None
    return charges


def minutes(dog: str, charges: dict[int, float | None]) -> list[Sample]:
    return [
        Sample(dog, at + 60 * n, 60, 45, charge, charge - 10, walked_m=7.0, speed_most=0.5, errors="localizationLost")
        for at, charge in charges.items()
        if charge is not None
        for n in range(5)
    ]


def whole(charge: float | None) -> int:
    """As the page rounds it."""
    assert charge is not None
    return math.floor(charge + 0.5)


def ends(page: Page) -> tuple[int, int]:
    """From when to when the plots go: a minute later that may be another time."""
    plots = page.get_by_test_id("history-plots")
    return int(plots.get_attribute("data-since") or 0), int(plots.get_attribute("data-until") or 0)


def picture(page: Page, plot: Locator) -> tuple[Image.Image, int, int]:
    """The plot, and from when to when it goes."""
    while True:
        before = ends(page)
        taken = Image.open(io.BytesIO(plot.screenshot())).convert("RGB")
        if ends(page) == before:
            return taken, *before


def column(at: int, since: int, until: int, width: float) -> float:
    """Where the middle of a span is in a plot that is so wide, pixels."""
    return LEFT + (at + SPAN_S / 2 - since) / (until - since) * (width - LEFT - RIGHT)


def point_at(page: Page, plot: Locator, at: int) -> None:
    """Move the mouse there."""
    box = plot.bounding_box()
    assert box is not None
    while True:
        before = ends(page)
        page.mouse.move(box["x"] + column(at, *before, box["width"]), box["y"] + 40)
        if ends(page) == before:
            return


def drawn_at(taken: Image.Image, x: int) -> float | None:
    """The charge that the line shows in a column; None: there is no line."""
    inner = taken.height - TOP - BOTTOM
    rows = [
        y
        for y in range(taken.height)
        if max(abs(a - b) for a, b in zip(taken.getpixel((x, y)), ACCENT, strict=True)) < 60
    ]
    return 100.0 * (1.0 - (sum(rows) / len(rows) + 0.5 - TOP) / inner) if rows else None


@pytest.mark.slow
def test_a_dogs_day_is_drawn_as_it_was_with_its_gaps_and_is_read_by_pointer_keyboard_and_ear(
    browser: Browser, station: RunningStation, dog: WireDog
) -> None:
    name = dog.address.serial_number
    charges = a_days_charges(int(time.time()))
    keep(station, minutes(name, charges))
    page = operator_steps.operator_page(browser, language="en")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    operator_steps.signed_in(page, station.url, PASSWORD)
    page.get_by_test_id(f"more-of-{name}").click()
    expect(page.get_by_test_id(f"history-of-{name}")).to_be_visible()
    assert not any("DogHistoryPage" in url for url in asked), "the plots are loaded when they are looked at"
    page.get_by_test_id(f"history-of-{name}").click()
    plot = page.get_by_test_id("plot-battery")
    expect(plot.locator("canvas")).to_be_visible()
    assert page.url.endswith(f"/ledger/dogs?dog={name}")

    taken, since, until = picture(page, plot)
    known = [at for at, charge in charges.items() if charge is not None]
    missing = [at for at, charge in charges.items() if charge is None]
    assert len(known) > 50 < len(missing)
    for at, charge in charges.items():
        x = int(column(at, since, until, taken.width))
        # A line begins in the middle of a span, and with it between two columns of pixels.
        found = [drawn_at(taken, x + aside) for aside in ((0,) if charge is None else (0, 1, -1))]
        shown = next((each for each in found if each is not None), None)
        assert (shown is None) is (charge is None), f"{at}: {shown}, not {charge}"
        assert shown is None or charge is None or abs(shown - charge) < 3.0

    slider, moment = page.get_by_test_id("history-slider"), page.get_by_test_id("history-moment")
    for at, words in ((known[9], f"Battery {whole(charges[known[9]])}%"), (missing[9], "No data")):
        point_at(page, plot, at)
        expect(moment).to_contain_text(words)
        assert words in (slider.get_attribute("aria-valuetext") or "")
    place = next(n for n, at in enumerate(known) if n > 20 and known[n - 1] == at - SPAN_S)
    point_at(page, plot, known[place])
    slider.focus()
    slider.press("ArrowLeft")
    before = whole(charges[known[place - 1]])
    expect(moment).to_contain_text(f"Battery {before}%, least {before - 10}%")
    for words in ("Walked 35 m, fastest 0.50 m/s", "Heard 75% of the time", "It does not know where it is, and stands"):
        expect(moment).to_contain_text(words)
        assert words in (slider.get_attribute("aria-valuetext") or "")
    page.get_by_test_id("language").click()
    expect(moment).to_contain_text(f"最低 {before - 10}%")
    page.get_by_test_id("history-month").click()
    expect(page.get_by_test_id("history-plots")).to_have_attribute("data-span", "7200")
    taken, since, until = picture(page, plot)
    assert until - since >= 30 * 86_400
    assert any(drawn_at(taken, x) is not None for x in range(taken.width * 19 // 20, taken.width - RIGHT))
    assert all(drawn_at(taken, x) is None for x in range(LEFT, taken.width // 2)), "then the station was not there"
