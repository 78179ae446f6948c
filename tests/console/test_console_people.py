"""People and their rights, and dogs' places in the fleet, by the browser alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from edge.link.enrolment import enrol
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.console.wire_dog import WireDog
from tests.fleet_server.world import PASSWORD as FLEET_PASSWORD
from tests.security.fleet import fleet

STEP_MS = operator_steps.STEP_MS


def make_account(page: Page, name: str, role: str) -> str:
    """The password, which is shown once."""
    page.get_by_test_id("account-new").click()
    page.get_by_test_id("account-username").fill(name)
    page.get_by_test_id("account-new-role").select_option(role)
    page.get_by_test_id("account-create").click()
    secret = page.get_by_test_id("secret").inner_text()
    page.get_by_test_id("secret-done").click()
    expect(page.get_by_test_id("secret")).to_have_count(0)
    return secret


@pytest.mark.slow
def test_each_role_is_offered_what_it_may_do_and_an_account_that_is_disabled_is_out_at_once(
    browser: Browser, station: RunningStation, dog: WireDog, picture: bytes
) -> None:
    admin = operator_steps.operator_page(browser)
    operator_steps.signed_in(admin, f"{station.url}/fleet/people", PASSWORD)
    secrets = {role: make_account(admin, f"my-{role}", role) for role in ("operator", "auditor")}

    operator = operator_steps.operator_page(browser)
    operator_steps.signed_in(operator, station.url, secrets["operator"], "my-operator")
    expect(operator.get_by_test_id("dog-stop-dog1")).to_be_visible()
    expect(operator.get_by_test_id("view-fleet")).to_have_count(0)
    operator.goto(f"{station.url}/fleet/people")  # the address does not open what the role may not
    expect(operator.get_by_test_id("dog-dog1")).to_be_visible()
    expect(operator.get_by_test_id("account-table")).to_have_count(0)
    operator.get_by_test_id("view-ledger").click()
    expect(operator.get_by_test_id("ledger-incidents")).to_be_visible()
    expect(operator.get_by_test_id("ledger-audit")).to_have_count(0)

    auditor = operator_steps.operator_page(browser, language="en")
    operator_steps.signed_in(auditor, station.url, secrets["auditor"], "my-auditor")
    dog.raise_anomaly("armory_yard", (26.0, 11.0), picture, 1_700_000_000.0)
    expect(auditor.get_by_test_id("incident-card")).to_contain_text("Pictures are not for your role")
    for absent in ("incident-acknowledge", "stop-all", "dog-stop-dog1"):
        expect(auditor.get_by_test_id(absent)).to_have_count(0)
    auditor.get_by_test_id("view-plan").click()
    expect(auditor.get_by_test_id("route-demo_round")).to_be_visible()
    expect(auditor.get_by_test_id("route-new")).to_have_count(0)
    auditor.get_by_test_id("view-ledger").click()
    auditor.get_by_test_id("ledger-audit").click()
    expect(auditor.get_by_test_id("audit-row").first).to_be_visible()
    expect(auditor.get_by_test_id("audit-verified")).to_contain_text("as they were written")
    auditor.get_by_test_id("audit-search").fill("my-operator")
    expect(auditor.locator("[data-testid=audit-row]").filter(has_not_text="my-operator")).to_have_count(0)
    auditor.get_by_test_id("audit-deed").select_option(label="Account created")
    expect(auditor.get_by_test_id("audit-row")).to_have_count(1)
    auditor.reload()  # the address has what is asked for
    expect(auditor.get_by_test_id("audit-row")).to_have_count(1)
    auditor.get_by_test_id("audit-search").fill("nobody at all")
    expect(auditor.get_by_text("No entries match")).to_be_visible()

    row = admin.locator('[data-testid=account-row][data-username="my-operator"]')
    row.get_by_test_id("account-disable").click()
    admin.get_by_test_id("disable-confirm").click()
    expect(row).to_have_attribute("data-disabled", "true")
    expect(operator.get_by_test_id("sign-in-submit")).to_be_visible(timeout=STEP_MS)
    expect(operator.get_by_test_id("sign-in-error")).to_have_text("登录已失效，请重新登录。")
    mine = admin.locator('[data-testid=account-row][data-username="admin"]')
    mine.get_by_test_id("account-role").select_option("auditor")
    expect(mine).to_contain_text("admin 是最后一位可登录的管理员")
    expect(mine).to_have_attribute("data-role", "administrator")


@pytest.mark.slow
def test_a_dog_is_invited_by_a_code_that_the_screen_shows_and_is_revoked(browser: Browser, tmp_path: Path) -> None:
    with fleet(tmp_path) as station:
        page = operator_steps.operator_page(browser, trust_all=True)
        operator_steps.signed_in(page, f"{station.url}/fleet/dogs", FLEET_PASSWORD)
        expect(page.get_by_text("还没有邀请过机器犬")).to_be_visible()
        page.get_by_test_id("invite").click()
        page.get_by_test_id("invite-name").fill("dog7")
        page.get_by_test_id("invite-submit").click()
        code = page.get_by_test_id("secret").inner_text()
        shown = np.frombuffer(page.get_by_test_id("qr").screenshot(), np.uint8)
        read, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(cv2.imdecode(shown, cv2.IMREAD_COLOR))
        assert read == f"xiaotian dog enroll identity/ --station {station.url} --code {code}"
        page.get_by_test_id("secret-done").click()
        row = page.locator('[data-testid=identity-row][data-name="dog7"]')
        expect(row).to_have_attribute("data-status", "INVITED")
        enrol(station.url, code, tmp_path / "dog7")
        page.reload()
        expect(row).to_have_attribute("data-status", "ENROLLED", timeout=STEP_MS)
        row.get_by_test_id("revoke").click()
        page.get_by_test_id("revoke-confirm").click()
        expect(row).to_have_attribute("data-status", "REVOKED")
