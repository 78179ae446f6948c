"""The conformance table is true to the tree: its files and tests exist, and no section of the text is passed over."""

import re
from pathlib import Path

from tests.shared import ROOT, shared

TABLE = (ROOT / "docs/vda5050.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if re.match(r"\| [67]\.", line)]
FILE = re.compile(r"`((?:edge|protocol|fleet_server|ros2_ws|tests)/[\w/]+\.py)`")
TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def sources(name: str) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob(name)]


def test_every_file_that_the_table_names_exists() -> None:
    named = FILE.findall(TABLE)
    assert len(set(named)) > 20
    assert [file for file in named if not (ROOT / file).is_file()] == []


def test_every_test_that_the_table_names_exists() -> None:
    named = TEST.findall(TABLE)
    assert len(named) > 60
    gone = [f"{file}::{test}" for file, test in named if not any(f"def {test}(" in text for text in sources(file))]
    assert gone == []


def test_every_rule_has_its_section_its_place_and_its_test() -> None:
    assert len(ROWS) > 60
    assert [row for row in ROWS if len(row) != 4 or not FILE.search(row[2]) or not TEST.search(row[3])] == []


def test_every_section_of_the_text_stands_in_the_table() -> None:
    text = Path(shared("vda5050/2.1.0/VDA5050_EN.md")).read_text(encoding="utf-8")
    sections = re.findall(r"^#+ (6\.[\d.]*\d|7\.\d)", text, re.MULTILINE)
    assert len(sections) > 30
    assert [section for section in sections if section not in {row[0] for row in ROWS} | {"6.1"}] == []
