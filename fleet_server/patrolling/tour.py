"""Short closed tours: 2-opt and Or-opt with restarts from kicked tours (iterated local search).

G. A. Croes, "A method for solving traveling-salesman problems", 1958; I. Or, 1976; O. Martin, S. Otto, E. Felten,
"Large-step Markov chains for the traveling salesman problem", 1991.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST_SEGMENT = 3  # checkpoints that Or-opt moves at once
TINY = 1e-7  # s: less is no gain but rounding


def shortest_tour(
    seconds: NDArray[np.float64], places: Sequence[int], random: np.random.Generator, kicks: int
) -> list[int]:
    """A short closed tour through ``places``, beginning with the first of them."""
    if len(places) < 4:
        return list(places)
    best = improved(seconds, _nearest_neighbours(seconds, places))
    best_length = tour_length(seconds, best)
    for _ in range(kicks):
        tried = improved(seconds, _kicked(best, random))
        length = tour_length(seconds, tried)
        if length < best_length + TINY:
            best, best_length = tried, length
    at = int(np.flatnonzero(best == places[0])[0])
    tour: list[int] = np.roll(best, -at).tolist()
    return tour


def tour_length(seconds: NDArray[np.float64], tour: NDArray[np.int64]) -> float:
    """How long one round takes (s)."""
    return float(seconds[tour, np.roll(tour, -1)].sum())


def improved(seconds: NDArray[np.float64], tour: NDArray[np.int64]) -> NDArray[np.int64]:
    """The tour after all 2-opt and Or-opt moves that shorten it, the best first."""
    while True:
        gain, better = _two_opt(seconds, tour)
        for size in range(1, min(LONGEST_SEGMENT, len(tour) - 3) + 1):
            other, moved = _or_opt(seconds, tour, size, gain)
            if other > gain:
                gain, better = other, moved
        if gain <= TINY:
            return tour
        tour = better


def _two_opt(seconds: NDArray[np.float64], tour: NDArray[np.int64]) -> tuple[float, NDArray[np.int64]]:
    after = np.roll(tour, -1)
    steps = seconds[tour, after]
    gains = np.triu(steps[:, None] + steps[None, :] - seconds[np.ix_(tour, tour)] - seconds[np.ix_(after, after)], k=2)
    i, j = divmod(int(np.argmax(gains)), len(tour))
    if gains[i, j] <= TINY:
        return 0.0, tour
    return float(gains[i, j]), np.concatenate([tour[: i + 1], tour[i + 1 : j + 1][::-1], tour[j + 1 :]])


def _or_opt(
    seconds: NDArray[np.float64], tour: NDArray[np.int64], size: int, to_beat: float
) -> tuple[float, NDArray[np.int64]]:
    count = len(tour)
    head, tail = tour, np.roll(tour, -(size - 1))  # of the segment that begins at each place
    before, behind = np.roll(tour, 1), np.roll(tour, -size)
    saved = seconds[before, head] + seconds[tail, behind] - seconds[before, behind]
    after = np.roll(tour, -1)
    steps = seconds[tour, after]
    straight = seconds[np.ix_(head, tour)] + seconds[np.ix_(tail, after)]
    turned = seconds[np.ix_(tail, tour)] + seconds[np.ix_(head, after)]
    gains = saved[:, None] - np.minimum(straight, turned) + steps[None, :]
    i = np.arange(count)
    for inside in range(-1, size):  # the steps that the segment itself touches
        gains[i, (i + inside) % count] = -np.inf
    at, to = divmod(int(np.argmax(gains)), count)
    if gains[at, to] <= max(to_beat, TINY):
        return 0.0, tour
    moved = np.roll(tour, -at)
    segment, rest = moved[:size], moved[size:]
    if turned[at, to] < straight[at, to]:
        segment = segment[::-1]
    place = int(np.flatnonzero(rest == tour[to])[0]) + 1
    return float(gains[at, to]), np.concatenate([rest[:place], segment, rest[place:]])


def _kicked(tour: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """The double bridge: three pieces change places, none is turned."""
    if len(tour) < 8:
        return random.permutation(tour)
    a, b, c = np.sort(random.choice(np.arange(1, len(tour)), 3, replace=False))
    return np.concatenate([tour[:a], tour[b:c], tour[a:b], tour[c:]])


def _nearest_neighbours(seconds: NDArray[np.float64], places: Sequence[int]) -> NDArray[np.int64]:
    left = list(places[1:])
    tour = [places[0]]
    while left:
        nearest = min(left, key=lambda place: (seconds[tour[-1], place], place))
        left.remove(nearest)
        tour.append(nearest)
    return np.array(tour, dtype=np.int64)
