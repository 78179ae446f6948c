"""The plans that demo and smoke stage: read, checked, and turned into what the simulator is told."""

import random
from pathlib import Path

import pytest

from protocol.site_folder import read_site
from sim.engine import script
from xiaotian.demo import APART_M, appears_apart, script_of
from xiaotian.demo_plan import PLANS, VARIANTS, MalformedPlan, read_plan, write_script
from xiaotian.robot_processes import ROOT

WORLDS = ROOT / "sim/worlds"
SITES = sorted(folder.parent.name for folder in WORLDS.glob("*/site.yaml"))


@pytest.mark.parametrize("site", SITES)
def test_each_site_of_ours_has_a_plan_for_two_dogs_one_legged_that_the_simulator_understands(
    site: str,
) -> None:
    assert (PLANS / f"{site}.yaml").exists()
    plan = read_plan(WORLDS / site, 2)
    assert sorted(dog.body for dog in plan.dogs) == ["legged", "light"]
    assert {patrol.dog for patrol in plan.patrols} == {"dog1", "dog2"}
    entries, _ = script_of(plan, seed=0)
    assert len(script.check(entries)) == len(entries)


def test_a_site_that_nobody_wrote_a_plan_for_is_walked_by_its_starter_routes(tmp_path: Path) -> None:
    for file in (WORLDS / "station_yard").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    site = (tmp_path / "site.yaml").read_text().replace("site_id: station_yard", "site_id: elsewhere")
    (tmp_path / "site.yaml").write_text(site)
    plan = read_plan(tmp_path, 2)
    routes = [route.route_id for route in read_site(tmp_path)[0].routes]
    assert [patrol.route for patrol in plan.patrols] == routes[:2]
    assert plan.rounds == {"dog1": routes, "dog2": routes}


def test_more_dogs_than_the_plan_has_are_light_and_take_free_docks() -> None:
    plan = read_plan(WORLDS / "logistics_park", 5)
    assert [dog.body for dog in plan.dogs] == ["legged", "light", "light", "light", "light"]
    assert len({dog.dock for dog in plan.dogs}) == 5
    assert plan.rounds["dog5"]


def test_more_dogs_than_docks_are_refused() -> None:
    with pytest.raises(MalformedPlan, match="2 docks are too few for 3 dogs"):
        read_plan(WORLDS / "station_yard", 3)


def test_one_dog_walks_its_own_part_of_the_plan() -> None:
    plan = read_plan(WORLDS / "station_yard", 1)
    assert [(patrol.dog, patrol.route) for patrol in plan.patrols] == [("dog1", "armory_round")]


def test_each_variant_of_a_happening_has_other_places_and_another_seed_has_others_again() -> None:
    plan = read_plan(WORLDS / "station_yard", 2)

    def bags(seed: int) -> list[tuple[float, float]]:
        entries, _ = write_script(plan, random.Random(seed))
        return [(entry["x"], entry["y"]) for entry in entries if entry["do"] == "thing"]

    assert len(set(bags(1))) == VARIANTS
    assert bags(1) == bags(1)
    assert not set(bags(1)) & set(bags(2))


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("dock: dock_1", "dock: dock_9", "no dock 'dock_9'; there are dock_1, dock_2"),
        ("route: entrance_round", "route: nowhere", "no route 'nowhere'"),
        ("do: thing", "do: thng", "a bag is left: field 'do': nothing is called 'thng'; did you mean 'thing'"),
        ("after: 60", "afer: 60", "unknown field `afer`"),
    ],
)
def test_a_plan_with_a_mistake_is_refused_by_name(
    was: str, becomes: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (PLANS / "station_yard.yaml").read_text()
    assert was in text
    (tmp_path / "station_yard.yaml").write_text(text.replace(was, becomes, 1))
    monkeypatch.setattr("xiaotian.demo_plan.PLANS", tmp_path)
    with pytest.raises(MalformedPlan) as caught:
        read_plan(WORLDS / "station_yard", 2)
    assert says in str(caught.value)


def test_nothing_appears_on_top_of_a_dog() -> None:
    bag, walker, low = {"x": 2.0, "y": 3.0}, {"way": [{"x": 2.0, "y": 3.0}, {"x": 9.0, "y": 9.0}]}, {"dog": "dog1"}
    near, far = [(9.0, 9.0), (2.0, 3.0 + APART_M - 0.1)], [(9.0, 9.0), (2.0, 3.0 + APART_M + 0.1)]
    assert [appears_apart(entry, near) for entry in (bag, walker, low)] == [False, False, True]
    assert [appears_apart(entry, far) for entry in (bag, walker, low)] == [True, True, True]
