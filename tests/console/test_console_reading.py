"""What everybody can read, in every view: nothing that axe finds serious, no label on another, no word cut off.

One page walks through all views once, for it takes long to open one; each test asks for one thing that it saw.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console import operator_steps
from tests.console.furnished_station import DOGS, furnished_station
from tests.console.pictures import SIZES, THEMES, VIEWS
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.test_console_build import CONSOLE

AXE = CONSOLE / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
MAPS = ("live", "plan/routes")
LANGUAGES = ("zh", "en")
# What the page itself does when one of its views is chosen, without loading it anew.
GO_TO = "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
LOOK = (Path(__file__).parent / "readable.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStation]:
    """One with something to read in every view. Its dogs stand: the map is drawn once, and not all the time."""
    with furnished_station(tmp_path_factory.mktemp("reading") / "station", pace=0.0) as it:
        yield it


@pytest.fixture(scope="module")
def seen(browser: Browser, station: RunningStation) -> dict[str, Any]:
    """Of every view what axe finds in each theme, and which words collide or are cut off in each size and language."""
    found: dict[str, Any] = {"axe": {}, "cut off": {}, "on each other": {}, "labels": {}, "watched": {}}
    for theme in THEMES:
        page = operator_steps.operator_page(browser, theme=theme)
        operator_steps.signed_in(page, station.url, PASSWORD)
        page.evaluate(LOOK)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for dog in DOGS:
            expect(page.get_by_test_id(f"dog-{dog}")).to_have_attribute("data-live", "true")
        for view in VIEWS:
            page.evaluate(GO_TO, f"/{view}")
            stand(page, view)
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                for language in LANGUAGES if theme == THEMES[0] else ():
                    speak(page, language)
                    look(page, found, f"{view} {size} {language}")
                if size != "wide":
                    found["axe"][f"{view} {size} {theme}"] = serious(page)
        page.context.close()
    return found


def stand(page: Page, view: str) -> None:
    """Wait until all that the view shows is there."""
    if view in MAPS:
        operator_steps.wait_map(page)
    expect(page.locator(".waiting")).to_have_count(0)


def speak(page: Page, language: str) -> None:
    if page.locator("html").get_attribute("lang") != {"zh": "zh-CN", "en": "en"}[language]:
        page.get_by_test_id("language").click()
        expect(page.get_by_test_id("language")).to_contain_text({"zh": "EN", "en": "中文"}[language])


def look(page: Page, found: dict[str, Any], where: str) -> None:
    """Once the browser has laid out, and the labels of the map have found their places."""
    words = page.evaluate("readable.look()")
    for what in ("cut off", "on each other"):
        found[what][where] = words[what]
    found["labels"][where] = words["labels"]
    found["watched"][where] = page.locator(".zone-label--watched:not([data-crowded-out])").count()


def serious(page: Page) -> list[str]:
    page.evaluate("readable.look()")  # it has laid out
    violations = page.evaluate("axe.run()")["violations"]
    return [f"{v['id']}: {n['html'][:160]}" for v in violations if v["impact"] in SERIOUS for n in v["nodes"][:3]]


def faults(seen: dict[str, Any], what: str) -> dict[str, Any]:
    return {where: words for where, words in seen[what].items() if words}


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_any_view_in_either_theme(seen: dict[str, Any]) -> None:
    assert len(seen["axe"]) == 2 * len(VIEWS) * len(THEMES)
    assert faults(seen, "axe") == {}


@pytest.mark.slow
def test_no_label_of_the_map_lies_on_another_at_the_common_widths_in_either_language(seen: dict[str, Any]) -> None:
    for where, labels in seen["labels"].items():
        if where.startswith(MAPS):
            assert labels >= 5, f"{where}: hardly any label is shown"
    assert faults(seen, "on each other") == {}


@pytest.mark.slow
def test_a_watched_zone_which_is_no_more_than_its_outline_has_its_name_on_the_map(seen: dict[str, Any]) -> None:
    named = {where: n for where, n in seen["watched"].items() if where.startswith(MAPS) and " wide " in where}
    assert len(named) == len(MAPS) * len(LANGUAGES)
    assert min(named.values()) >= 1, named  # of three: they give way to all other names
    assert max(named.values()) == 3, named


@pytest.mark.slow
def test_no_word_is_cut_off_at_the_common_widths_in_either_language(seen: dict[str, Any]) -> None:
    assert len(seen["cut off"]) == len(VIEWS) * len(SIZES) * len(LANGUAGES)
    assert faults(seen, "cut off") == {}
