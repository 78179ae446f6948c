"""The page that shows a running scenario: what it is told, and that it tells nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.scenarios.outcome_by_hand import SCENARIO
from xiaotian.scenarios.event_record import Entry, Kind
from xiaotian.scenarios.run_log import RunLog
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.watch_page import Watch


@pytest.fixture
def run(tmp_path: Path) -> Path:
    file = tmp_path / "somebody.yaml"
    file.write_text(SCENARIO)
    folder = tmp_path / "out/somebody"
    folder.mkdir(parents=True)
    diary = RunLog(folder)
    diary.open(read_scenario(file))
    diary.begin(5.0)
    diary.tell(Entry(0.0, Kind.INCIDENT, "armory_yard", "dog1"), 12.4, (22.0, 11.0))
    (folder / "truth.jsonl").write_text('{"t": 5.5, "dogs": {"dog1": [1, 2, 0]}}\n{"t": 6.0, "dogs"')
    return folder


@pytest.fixture
def page(run: Path) -> Iterator[httpx.Client]:
    watch = Watch(run.parent)
    watch.start()
    with httpx.Client(base_url=watch.url, trust_env=False) as client:
        yield client
    watch.close()


def test_it_lists_the_runs_and_draws_their_ground(page: httpx.Client) -> None:
    (known,) = page.get("/runs").json()
    assert (known["key"], known["name"]["en"], known["dogs"]) == ("somebody", "Somebody", ["dog1"])
    assert page.get("/ground?run=somebody").text.startswith("<svg")
    assert "/news" in page.get("/").text


def test_it_tells_each_thing_once_and_a_half_written_line_not_yet(page: httpx.Client, run: Path) -> None:
    first = page.get("/news?run=somebody").json()
    assert [line["t"] for line in first["truth"]] == [5.5]
    assert first["told"][2] == {
        "t": 12.4,
        "label": "incident:armory_yard",
        "dog": "dog1",
        "text": "",
        "at": [22.0, 11.0],
    }
    with (run / "truth.jsonl").open("a") as stream:
        stream.write(": {}}\n")
    RunLog(run).end(True)
    later = page.get(f"/news?run=somebody&told={first['toldAt']}&truth={first['truthAt']}").json()
    assert later["told"] == [{"passed": True}]
    assert later["truth"] == [json.loads('{"t": 6.0, "dogs": {}}')]


@pytest.mark.parametrize(
    "path", ["/news?run=../out/somebody", "/ground?run=", "/news?run=somebody&told=x", "/etc/passwd"]
)
def test_it_gives_away_nothing_else(page: httpx.Client, path: str) -> None:
    assert page.get(path).status_code == 404


def test_another_host_s_name_is_not_answered(page: httpx.Client) -> None:
    assert page.get("/runs", headers={"Host": "evil.example"}).status_code == 403
