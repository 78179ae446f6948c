"""The place before a dock, on the grounds of the sites that ship: one to which a plan leads."""

import pytest

from edge.mission.docks import place_before
from edge.mission.events import Situation
from edge.mission.standing_ground import standing_ground
from edge.mission.way_home import way_home
from edge.navigation.planning import Plan, PlanningConfig, cost_map, plan
from edge.types import Pose2D
from xiaotian.direct.trial_site import names, site


@pytest.mark.parametrize("name", names())
def test_a_plan_leads_to_the_place_before_each_dock(name: str) -> None:
    made = site(name)
    docks = tuple(Pose2D(dock.pose.x, dock.pose.y, dock.pose.theta) for dock in made.file.docks)
    message, zones = made.ground.message, made.ground.zones
    situation = Situation(
        docks=docks, can_stand=standing_ground(message, zones), way_home=way_home(message, zones, docks)
    )
    ground = cost_map(made.ground.terrain, PlanningConfig())
    places = [place_before(dock, situation) for dock in docks]
    assert all(places), "there is none"
    first = places[0]
    assert first is not None
    missing = [at for at in places if at and not isinstance(plan(ground, (first.x, first.y), (at.x, at.y)), Plan)]
    assert not missing
