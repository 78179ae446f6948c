"""Who may go into a narrow place: given first come first served, and never so that two wait for each other.

A narrow place has room for one dog. An order is cut into stretches, each from a node in the open to the next one in the
open, and all narrow places of a stretch are given at once: a dog that waits holds nothing but what it stands in, and a
dog that goes needs nothing more to come out at the other side. So there is no hold and wait, and without it no deadlock
(Coffman 1971). Open-RMF's mutex groups and the nodes that a VDA 5050 master releases (6.6.2) are the same thought.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """The way of an order up to ``end``, the index of a node in the open or its last; ``places`` are all on it."""

    end: int
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A dog wants these narrow places, since then; ``stands_in`` is where it is while it waits."""

    dog_id: str
    places: frozenset[str]
    since: datetime
    stands_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a claim waits: the place, and who has it or comes first."""

    place_id: str
    dog_id: str


def stretches(stand_in: Sequence[str | None], crossed: Sequence[Iterable[str]]) -> list[Stretch]:
    """The stretches of an order: in which narrow place each node lies, and which each edge between two crosses."""
    found: list[Stretch] = []
    places = set(filter(None, stand_in[:1]))
    for end, edge in enumerate(crossed, 1):
        places |= set(edge) | set(filter(None, [stand_in[end]]))
        if stand_in[end] is None or end == len(crossed):
            found.append(Stretch(end, frozenset(places)))
            places = set()
    return found


def decide(
    claims: Iterable[Claim], held: Mapping[str, str], standing: Mapping[str, frozenset[str]]
) -> tuple[list[Claim], dict[str, Obstacle]]:
    """The claims that are granted, and what each other dog waits for.

    ``held``: who has each place. ``standing``: who stands in each, with or without a right. Who stands in a narrow
    place comes before those in the open, and is let out of it whoever has it: it is in the way there. Else the one who
    has waited longest is first, and what it waits for is given to nobody who came after it.
    """
    granted: list[Claim] = []
    waiting: dict[str, Obstacle] = {}
    taken = dict(held)
    bespoken: dict[str, str] = {}
    for claim in sorted(claims, key=lambda each: (not each.stands_in, each.since, each.dog_id)):
        obstacle = _obstacle(claim, taken, standing, bespoken)
        if obstacle is None:
            granted.append(claim)
            taken |= {place: claim.dog_id for place in claim.places if place not in taken}
        else:
            waiting[claim.dog_id] = obstacle
            for place in claim.places:
                bespoken.setdefault(place, claim.dog_id)
    return granted, waiting


def _obstacle(
    claim: Claim, taken: Mapping[str, str], standing: Mapping[str, frozenset[str]], bespoken: Mapping[str, str]
) -> Obstacle | None:
    for place in sorted(claim.places - claim.stands_in):
        others = standing.get(place, frozenset()) - {claim.dog_id}
        holder = taken.get(place, claim.dog_id)
        if others or holder != claim.dog_id:
            return Obstacle(place, min(others) if others else holder)
        if place in bespoken:
            return Obstacle(place, bespoken[place])
    return None
