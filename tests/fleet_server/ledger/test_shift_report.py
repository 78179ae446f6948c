import itertools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import select

from fleet_server.core.clock import utc_now
from fleet_server.core.settings import Settings
from fleet_server.core.shifts import BadShifts, Shifts
from fleet_server.incidents.tables import Incident
from fleet_server.ledger.report_words import WORDS
from fleet_server.patrols.tables import Patrol
from fleet_server.schedules.round_outcome import Outcome, outcome_of
from fleet_server.schedules.tables import RoundRow
from tests.fleet_server.world import API, station_of

BERLIN = ZoneInfo("Europe/Berlin")
DAY = datetime(2026, 5, 1, 22, tzinfo=UTC)


def report(client: TestClient, kind: str, language: str, **asked: Any) -> Any:
    asked = asked or {"since": (utc_now() - timedelta(hours=40)).isoformat()}
    answer = client.get(f"{API}/ledger/shift-report.{kind}", params={"siteId": "yard", "language": language} | asked)
    assert answer.status_code == 200, answer.text
    return answer


def test_shifts_follow_each_other_through_a_year_without_a_gap_also_where_the_clock_changes() -> None:
    shifts = Shifts.read("night 22:00, early 06:00, late 14:00")
    windows = [
        shifts.of(name, date(2028, 1, 1) + timedelta(days=n), BERLIN)
        for n in range(366)
        for name in ("early", "late", "night")
    ]
    assert all(a and b and a.until == b.since for a, b in itertools.pairwise(windows))
    hours = {n: (each.until - each.since) / timedelta(hours=1) for n, each in enumerate(windows) if each}
    odd = {windows[n].since.date().isoformat(): h for n, h in hours.items() if h != 8}  # type: ignore[union-attr]
    assert odd == {"2028-03-25": 7, "2028-10-28": 9}


def test_the_running_shift_comes_first_and_the_ones_before_it_after() -> None:
    shifts = Shifts.read("day 08:00, night 20:00")
    found = shifts.latest(datetime(2026, 5, 2, 5, tzinfo=UTC), 3, BERLIN)  # 07:00 in Berlin
    told = [(each.name, each.since.astimezone(BERLIN).strftime("%d %H:%M")) for each in found]
    assert told == [("night", "01 20:00"), ("day", "01 08:00"), ("night", "30 20:00")]
    assert Shifts.read("whole 07:00").latest(DAY, 2, BERLIN)[0].name == "whole"


@pytest.mark.parametrize(
    "text", ["", "day", "day 8:00", "day 24:00", "day 08:00, day 20:00", "a 08:00, b 08:00", "a b 08:00"]
)
def test_a_list_of_shifts_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadShifts):
        Shifts.read(text)
    with pytest.raises(ValidationError, match="no list of shifts"):
        Settings.load(shifts=text)


@pytest.mark.parametrize(
    ("status", "late_s", "ended", "outcome"),
    [
        ("BEGUN", 0, "COMPLETED", Outcome.KEPT),
        ("BEGUN", 120, "ACTIVE", Outcome.KEPT),
        ("BEGUN", 121, "COMPLETED", Outcome.LATE),
        ("BEGUN", 121, "FAILED", Outcome.UNFINISHED),
        ("BEGUN", None, None, Outcome.KEPT),  # its patrol has aged out
        ("MISSED", None, None, Outcome.MISSED),
        ("WAITING", None, None, Outcome.WAITING),
    ],
)
def test_what_became_of_a_round(status: str, late_s: int | None, ended: str | None, outcome: Outcome) -> None:
    began = None if late_s is None else DAY + timedelta(seconds=late_s)
    assert outcome_of(status, DAY, began, ended) is outcome


def test_both_languages_have_words_for_all_of_it_and_in_the_same_places() -> None:
    blanks = {key: [sorted(re.findall(r"{\w+}", words)) for words in both] for key, both in WORDS.items()}
    assert [key for key, (zh, en) in blanks.items() if zh != en] == []
    assert [key for key, (_, en) in WORDS.items() if re.search("[一-鿿]", en)] == []


