"""What may not be walked, told of small maps of ground that are drawn by hand."""

import numpy as np
from numpy.typing import NDArray

from edge.navigation.height_map import HeightMapConfig
from edge.navigation.traversability import steps_in

CONFIG = HeightMapConfig()
SHAPE = (40, 40)
NOBODY = np.zeros(SHAPE, np.bool_)


def edges(ground: NDArray[np.float32], known: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """The cells that are the edge of a step, of ground that is all known or in part."""
    seen = np.ones(SHAPE, np.bool_) if known is None else known
    found = np.zeros(SHAPE, np.bool_)
    found.ravel()[steps_in(ground, ground, seen, NOBODY, CONFIG).steps] = True
    return found


def platform(height: float) -> NDArray[np.float32]:
    ground = np.zeros(SHAPE, np.float32)
    ground[:, 20:] = height
    return ground


def test_a_platform_has_an_edge_where_it_begins_and_none_at_the_ends_of_the_map() -> None:
    for height in (0.15, -0.15):
        columns = np.flatnonzero(edges(platform(height)).any(axis=0))
        assert set(columns) <= {19, 20}
        assert edges(platform(height))[:, columns].all()


def test_what_lies_at_the_end_of_one_row_is_no_step_to_the_beginning_of_the_next() -> None:
    slope = np.tile(np.linspace(0.0, 0.6, SHAPE[1], dtype=np.float32), (SHAPE[0], 1))  # 0.3 m a metre: walked
    assert not edges(slope).any()
    assert not edges(slope[:, ::-1]).any()
    both_ends = np.zeros(SHAPE, np.bool_)
    both_ends[:, :4] = both_ends[:, -4:] = True  # 1.6 m apart: neither side tells of the other
    assert not edges(slope, both_ends).any()


def test_rows_and_columns_are_judged_alike() -> None:
    ground = platform(0.15)
    ground[5:9, 3:7] = 0.3
    known = np.random.default_rng(4).random(SHAPE) < 0.9
    assert edges(ground, known).any()
    np.testing.assert_array_equal(edges(ground.T.copy(), known.T.copy()), edges(ground, known).T)
