"""The second button of the sign-in page, in a browser: to a provider of OpenID Connect on another site, and back."""

from pathlib import Path

import httpx
import oidc_provider_mock
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console import operator_steps
from tests.console.running_station import running_station
from tests.openid_provider import CLIENT, SECRET
from xiaotian.local_stack import free_port


def as_subject(page: Page, issuer: str, subject: str) -> None:
    """Press the button of the sign-in page, and say at the provider who one is."""
    page.get_by_test_id("sign-in-openid").click()
    page.wait_for_url(f"{issuer}/**")
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize").click()


@pytest.mark.slow
def test_somebody_signs_in_at_the_provider_in_the_browser_and_out_again_and_who_may_not_is_told_why(
    browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    with oidc_provider_mock.run_server_in_thread() as running:
        issuer = f"http://localhost:{running.server_port}"  # another site than 127.0.0.1: cookies are told apart
        for subject, roles in (("m-1", ["police-operators"]), ("g-1", ["guests"])):
            claims = {"preferred_username": f"my-{subject}", "roles": roles}
            httpx.put(f"{issuer}/users/{subject}", json=claims).raise_for_status()
        settings = {
            "XIAOTIAN_OPENID_ISSUER": issuer,
            "XIAOTIAN_OPENID_CLIENT_ID": CLIENT,
            "XIAOTIAN_OPENID_CLIENT_SECRET": SECRET,
            "XIAOTIAN_OPENID_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "XIAOTIAN_OPENID_NAME": "市局统一认证",
            "XIAOTIAN_OPENID_ROLES": "police-operators=operator",
            "XIAOTIAN_OPENID_NEW_ACCOUNTS": "true",
        }
        with running_station(tmp_path / "station", port, free_port(), settings=settings) as station:
            page = operator_steps.operator_page(browser)
            page.route("https://cdn.jsdelivr.net/**", lambda route: route.abort())  # the provider's looks
            sent = f"{station.url}/ledger/incidents"  # a link that a colleague sent
            page.goto(sent)
            expect(page.get_by_test_id("sign-in-openid")).to_contain_text("市局统一认证")

            as_subject(page, issuer, "g-1")
            expect(page.get_by_test_id("sign-in-error")).to_have_text("您在本站没有角色，请联系统一登录的管理人员。")

            as_subject(page, issuer, "m-1")
            operator_steps.wait_live(page)
            expect(page.get_by_test_id("sign-out")).to_contain_text("my-m-1")
            expect(page.get_by_test_id("stop-all")).to_be_visible()
            expect(page.get_by_test_id("view-fleet")).to_have_count(0)
            assert page.url == sent
            cookies = {each["name"]: each for each in page.context.cookies(station.url)}
            assert set(cookies) == {"xiaotian_session"}, "what the way there needed is gone"
            assert (cookies["xiaotian_session"]["httpOnly"], cookies["xiaotian_session"]["sameSite"]) == (
                True,
                "Strict",
            )
            page.reload()
            operator_steps.wait_live(page)

            page.get_by_test_id("sign-out").click()
            page.wait_for_url(f"{issuer}/**")
            page.get_by_role("button", name="End session").click()
            page.goto(station.url)
            expect(page.get_by_test_id("sign-in-submit")).to_be_visible()
            assert page.context.cookies(station.url) == []