def test_the_report_tells_who_answered_what_and_how_fast(past: TestClient) -> None:
    with station_of(past).database.read() as session:
        query = select(Incident).where(Incident.received_at > utc_now() - timedelta(hours=3))
        mine = next(i for i in session.scalars(query) if i.status == "RESOLVED")
    for language, resolved in (("zh", "已处置"), ("en", "Resolved")):
        since = (mine.received_at - timedelta(seconds=1)).isoformat()
        text = report(past, "html", language, since=since, until=mine.received_at + timedelta(seconds=1)).text
        assert f"{mine.acknowledged_by} · " in text
        assert f"{mine.answered_by} · {mine.answer}" in text
        assert resolved in text


def test_rounds_stand_in_it_with_why_they_were_missed(past: TestClient) -> None:
    with station_of(past).database.write() as session:
        patrol = session.scalars(select(Patrol).where(Patrol.status == "COMPLETED")).first()
        assert patrol is not None
        due = patrol.created_at - timedelta(seconds=30)
        for at, status, patrol_id, reason in (
            (due, "BEGUN", patrol.patrol_id, None),
            (due + timedelta(seconds=1), "MISSED", None, "no dog <b>was</b> free"),
        ):
            session.add(
                RoundRow(
                    schedule_id="s",
                    due_at=at,
                    schedule_name={"zh": "夜巡", "en": "Night round"},
                    route_id="demo_round",
                    until=at,
                    status=status,
                    reason=reason,
                    patrol_id=patrol_id,
                    site_id="yard",
                    outcome=outcome_of(status, at, patrol.created_at, patrol.status),
                    why=reason,
                    changed_at=at,
                )
            )
    span = {"since": due.isoformat(), "until": (due + timedelta(hours=1)).isoformat()}
    answer = past.get(f"{API}/ledger/summary", params={"siteId": "yard"} | span).json()["rounds"]
    assert [(each["outcomes"]["KEPT"], each["outcomes"]["MISSED"]) for each in answer] == [(1, 1)]
    assert answer[0]["reasons"] == [{"reason": "no dog <b>was</b> free", "rounds": 1}]
    text = report(past, "html", "en", **span).text
    assert "no dog &lt;b&gt;was&lt;/b&gt; free" in text
    assert "<b>was" not in text


def test_the_page_is_whole_by_itself_and_runs_nothing(past: TestClient) -> None:
    answer = report(past, "html", "zh")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"<script|<img|<link|src=|href=", answer.text)
    assert '<html lang="zh">' in answer.text


@pytest.mark.parametrize(("language", "title"), [("zh", "交接班报告"), ("en", "Shift report")])
def test_the_pdf_says_the_same_and_its_characters_are_drawn(past: TestClient, language: str, title: str) -> None:
    pypdfium2 = pytest.importorskip("pypdfium2")
    pdf = pypdfium2.PdfDocument(report(past, "pdf", language).content)
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert title in text
    missing = [
        value
        for value in re.findall(r"<dt>(.*?)</dt>", report(past, "html", language).text)
        if value.replace(" ", "") not in re.sub(r"\s", "", text)
    ]
    assert missing == []
    ink = pdf[0].render(scale=2).to_pil().convert("L").crop((80, 80, 400, 150))
    dark = sum(count for value, count in enumerate(ink.histogram()) if value < 128)
    assert dark > 1200, "boxes in place of characters are mostly white"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"shift": "night"}, 422),
        ({"shift": "noon", "day": "2026-05-01"}, 404),
        ({"shift": "night", "day": "9999-12-31"}, 422),
        ({"shift": "night", "day": "0001-01-01"}, 422),
        ({"language": "fr"}, 422),
        ({"siteId": "nowhere"}, 404),
    ],
)
def test_a_report_of_what_is_not_there_is_refused(past: TestClient, asked: dict[str, str], status: int) -> None:
    answer = past.get(f"{API}/ledger/shift-report.html", params={"siteId": "yard"} | asked)
    assert answer.status_code == status


def test_a_named_shift_is_the_span_that_the_list_says(past: TestClient) -> None:
    listed = past.get(f"{API}/ledger/shifts", params={"siteId": "yard"}).json()
    assert [each["running"] for each in listed] == [True] + [False] * 13
    last = listed[1]
    text = report(past, "html", "en", shift=last["name"], day=last["day"]).text
    zone = ZoneInfo("Asia/Shanghai")
    for end in ("since", "until"):
        assert f"{datetime.fromisoformat(last[end]).astimezone(zone):%Y-%m-%d %H:%M}" in text
