"""A browser, a station and a dog for the console's tests."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.console.operator_steps import CHROMIUM, chromium
from tests.console.running_station import RunningStation, running_station
from tests.console.wire_dog import WireDog, dog_at_dock
from tests.shared import ROOT
from xiaotian.local_stack import free_port

DIST = ROOT / "fleet_server" / "console" / "dist" / "index.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; gone with the module, for its event loop would be in the way of other tests."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}")
    if not DIST.exists():
        pytest.skip("the console is not built: make setup")
    with chromium() as it:
        yield it


@pytest.fixture(autouse=True)
def pages_end_with_their_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """A page that is left open draws its live map on, at the cost of the tests that come after."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStation]:
    """A station with the yard as its site, fresh for each module; its tests leave each other alone."""
    with running_station(tmp_path_factory.mktemp("console") / "station", free_port(), free_port()) as it:
        yield it


@pytest.fixture
def dog(station: RunningStation) -> Iterator[WireDog]:
    """A dog that stands at the first dock and is on the wire."""
    with dog_at_dock(station) as it:
        yield it


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A JPEG of a masked figure in a yard, drawn here."""
    return masked_figure()


def masked_figure() -> bytes:
    """The same for whoever is no test."""
    image = Image.new("RGB", (640, 480), (58, 66, 74))
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, 300, 640, 480], fill=(92, 96, 98))
    draw.rectangle([40, 90, 300, 310], fill=(120, 104, 92))
    draw.rectangle([380, 210, 450, 400], fill=(46, 62, 92))
    for row in range(3):
        for column in range(3):
            shade = 120 + 25 * ((row + column) % 3)
            box = [392 + 16 * column, 160 + 16 * row, 407 + 16 * column, 175 + 16 * row]
            draw.rectangle(box, fill=(shade, shade - 20, shade - 35))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
