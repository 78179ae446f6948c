"""The operator's handbook: served to the signed in, the same in both languages, and in the words of the screen."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from fleet_server.handbook.api import FILES
from tests.fleet_server.world import API, serving, settings, sign_in
from tests.shared import ROOT

UNUSED_PORT = 25099  # nothing listens there: these tests need no broker
WORDS = ROOT / "fleet_server" / "console" / "src" / "i18n"
TEXTS = {language: (ROOT / "docs" / name).read_text(encoding="utf-8") for language, (name, _) in FILES.items()}


@pytest.fixture
def anybody(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield client


def test_whoever_is_signed_in_reads_it_with_its_pictures_and_nobody_else(anybody: TestClient) -> None:
    assert anybody.get(f"{API}/handbook/zh").status_code == 401
    assert anybody.get(f"{API}/handbook/operator/live.zh.png").status_code == 401
    client = sign_in(anybody)
    for language, lang in (("zh", "zh-CN"), ("en", "en")):
        page = client.get(f"{API}/handbook/{language}")
        assert page.headers["content-type"].startswith("text/html")
        assert f'<html lang="{lang}">' in page.text
        pictures = re.findall(r'<img src="([^"]+)" alt="[^"]+"', page.text)
        assert len(pictures) >= 3
        for picture in pictures:
            answer = client.get(f"{API}/handbook/{picture}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), picture


@pytest.mark.parametrize("path", ["fr", "operator/..%2Foperator.md", "operator/..%2F..%2FREADME.md", "operator/no.png"])
def test_nothing_else_of_the_computer_is_read_there(anybody: TestClient, path: str) -> None:
    assert sign_in(anybody).get(f"{API}/handbook/{path}").status_code in (404, 422)


@pytest.mark.parametrize("language", FILES)
def test_what_it_calls_words_of_the_screen_are_words_of_the_screen(language: str) -> None:
    text = (WORDS / f"{language}.ts").read_text(encoding="utf-8")
    said = {words for _, words in re.findall(r'(["`])(.+?)\1', text)}
    named = re.findall(r"\*\*(.+?)\*\*", TEXTS[language])
    assert len(named) > 30
    assert [words for words in named if words not in said] == []


def test_both_languages_tell_the_same() -> None:
    shapes = [
        [re.match(r"#*|\||-|\d|!|", line)[0] for line in text.splitlines() if line]  # type: ignore[index]
        for text in TEXTS.values()
    ]
    assert shapes[0] == shapes[1]


def test_the_pictures_are_few_and_small() -> None:
    pictures = list((ROOT / "docs" / "operator").glob("*.png"))
    assert len(pictures) <= 8
    assert sum(picture.stat().st_size for picture in pictures) < 1_500_000
