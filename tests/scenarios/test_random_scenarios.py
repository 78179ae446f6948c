"""Scenarios made by chance are sound, many-sided, and the same for the same seed."""

from pathlib import Path

import pytest

from xiaotian.scenarios.random_scenarios import SITES, make, write_random
from xiaotian.scenarios.scenario import Scenario
from xiaotian.scenarios.scenario_file import read_scenario


def test_the_same_seed_makes_the_same_and_another_others() -> None:
    assert make(3, 1, "station_yard") == make(3, 1, "station_yard")
    assert make(3, 1, "station_yard") != make(3, 2, "station_yard")


def test_how_many_are_made_changes_none_of_them(tmp_path: Path) -> None:
    few, more = (write_random(tmp_path / str(count), count, 7, "station_yard") for count in (2, 4))
    assert [file.read_text() for file in few] == [file.read_text() for file in more[:2]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Scenario]:
    return [read_scenario(file) for file in write_random(tmp_path_factory.mktemp("made"), 24, 3)]


@pytest.mark.slow
def test_all_are_sound_on_every_site_and_something_is_on_nearly_every_way(made: list[Scenario]) -> None:
    assert {scenario.site.name for scenario in made} == set(SITES)
    assert all(dog.start is not None for scenario in made for dog in scenario.dogs)
    assert sum(bool(scenario.happenings) or len(scenario.dogs) > 1 for scenario in made) >= 20


def test_many_kinds_of_meetings_come_about(made: list[Scenario]) -> None:
    kinds = {kind for scenario in made for kind in scenario.name.en.split(": ")[1].split(", ")}
    assert len(kinds) >= 8


def test_a_site_that_is_not_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="no site 'nowhere'"):
        make(0, 0, "nowhere")
