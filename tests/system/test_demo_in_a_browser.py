"""The demo, opened in a real browser: an operator draws a route, a dog walks it, an incident is acknowledged."""

from pathlib import Path

import pytest

from tests.console import flow
from xiaotian.processes import Family
from xiaotian.stage import Plan, Stage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.realtime,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not flow.CHROMIUM.exists(), reason=f"needs {flow.CHROMIUM} (apt-get install chromium)"),
    pytest.mark.skipif(
        not (Path(__file__).parents[2] / "fleet_server/console/dist/index.html").exists(),
        reason="needs the built console (make setup)",
    ),
]


def test_an_operator_sends_a_dog_and_is_told_of_what_it_saw(tmp_path: Path) -> None:
    pictures = flow.screenshot_folder(tmp_path)
    with Family(tmp_path / "logs") as family, flow.chromium() as browser:
        stage = Stage(Plan(tmp_path, bodies=("legged", "light")), family, lambda text: None)
        stage.start()
        page = flow.operator_page(browser)
        flow.sign_in(page, stage.url, stage.password)
        flow.screenshot(page, pictures, "demo-1-live")
        route = flow.draw_route(page, ["generator", "armory_view", "charging_bay"])
        flow.screenshot(page, pictures, "demo-2-route")
        flow.assign(page, route, "dog1")
        flow.open_view(page, "live")
        flow.see_dog_move(page, "dog1")
        flow.wait_incident(page, timeout_ms=120_000)
        flow.screenshot(page, pictures, "demo-3-incident")
        flow.acknowledge(page)
        flow.screenshot(page, pictures, "demo-4-acknowledged")
        family.check()
        with stage.client() as client:
            assert [i["status"] for i in client.get("/incidents").json()] == ["ACKNOWLEDGED"]
        family.stop()
    assert stage.report()["dogs"]["dog1"]["collisions"] == 0
