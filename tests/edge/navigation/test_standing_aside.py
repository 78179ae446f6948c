"""A dog without a goal in the way of who looks out for nobody; it has a scan alone."""

import math
from dataclasses import dataclass, field

import pytest

from edge.navigation.safety_gate import SafetyConfig
from edge.navigation.standing_aside import Aside, StandingAside
from edge.types import Pose2D, wrap
from tests.edge.navigation.closed_loop import Loop
from tests.edge.navigation.world import Person, World, grid_of

CORNERS = [(2.0, 2.0, 3.0, 1.0), (33.0, 4.0, 1.0, 4.0), (4.0, 34.0, 5.0, 1.0), (34.0, 33.0, 2.0, 3.0)]
HERE = Pose2D(20.0, 20.0, 0.3)
FROM = 11.0  # m
Box = tuple[float, float, float, float]


@dataclass
class Told:
    """What became of it: steps of contact, all stages, how far it went (m), and where it stood in the end."""

    contacts: int = 0
    stages: list[Aside] = field(default_factory=list)
    far: float = 0.0
    end: Pose2D = HERE

    @property
    def is_back(self) -> bool:
        return self.end.distance(HERE) < 0.3 and abs(wrap(self.end.theta - HERE.theta)) < 0.25


def passing(bearing: float, speed: float, miss: float = 0.0, radius: float = 0.25, manners: float = 0.0) -> Person:
    """Somebody who comes from ``bearing`` (rad), and on beyond; ``miss`` metres beside the dog."""
    x, y = math.cos(bearing), math.sin(bearing)
    side = (HERE.x - miss * y, HERE.y + miss * x)
    start, end = (side[0] + FROM * x, side[1] + FROM * y), (side[0] - FROM * x, side[1] - FROM * y)
    return Person(start, end, speed, radius, manners)


def met(people: list[Person], walls: list[Box] | None = None, seed: int = 0, **settings: object) -> Told:
    told = Told()
    loop = Loop(
        World(grid_of([*CORNERS, *(walls or [])], 40.0, 40.0), HERE, [], seed=seed), grid_of(CORNERS, 40.0, 40.0)
    )
    if walls:
        loop = Loop(loop.world, loop.world.truth)
    for name, value in settings.items():
        setattr(loop, name, value)
    loop.__post_init__()
    loop.aside = StandingAside(loop.navigator)
    loop.idle(1.0)
    loop.world.people = list(people)
    until = loop.world.now + max(2 * FROM / person.speed for person in people) + 20.0
    while loop.world.now < until:
        loop.step()
        told.far = max(told.far, loop.world.pose.distance(HERE))
        if not told.stages or told.stages[-1] is not loop.aside.stage:
            told.stages.append(loop.aside.stage)
        loop.world.people = [one for one in loop.world.people if one.walked < math.dist(one.start, one.end) - 0.5]
        if not loop.world.people and loop.aside.stage in (Aside.NOTHING, Aside.NOT_RETURNED):
            break
    told.contacts, told.end = loop.world.contacts, loop.world.pose
    return told


@pytest.mark.parametrize(("bearing", "speed"), [(0.3, 2.2), (1.9, 3.0), (3.5, 2.2), (5.1, 3.0), (0.3, 5.0), (5.1, 5.0)])
def test_it_makes_room_for_who_comes_straight_at_it_and_goes_back_to_where_it_stood(
    bearing: float, speed: float
) -> None:
    told = met([passing(bearing, speed)], seed=round(10 * bearing + speed))
    assert Aside.MAKING_ROOM in told.stages
    assert told.contacts == 0, told
    assert told.is_back, told


def test_who_is_too_fast_for_it_from_behind_is_told_of_and_it_is_back_as_well() -> None:
    told = met([passing(3.5, 5.0)], seed=40)  # seen moving two seconds before, and it has to turn
    assert {Aside.MAKING_ROOM, Aside.UNAVOIDABLE} < set(told.stages), told
    assert told.is_back, told


@pytest.mark.parametrize("wall", [(18.0, 20.8, 4.0, 0.3), (18.0, 18.9, 4.0, 0.3)])
def test_with_a_wall_on_one_side_it_makes_room_on_the_other(wall: Box) -> None:
    told = met([passing(0.0, 3.0)], [wall], seed=7)
    assert told.contacts == 0, told
    assert told.is_back, told


def test_between_two_walls_it_says_that_it_cannot_avoid_them() -> None:
    told = met([passing(0.0, 3.0)], [(12.0, 20.7, 16.0, 0.3), (12.0, 19.0, 16.0, 0.3)], seed=8)
    assert Aside.UNAVOIDABLE in told.stages


@pytest.mark.parametrize("second", [1.87, 3.44])
def test_two_runners_at_once_are_both_made_room_for(second: float) -> None:
    told = met([passing(0.3, 3.0), passing(0.3 + second, 2.5)], seed=3)
    assert told.contacts == 0, told
    assert told.is_back, told


def test_a_half_blind_dog_at_half_the_speed_makes_room_for_a_runner() -> None:
    told = met([passing(1.9, 3.0)], seed=4, safety=SafetyConfig())
    assert told.contacts == 0, told
    assert told.is_back, told


@pytest.mark.parametrize(("bearing", "miss"), [(0.3, 0.9), (1.9, -0.8), (4.0, 1.1)])
def test_who_walks_by_is_not_danced_about(bearing: float, miss: float) -> None:
    told = met([passing(bearing, 1.2, miss, manners=0.6)], seed=5)
    assert told.far < 0.1, told


@pytest.mark.parametrize(("bearing", "miss"), [(0.3, 1.6), (4.0, -1.6)])
def test_nor_who_runs_by(bearing: float, miss: float) -> None:
    told = met([passing(bearing, 3.0, miss)], seed=5)
    assert told.far < 0.1, told


def test_one_that_may_not_move_by_itself_stands() -> None:
    told = met([passing(1.9, 3.0)], seed=6, free=False)
    assert told.stages == [Aside.NOTHING]
    assert told.far < 0.05
