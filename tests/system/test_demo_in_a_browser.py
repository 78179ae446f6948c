"""The demo, opened in a real browser: an operator draws a route, a dog walks it, an incident is acknowledged."""

from pathlib import Path

import pytest

from tests.console import operator_steps
from xiaotian.api_client import operation as op
from xiaotian.child_processes import Family
from xiaotian.local_stack import LocalStack, Plan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.realtime,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not operator_steps.CHROMIUM.exists(), reason="needs chromium (apt-get)"),
    pytest.mark.skipif(
        not (Path(__file__).parents[2] / "fleet_server/console/dist/index.html").exists(),
        reason="needs the built console (make setup)",
    ),
]


def test_an_operator_sends_a_dog_and_is_told_of_what_it_saw(tmp_path: Path) -> None:
    pictures = operator_steps.screenshot_folder(tmp_path)
    with Family(tmp_path / "logs") as family, operator_steps.chromium() as browser:
        stage = LocalStack(Plan(tmp_path, bodies=("legged", "light")), family, lambda text: None)
        stage.start()
        page = operator_steps.operator_page(browser)
        operator_steps.sign_in(page, stage.url, stage.password)
        operator_steps.screenshot(page, pictures, "demo-1-live")
        route = operator_steps.draw_route(page, ["generator", "armory_view", "charging_bay"])
        operator_steps.screenshot(page, pictures, "demo-2-route")
        operator_steps.assign(page, route, "dog1")
        operator_steps.open_view(page, "live")
        operator_steps.see_dog_move(page, "dog1")
        operator_steps.wait_incident(page, timeout_ms=120_000)
        operator_steps.screenshot(page, pictures, "demo-3-incident")
        operator_steps.acknowledge(page)
        operator_steps.screenshot(page, pictures, "demo-4-acknowledged")
        family.check()
        with stage.client() as client:
            assert [each.status for each in client.ask(op.INCIDENTS)] == ["ACKNOWLEDGED"]
        family.stop()
    assert stage.report()["dogs"]["dog1"]["collisions"] == 0
