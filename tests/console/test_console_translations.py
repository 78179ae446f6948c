"""What a dog or the server can say has words in the console, in both languages."""

import re

import pytest

from edge.mission.errors import Fault
from protocol.anomaly import AnomalyKind
from tests.console.test_console_build import CONSOLE
from tests.shared import ROOT

WORDS = CONSOLE / "src" / "i18n"
LANGUAGES = ("zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_dog_has_words(language: str) -> None:
    told = set(re.findall(r"(\w+):", _group("error", language)))
    assert set(map(str, Fault)) - told == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_anomaly_has_words(language: str) -> None:
    text = (WORDS / f"{language}.ts").read_text(encoding="utf-8")
    for kind in AnomalyKind:
        assert re.search(rf'\b{kind}: "[^"]+"', text), kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_deed_in_the_audit_log_has_words(language: str) -> None:
    deeds = _group("deed", language)
    for deed in _deeds():
        room, _, done = deed.partition(".")
        assert re.search(rf"\b{room}: {{[^}}]*\b{done}:", deeds), deed


def _group(name: str, language: str) -> str:
    """The lines of a group of words, by the indentation of its braces."""
    text = (WORDS / f"{language}.ts").read_text(encoding="utf-8")
    found = re.search(rf"^( +){name}: {{\n(.*?)^\1}},", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{language}.ts has no group {name}"
    return found[2]


def _deeds() -> set[str]:
    """What is appended to the audit log, from the server's source."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "fleet_server").rglob("*.py"))
    appended = re.compile(r'\b(?:append|_record|answer)\(\s*[\w.]+,[^"]*"([a-z]+\.[a-z_]+)"')
    found = {deed for text in sources for deed in appended.findall(text)}
    assert len(found) >= 10, "the audit log's deeds are written in another way now"
    return found
