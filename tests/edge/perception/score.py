"""Which of the found boxes are people who are there."""

from collections.abc import Sequence

from edge.perception.detector import Box

AGREE = 0.5
"""Intersection over union from which a found box is that person's."""


def matched(true: Sequence[Box], found: Sequence[Box]) -> list[tuple[int, int]]:
    """Pairs of indices, each used once, best overlap first."""
    pairs = [(t.overlap(f), i, j) for i, t in enumerate(true) for j, f in enumerate(found)]
    chosen: list[tuple[int, int]] = []
    for overlap, i, j in sorted(pairs, reverse=True):
        if overlap >= AGREE and all(i != a and j != b for a, b in chosen):
            chosen.append((i, j))
    return chosen
