"""A scenario's mistakes are answered with file, line, what was found and what was expected."""

from pathlib import Path

import pytest

from xiaotian.scenarios.scenario import Ending, Network, Way
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.strict_yaml import MalformedScenario

SOUND = """\
name: {zh: 场景, en: A scenario}
site: station_yard
stops: [charging_bay, {checkpoint: gate, actions: [{type: takePhoto}]}]
faults:
  - {id: gone, at: 3, do: network, way: cut, seconds: 4}
  - when: {after: gone, wait: 2}
    do: broker
    seconds: 1.5
expect:
  patrol: completed
  checkpoints: all
  incidents:
    - {zone: armory_yard, within_s: 20, within_m: 1.5}
  order: [event:gone, checkpoint:gate]
"""


def read(tmp_path: Path, text: str) -> str:
    """What is said of ``text``, without the folder."""
    file = tmp_path / "scenario.yaml"
    file.write_text(text)
    with pytest.raises(MalformedScenario) as caught:
        read_scenario(file)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_a_sound_one_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(SOUND)
    scenario = read_scenario(file)
    assert scenario.key == "scenario"
    assert [dog.dock for dog in scenario.dogs] == ["dock_1"]
    assert [patrol.dog for patrol in scenario.patrols] == ["dog1"]
    first, second = scenario.happenings
    assert first.fault == Network(way=Way.CUT, seconds=4.0)
    assert (second.id, second.when.after if second.when else "") == ("broker", "gone")
    assert scenario.expect.patrol is Ending.COMPLETED


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("site: station_yard", "site: nowhere", "scenario.yaml:2: found 'nowhere', expected one of: "),
        ("expect:", "expct:", "scenario.yaml:9: found the key 'expct', expected one of: about, "),
        ("charging_bay", "charging_boy", "scenario.yaml:3: found 'charging_boy', expected a checkpoint of the site: "),
        ("takePhoto}", "takePhoto, seconds: soon}", "scenario.yaml:3: found 'soon', expected a number"),
        ("patrol: completed", "patrol: complete", "scenario.yaml:10: found 'complete', expected one of: completed, "),
        ("seconds: 4", "secnds: 4", "scenario.yaml:5: found the key 'secnds', expected one of: bytes_per_s, "),
        (", seconds: 4", "", "scenario.yaml:5: found no 'seconds' here, expected the key 'seconds'"),
        ("way: cut", "way: [cut]", "scenario.yaml:5: found a list of 1, expected text"),
        ("do: broker", "do: brokr", "scenario.yaml:7: found 'brokr', expected one of: "),
        ("after: gone", "after: come", "scenario.yaml:6: found 'come', expected the id of a happening: gone, broker"),
        ("after: gone, ", "", "scenario.yaml:6: found not exactly one of them, expected 'checkpoint', "),
        ("at: 3", "at: -3", "scenario.yaml:5: found -3, expected a number >= 0"),
        ("zone: armory_yard", "zone: yard", "scenario.yaml:13: found 'yard', expected a zone of the site: armory_yard"),
        ("event:gone", "evnt:gone", "scenario.yaml:14: found 'evnt:gone', expected KIND:NAME"),
        ("checkpoint:gate]", "checkpoint:gat]", "scenario.yaml:14: found 'gat', expected "),
        ("checkpoints: all", "patrol: failed", "scenario.yaml:11: found the key 'patrol' a second time"),
        ("checkpoints: all", "checkpoints: {", "scenario.yaml:"),
        (SOUND, "", "scenario.yaml:1: found an empty file, expected a scenario"),
        (SOUND, "[]", "scenario.yaml:1: found a list of 0, expected a mapping"),
    ],
)
def test_a_mistake_is_answered_with_its_line(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    assert was in SOUND
    assert read(tmp_path, SOUND.replace(was, becomes, 1)).startswith(said)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MalformedScenario, match=r"nothing.yaml:1: found no readable file"):
        read_scenario(tmp_path / "nothing.yaml")


def test_more_dogs_than_docks_are_too_many(tmp_path: Path) -> None:
    dogs = "".join(f"  - {{name: dog{n}}}\n" for n in range(30))
    assert "30 dogs, expected no more than the site's" in read(tmp_path, f"{SOUND}dogs:\n{dogs}")
