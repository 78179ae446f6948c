"""The evidence officer says in the console to which key dogs seal originals, changes it, and takes it back."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from playwright.sync_api import Browser, Page, expect

from protocol.sealed_original import evidence_key_id, evidence_key_text
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation

OFFICER = "officer-of-evidence"
SITE = "/sites/station_yard"
FIRST, SECOND = (X25519PrivateKey.generate().public_key() for _ in range(2))


@pytest.fixture
def officer(browser: Browser, station: RunningStation) -> Page:
    """The officer's page, at the site."""
    with station.client() as admin:
        body = {"username": OFFICER, "role": "evidenceOfficer", "password": PASSWORD}
        admin.post("/accounts", json=body).raise_for_status()
    return site_page(browser, station, OFFICER)


def site_page(browser: Browser, station: RunningStation, username: str) -> Page:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, f"{station.url}/plan/site", PASSWORD, username)
    expect(page.get_by_test_id("evidence-key")).to_be_visible()
    return page


def key_at(station: RunningStation) -> tuple[str | None, int]:
    with station.client() as client:
        site = client.get(SITE).json()
    return site["evidenceKey"], site["version"]


def paste(page: Page, text: str) -> None:
    page.get_by_test_id("evidence-key-text").fill(text)
    page.get_by_test_id("evidence-key-save").click()


@pytest.mark.slow
def test_the_officer_names_a_key_changes_it_and_takes_it_back_and_others_see_only_whether_originals_are_kept(
    browser: Browser, station: RunningStation, officer: Page, tmp_path: Path
) -> None:
    shots = operator_steps.screenshot_folder(tmp_path)
    row = officer.get_by_test_id("evidence-key")
    expect(row).to_have_attribute("data-kept", "false")
    expect(officer.get_by_test_id("evidence-key-end")).to_have_count(0)
    officer.get_by_test_id("evidence-key-name").click()
    save, refused = officer.get_by_test_id("evidence-key-save"), officer.get_by_test_id("evidence-key-refused")
    expect(save).to_be_disabled()

    sent: list[str] = []
    officer.on("request", lambda asked: sent.append(asked.post_data or "") if asked.method == "PUT" else None)
    officer.get_by_test_id("evidence-key-text").fill("-----BEGIN ENCRYPTED PRIVATE KEY----- MIGjMF8GCSqGSIb3DQ")
    expect(refused).to_contain_text("这是私钥")
    expect(save).to_be_disabled()
    paste(officer, evidence_key_text(FIRST)[:-2])
    expect(refused).to_contain_text("这不是证据密钥的公钥")
    paste(officer, "A" * 43 + "=")  # of the right shape, and keeps no secret
    expect(refused).to_contain_text("这不是证据密钥的公钥")
    operator_steps.screenshot(officer, shots, "evidence_key_refused")
    assert key_at(station) == (None, 1)
    paste(officer, f" evidence_key: {evidence_key_text(FIRST)} ")  # the line as it was printed
    expect(officer.get_by_test_id("evidence-key-dialog")).to_have_count(0)
    expect(officer.get_by_test_id("evidence-key-id")).to_have_text(evidence_key_id(FIRST))
    assert key_at(station) == (evidence_key_text(FIRST), 2)
    assert not any("PRIVATE KEY" in body for body in sent)
    operator_steps.screenshot(officer, shots, "evidence_key")

    admin = site_page(browser, station, "admin")
    expect(admin.get_by_test_id("evidence-key")).to_have_attribute("data-kept", "true")
    expect(admin.get_by_test_id("evidence-key")).not_to_contain_text(evidence_key_id(FIRST))
    for absent in ("evidence-key-name", "evidence-key-end"):
        expect(admin.get_by_test_id(absent)).to_have_count(0)
    admin.close()

    officer.get_by_test_id("evidence-key-name").click()
    dialog = officer.get_by_test_id("evidence-key-dialog")
    expect(dialog).to_contain_text(f"取代密钥 {evidence_key_id(FIRST)}")
    rename(station)  # somebody edits the site meanwhile: what was looked at is not what is changed
    paste(officer, evidence_key_text(SECOND))
    expect(dialog).to_contain_text("admin 已于")
    assert key_at(station) == (evidence_key_text(FIRST), 3)
    officer.get_by_test_id("meanwhile-look").click()
    expect(officer.get_by_test_id("evidence-key-text")).to_have_value(evidence_key_text(FIRST))
    officer.get_by_test_id("meanwhile-mine").click()
    officer.get_by_test_id("evidence-key-save").click()
    expect(dialog).to_have_count(0)
    expect(officer.get_by_test_id("evidence-key-id")).to_have_text(evidence_key_id(SECOND))

    officer.get_by_test_id("evidence-key-end").click()
    asked = officer.get_by_test_id("evidence-key-ending")
    expect(asked).to_contain_text(evidence_key_id(SECOND))
    expect(asked).to_contain_text("站点不再接收")
    operator_steps.screenshot(officer, shots, "evidence_key_end")
    officer.keyboard.press("Escape")
    assert key_at(station) == (evidence_key_text(SECOND), 4)
    officer.get_by_test_id("evidence-key-end").click()
    officer.get_by_test_id("evidence-key-end-confirm").click()
    expect(row).to_have_attribute("data-kept", "false")
    assert key_at(station) == (None, 5)


def rename(station: RunningStation) -> None:
    with station.client() as admin:
        got = admin.get(SITE)
        said = {key: got.json()[key] for key in ("zones", "checkpoints", "docks")}
        said["zones"] = [{key: value for key, value in zone.items() if value is not None} for zone in said["zones"]]
        body = said | {"name": {"zh": "站院", "en": "The yard"}}
        admin.put(SITE, json=body, headers={"If-Match": got.headers["etag"]}).raise_for_status()
