"""A mission with the whole dog in the simulated world: what a fall and an empty battery come to in truth."""

import math

import pytest

from edge.mission.events import InstantActionsCame, OrderCame, Phase
from protocol.codec import header
from protocol.instant_actions import InstantActions
from protocol.order import BlockingType
from sim.engine.simulation import Make
from tests.edge.mission.world import action
from tests.xiaotian.mission_trial import NAME, MissionTrial

NOBODY = ({"at": 0, "do": "remove", "name": "intruder"},)
ROUND = ((9.0, 5.0), (4.0, 2.0))


@pytest.mark.slow  # half a minute of the legged engine
@pytest.mark.parametrize("seed", [1, 2])
def test_a_dog_that_is_thrown_on_its_side_gets_up_by_itself_and_completes_its_order(seed: int) -> None:
    trial = MissionTrial(script=NOBODY, seed=seed)
    trial.run(2)
    trial.tell(OrderCame(trial.order(*ROUND, work=[action("dwell", "w", seconds=1)])))
    trial.run(6)
    trial.topple()
    assert trial.run(3, lambda: "fallen lying" in trial.said)
    assert trial.run(80, lambda: not trial.mission.held.busy)
    assert (trial.mission.held.last_node_id, trial.mission.report().errors) == ("n2", ())
    assert {w.action.action_id: str(w.status) for w in trial.mission.held.works} == {"w": "FINISHED"}
    told = [error for error in trial.said if error.startswith("fallen")]
    assert (told[0], told[-1], "fallen waiting" in told) == ("fallen lying", "fallen checking", False)


@pytest.mark.slow  # the same, and longer
def test_a_dog_that_falls_twice_stands_until_a_person_lets_it_go_on() -> None:
    trial = MissionTrial(script=NOBODY, seed=3)
    trial.run(2)
    trial.tell(OrderCame(trial.order(*ROUND)))
    for _ in range(2):
        trial.run(4)
        trial.topple()
        trial.run(12)
    assert trial.run(30, lambda: "fallen waiting" in trial.said)
    before = trial.truth
    trial.run(10)
    assert trial.truth.distance(before) < 0.1
    press = action("clearFall", "press")
    head = header(trial.address, 0, 0.0)
    trial.tell(InstantActionsCame(InstantActions(**head, actions=[press])))
    assert trial.run(80, lambda: not trial.mission.held.nodes)
    assert trial.mission.held.last_node_id == "n2"
    assert [str(w.status) for w in trial.mission.held.works] == ["FINISHED"]


@pytest.mark.slow  # a walk home, onto the dock, and back to work
@pytest.mark.parametrize(("make", "seed"), [(Make.LIGHT, 4), (Make.LEGGED, 5)])
def test_a_dog_with_little_charge_docks_within_five_centimetres_and_five_degrees_and_goes_on(
    make: Make, seed: int
) -> None:
    trial = MissionTrial(make=make, script=NOBODY, seed=seed)
    trial.run(2)
    rule = action("onLowBattery", "rule", BlockingType.NONE, policy="resume")
    trial.tell(OrderCame(trial.order(*ROUND, (9.0, 5.0), first=[rule])))
    trial.run(8)
    trial.set_battery(0.15)
    assert trial.run(90, lambda: trial.mission.report().phase is Phase.CHARGING)
    trial.run(2)
    dock = trial.docks[0]
    assert trial.truth.distance(dock) <= 0.05
    assert abs(math.degrees(math.remainder(trial.truth.theta - dock.theta, math.tau))) <= 5.0
    trial.set_battery(0.85)
    assert trial.run(90, lambda: not trial.mission.held.busy)
    assert (trial.mission.held.last_node_id, trial.mission.held.skipped) == ("n3", [])
    assert trial.trial.observer.accounts[NAME].own_contacts == []
