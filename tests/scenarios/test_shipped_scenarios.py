"""The scenarios that ship: sound, and each kind of event and fault is among them, on every site."""

from pathlib import Path

import pytest

from sim.engine.script import KINDS, Fault
from xiaotian.scenarios.scenario import FAULTS, Network, Scenario, Way
from xiaotian.scenarios.scenario_file import WORLDS, read_scenario

FOLDER = Path(__file__).resolve().parents[2] / "sim/scenarios"


def shipped() -> list[Scenario]:
    return [read_scenario(file) for file in sorted(FOLDER.glob("*.yaml"))]


def test_there_are_more_than_twenty_with_a_name_of_their_own() -> None:
    names = [scenario.name.en for scenario in shipped()]
    assert len(set(names)) == len(names) > 20


def test_each_kind_of_event_and_of_fault_is_among_them() -> None:
    happenings = [happening for scenario in shipped() for happening in scenario.happenings]
    assert {happening.do for happening in happenings} == set(KINDS) | set(FAULTS)
    assert {h.fault.way for h in happenings if isinstance(h.fault, Network)} == set(Way)
    sensors = {h.entry["fault"] for h in happenings if h.entry is not None and h.do == "sensor"}
    assert sensors == {str(fault) for fault in Fault}


@pytest.mark.slow
def test_every_site_and_both_bodies_are_used() -> None:
    assert {scenario.site.name for scenario in shipped()} == {file.parent.name for file in WORLDS.glob("*/site.yaml")}
    assert {dog.body for scenario in shipped() for dog in scenario.dogs} == {"light", "legged"}
