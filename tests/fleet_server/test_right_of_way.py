"""Narrow places and dogs by the hundred, on graphs that chance draws: nobody meets, and everybody arrives."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from fleet_server.dispatch.right_of_way import Claim, Obstacle, Stretch, decide, stretches

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def claim(dog: str, places: str, since: float = 0.0, stands_in: str = "") -> Claim:
    return Claim(dog, frozenset(places), at(since), frozenset(stands_in))


def test_a_stretch_ends_at_a_node_in_the_open_and_has_all_narrow_places_until_there() -> None:
    nodes = [None, None, "B", "B", None, "C"]
    edges = [["A"], ["B"], [], ["B", "D"], []]
    assert stretches(nodes, edges) == [
        Stretch(1, frozenset("A")),
        Stretch(4, frozenset("BD")),
        Stretch(5, frozenset("C")),
    ]
    assert stretches(["A", None], [["A"]]) == [Stretch(1, frozenset("A"))]
    assert stretches([None], []) == []


def test_who_waited_longest_is_first_and_what_it_waits_for_is_given_to_nobody_after_it() -> None:
    claims = [claim("late", "B", 2), claim("early", "AB", 1), claim("elsewhere", "C", 3)]
    granted, waiting = decide(claims, {"A": "walker"}, {})
    assert [each.dog_id for each in granted] == ["elsewhere"]
    assert waiting == {"early": Obstacle("A", "walker"), "late": Obstacle("B", "early")}


def test_who_stands_in_a_doorway_keeps_others_out_without_a_right_and_is_let_out_of_it() -> None:
    standing = {"A": frozenset({"lame"})}
    assert decide([claim("dog", "A")], {}, standing)[1] == {"dog": Obstacle("A", "lame")}
    granted, waiting = decide([claim("dog", "A", 0), claim("lame", "A", 9, stands_in="A")], {"A": "other"}, standing)
    assert [each.dog_id for each in granted] == ["lame"]
    assert waiting == {"dog": Obstacle("A", "lame")}


@dataclass
class Walker:
    """A dog on its stretches, with the places of each in the order of the way; it may begin in a narrow place.

    ``ahead`` is what it has been given: places, and None for ground in the open.
    """

    dog_id: str
    path: list[Stretch]
    ways: list[list[str]]
    stands_in: str | None = None
    ahead: list[str | None] = field(default_factory=list)
    since: datetime | None = None

    @property
    def done(self) -> bool:
        return not self.path and not self.ahead and self.stands_in is None


def yard(chance: random.Random, most: int) -> list[Walker]:
    """Rooms that hang together by places, each between two to five of them; dogs on ways from room to room."""
    rooms = range(chance.randint(2, 12))
    places: dict[str, tuple[int, ...]] = {}
    for number in range(chance.randint(1, 15)):
        places[f"p{number}"] = tuple(chance.sample(rooms, min(len(rooms), chance.randint(2, 5))))
    walkers = []
    free = chance.sample(sorted(places), len(places))
    for number in range(chance.randint(2, most)):
        start = free.pop() if free and chance.random() < 0.3 else None
        room = chance.choice(places[start]) if start else chance.choice(rooms)
        nodes: list[str | None] = [start]
        edges: list[list[str]] = []
        if start:
            nodes.append(None)
            edges.append([start])
        for _ in range(chance.randint(1, 6)):
            crossed: list[str] = []
            for _ in range(chance.randint(0, 3)):
                doors = [name for name, ends in places.items() if room in ends]
                if doors:
                    door = chance.choice(doors)
                    room = chance.choice(places[door])
                    crossed.append(door)
            nodes.append(crossed[-1] if crossed and chance.random() < 0.2 else None)
            edges.append(crossed)
        nodes[-1] = None  # who stays in a doorway keeps it, and others rightly wait
        cut = stretches(nodes, edges)
        ways, begin = [], 0
        for each in cut:
            ways.append([place for edge in edges[begin : each.end] for place in edge])
            begin = each.end
        walkers.append(Walker(f"dog{number}", cut, ways, start))
    return walkers


def walk(chance: random.Random, most: int) -> None:
    """Let all arrive. Fails where two are in one place, or nobody gets on any more."""
    walkers = yard(chance, most)
    held: dict[str, str] = {}
    while not all(walker.done for walker in walkers):
        asking = {w.dog_id: w for w in walkers if w.path and len(w.ahead) <= chance.choice((0, 0, 2))}
        goes_on = bool(_ask(asking, held, walkers, chance)) or any(walker.ahead for walker in walkers)
        for walker in chance.sample(walkers, len(walkers)):
            if walker.ahead and (chance.random() < 0.5):
                _step(walker, held)
        inside = [w.stands_in for w in walkers if w.stands_in]
        assert len(inside) == len(set(inside)), "two dogs in one narrow place"
        assert goes_on, "they wait for each other"


def _ask(asking: dict[str, Walker], held: dict[str, str], walkers: list[Walker], chance: random.Random) -> list[Claim]:
    claims = []
    for walker in asking.values():
        walker.since = walker.since or at(chance.random())
        stands = frozenset({walker.stands_in} if walker.stands_in else ())
        claims.append(Claim(walker.dog_id, walker.path[0].places, walker.since, stands))
    standing = {w.stands_in: frozenset({w.dog_id}) for w in walkers if w.stands_in}
    granted, waiting = decide(claims, held, standing)
    assert {each.dog_id for each in granted} | set(waiting) == set(asking)
    for each in granted:
        walker = asking[each.dog_id]
        for place in each.places:
            assert held.setdefault(place, each.dog_id) == each.dog_id
        walker.path.pop(0)
        walker.ahead += [*walker.ways.pop(0), None]
        walker.since = None
    return granted


def _step(walker: Walker, held: dict[str, str]) -> None:
    """Into what comes next; the place that is left and comes no more is given back."""
    before = walker.stands_in
    walker.stands_in = walker.ahead.pop(0)
    if walker.stands_in is not None:
        assert held[walker.stands_in] == walker.dog_id
    if before is not None and before not in (walker.stands_in, *walker.ahead):
        assert held.pop(before) == walker.dog_id


@pytest.mark.parametrize("seed", range(40))
def test_no_two_dogs_are_in_one_narrow_place_and_all_arrive(seed: int) -> None:
    walk(random.Random(seed), most=200 if seed == 0 else 30)
