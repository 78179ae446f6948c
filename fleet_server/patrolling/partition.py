"""Teams parted so that none waits long: one round for all is cut in two again and again (min-max of round by dogs)."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.rota import Rota, Team, worst
from fleet_server.patrolling.tour import TINY, improved

CUTS = 6  # ways to part a team that are looked at closely
LEAST = 2  # checkpoints of a team: a patrol dog walks
MOVES = 60  # checkpoints that change teams at most


def partitions(whole: Team) -> Iterator[Rota]:
    """Rotas worth a look: the one round for all first, then parted again and again, as far as that goes."""
    graph, dogs = whole.graph, whole.dogs
    rota: Rota = (whole,)
    yield rota
    seen = {_key(rota)}
    while len(rota) < dogs:
        parted = _parted(rota)
        if parted is None:
            return
        rota = _balanced(graph, parted)
        if _key(rota) not in seen:
            seen.add(_key(rota))
            yield rota


def _key(rota: Rota) -> frozenset[tuple[tuple[int, ...], int]]:
    return frozenset((team.tour, team.dogs) for team in rota)


def _parted(rota: Rota) -> Rota | None:
    """The rota with one team parted in two: the one where that leaves the least to wait."""
    found: list[tuple[float, int, tuple[Team, Team]]] = []
    for number, team in enumerate(rota):
        others = max((other.spacing for at, other in enumerate(rota) if at != number), default=0.0)
        found += [(max(others, *(half.spacing for half in halves)), number, halves) for halves in _cuts(team)]
    if not found:
        return None
    _, number, halves = min(found, key=lambda each: (each[0], sum(half.round for half in each[2])))
    return (*rota[:number], *halves, *rota[number + 1 :])


def _cuts(team: Team) -> Iterator[tuple[Team, Team]]:
    """The best ways to cut a stretch out of the team's tour and make a round of it, and a round of what is left."""
    seconds, tour = team.graph.seconds, np.array(team.tour, dtype=np.int64)
    count = len(tour)
    if team.dogs < 2 or count < 2 * LEAST:
        return
    along = np.concatenate([[0.0], np.cumsum(seconds[tour[:-1], tour[1:]])])
    a, b = np.triu_indices(count)  # the stretch is a..b, both included
    kept = (b - a + 1 >= LEAST) & (b - a + 1 <= count - LEAST)
    a, b = a[kept], b[kept]
    inner = along[b] - along[a] + seconds[tour[b], tour[a]]
    before, after = tour[a - 1], tour[(b + 1) % count]
    outer = team.round - (along[b] - along[a]) - seconds[before, tour[a]] - seconds[tour[b], after]
    outer = outer + seconds[before, after]
    for share in range(1, team.dogs):
        order = np.argsort(np.maximum(inner / share, outer / (team.dogs - share)), kind="stable")[:CUTS]
        for each in order.tolist():
            stretch, rest = tour[a[each] : b[each] + 1], np.concatenate([tour[: a[each]], tour[b[each] + 1 :]])
            yield _team(team.graph, stretch, share), _team(team.graph, rest, team.dogs - share)


def _team(graph: PatrolGraph, tour: NDArray[np.int64], dogs: int) -> Team:
    return Team(graph, tuple((improved(graph.seconds, tour) if len(tour) > 3 else tour).tolist()), dogs)


def _balanced(graph: PatrolGraph, rota: Rota) -> Rota:
    """The rota after checkpoints, or dogs, have changed teams as long as the team that waits longest gains by it."""
    for _ in range(MOVES):
        moved = min(
            (option for option in (_with_a_stop_moved(graph, rota), _with_a_dog_moved(rota)) if option is not None),
            key=worst,
            default=None,
        )
        if moved is None or worst(moved) > worst(rota) - TINY:
            return rota
        rota = moved
    return rota


def _with_a_dog_moved(rota: Rota) -> Rota | None:
    longest = max(range(len(rota)), key=lambda at: rota[at].spacing)
    givers = [at for at, team in enumerate(rota) if at != longest and team.dogs > 1]
    if not givers:
        return None
    giver = min(givers, key=lambda at: rota[at].round / (rota[at].dogs - 1))
    more = {longest: 1, giver: -1}
    return tuple(Team(team.graph, team.tour, team.dogs + more.get(at, 0)) for at, team in enumerate(rota))


def _with_a_stop_moved(graph: PatrolGraph, rota: Rota) -> Rota | None:
    """The best move of one to three neighbours on the longest team's tour into another's."""
    rows = graph.rows
    longest = max(range(len(rota)), key=lambda at: rota[at].spacing)
    giver = rota[longest]
    tour = giver.tour
    best: tuple[float, float, int, int, int, int, bool] | None = None
    for size in range(1, min(3, len(tour) - LEAST) + 1):
        for at in range(len(tour)):
            segment = [tour[(at + step) % len(tour)] for step in range(size)]
            before, after = tour[at - 1], tour[(at + size) % len(tour)]
            inside = sum(rows[x][y] for x, y in pairwise(segment))
            saved = rows[before][segment[0]] + inside + rows[segment[-1]][after] - rows[before][after]
            if saved <= TINY:
                continue
            left = (giver.round - saved) / giver.dogs
            for number, taker in enumerate(rota):
                if number == longest:
                    continue
                ends = taker.tour
                for place, (p, q) in enumerate(zip(ends, (*ends[1:], ends[0]), strict=True)):
                    straight = rows[p][segment[0]] + rows[segment[-1]][q]
                    turned = rows[p][segment[-1]] + rows[segment[0]][q]
                    grown = (taker.round + inside + min(straight, turned) - rows[p][q]) / taker.dogs
                    if grown < giver.spacing - TINY:
                        option = (max(left, grown), left + grown, at, size, number, place, turned < straight)
                        best = option if best is None or option < best else best
    if best is None:
        return None
    _, _, at, size, number, place, turned_round = best
    rolled = [*tour[at:], *tour[:at]]
    segment, rest = rolled[:size], rolled[size:]
    taker = rota[number]
    grown_tour = [*taker.tour[: place + 1], *(segment[::-1] if turned_round else segment), *taker.tour[place + 1 :]]
    new = {
        longest: _team(graph, np.array(rest, dtype=np.int64), giver.dogs),
        number: _team(graph, np.array(grown_tour, dtype=np.int64), taker.dogs),
    }
    return tuple(new.get(at, team) for at, team in enumerate(rota))
