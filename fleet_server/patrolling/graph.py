"""Checkpoints and the ways between them, in seconds of walking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray


class Unreachable(ValueError):
    """A checkpoint to which no way leads."""


@dataclass(frozen=True, eq=False)
class PatrolGraph:
    """``ways[a][b]`` is how long a dog walks from checkpoint a to its neighbour b (s); ways lead both ways."""

    ways: tuple[dict[int, float], ...]

    @staticmethod
    def of(count: int, ways: Iterable[tuple[int, int, float]]) -> "PatrolGraph":
        """A graph of ``count`` checkpoints; raises Unreachable where it does not hang together."""
        neighbours: list[dict[int, float]] = [{} for _ in range(count)]
        for a, b, seconds in ways:
            if not seconds > 0.0:
                raise ValueError(f"the way from {a} to {b} takes {seconds} s")
            neighbours[a][b] = neighbours[b][a] = min(seconds, neighbours[a].get(b, seconds))
        graph = PatrolGraph(tuple(neighbours))
        lost = np.flatnonzero(np.isinf(graph.seconds[0]))
        if lost.size:
            raise Unreachable(f"no way leads from checkpoint 0 to {', '.join(map(str, lost))}")
        return graph

    def __len__(self) -> int:
        return len(self.ways)

    @cached_property
    def _shortest(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Seconds from everywhere to everywhere, and the first step of the way (Dijkstra from each)."""
        count = len(self.ways)
        seconds = np.full((count, count), np.inf)
        first = np.full((count, count), -1, dtype=np.int64)
        for start in range(count):
            seconds[start, start], first[start, start] = 0.0, start
            open_: list[tuple[float, int]] = [(0.0, start)]
            while open_:
                so_far, here = heappop(open_)
                if so_far > seconds[start, here]:
                    continue
                for there, step in self.ways[here].items():
                    if so_far + step < seconds[start, there] - 1e-9:
                        seconds[start, there] = so_far + step
                        first[start, there] = there if here == start else first[start, here]
                        heappush(open_, (so_far + step, there))
        return seconds, first

    @cached_property
    def seconds(self) -> NDArray[np.float64]:
        """(n, n) seconds of the shortest way from each checkpoint to each."""
        return self._shortest[0]

    @cached_property
    def rows(self) -> list[list[float]]:
        """``seconds`` as lists: quicker to read one by one."""
        rows: list[list[float]] = self.seconds.tolist()
        return rows

    @cached_property
    def paths(self) -> list[list[tuple[int, ...]]]:
        """Which checkpoints the shortest way passes, its end included and its start not."""
        first = self._shortest[1].tolist()
        count = len(self.ways)

        def path(a: int, b: int) -> tuple[int, ...]:
            passed = []
            while a != b:
                a = first[a][b]
                passed.append(a)
            return tuple(passed)

        return [[path(a, b) for b in range(count)] for a in range(count)]

    def closed_walk(self, tour: Sequence[int]) -> list[int]:
        """All checkpoints that are passed on the round ``tour``, step by step, back to just before its first."""
        walk: list[int] = []
        for a, b in zip(tour, (*tour[1:], tour[0]), strict=True):
            walk += self.paths[a][b]
        return [walk[-1], *walk[:-1]] if walk else list(tour[:1])

    def length(self, tour: Sequence[int]) -> float:
        """How long one round of ``tour`` takes (s)."""
        return sum(self.rows[a][b] for a, b in zip(tour, (*tour[1:], tour[0]), strict=True))
