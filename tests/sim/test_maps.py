"""The map that is drawn from the world."""

from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from sim import maps
from sim.engine.sdf import read_world
from tests.sim.conftest import box, write_world
from tests.sim.test_sdf import YARD


def test_the_committed_map_is_the_one_that_the_world_gives(tmp_path: Path) -> None:
    fresh = maps.write(YARD, tmp_path)
    assert fresh.read_text() == (YARD.parent / "map.yaml").read_text()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "map.pgm")), np.asarray(Image.open(YARD.parent / "map.pgm")))


def test_a_box_covers_its_cells_and_no_others(tmp_path: Path) -> None:
    grey, (left, bottom) = maps.draw(read_world(write_world(tmp_path, box("crate", "2 3 0.5 0 0 0", "1 2 1"))))
    assert (left, bottom) == (-30.0, -30.0)
    assert grey.shape == (600, 600)
    rows, columns = np.nonzero(grey == maps.OCCUPIED)
    xs, ys = left + (columns + 0.5) * 0.1, bottom + (599 - rows + 0.5) * 0.1
    assert abs(xs.min() - 1.55) < 0.11
    assert abs(xs.max() - 2.45) < 0.11
    assert abs(ys.min() - 2.05) < 0.11
    assert abs(ys.max() - 3.95) < 0.11
    assert 190 < len(rows) < 240


def test_what_a_dog_walks_under_or_over_is_free(tmp_path: Path) -> None:
    world = write_world(tmp_path, box("roof", "0 0 3 0 0 0", "4 4 0.2"), box("mat", "9 9 0.02 0 0 0", "2 2 0.04"))
    grey, _ = maps.draw(read_world(world))
    assert (grey == maps.FREE).all()


def test_every_checkpoint_and_dock_of_the_yard_has_room_for_a_dog() -> None:
    site = yaml.safe_load((YARD.parent / "site.yaml").read_text())
    grey, (left, bottom) = maps.draw(read_world(YARD))
    for place in (*site["checkpoints"], *site["docks"]):
        column, row = (place["pose"]["x"] - left) / 0.1, len(grey) - (place["pose"]["y"] - bottom) / 0.1
        around = grey[int(row) - 4 : int(row) + 5, int(column) - 4 : int(column) + 5]
        assert (around == maps.FREE).all(), place
