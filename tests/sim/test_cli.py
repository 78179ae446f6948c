"""The commands."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from sim.cli import app, parse_dog
from sim.engine.simulation import DogPlan, Make
from tests.sim.conftest import box, write_world

runner = CliRunner()


def test_a_dog_is_told_by_name_place_and_make() -> None:
    assert parse_dog("rex:1,-2.5,0.5") == DogPlan("rex", 1.0, -2.5, 0.5, Make.LEGGED)
    assert parse_dog("rex:1,2,3:light").make is Make.LIGHT


@pytest.mark.parametrize("text", ["rex", "rex:1,2", ":1,2,3", "rex:1,2,3:flying", "rex:a,b,c"])
def test_a_dog_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"--dog|convert|valid Make"):
        parse_dog(text)


def test_a_map_is_drawn_where_it_is_wanted(tmp_path: Path) -> None:
    world = write_world(tmp_path, box("crate", "0 0 0.5 0 0 0", "1 1 1"))
    done = runner.invoke(app, ["map", str(world)])
    assert done.exit_code == 0
    assert (tmp_path / "map.pgm").is_file()


def test_a_look_from_above_is_a_picture(tmp_path: Path, opengl: None) -> None:
    out = tmp_path / "yard.png"
    done = runner.invoke(app, ["render", str(out), "--width", "320", "--height", "240", "--dog", "rex:5,5,0"])
    assert done.exit_code == 0, done.output
    picture = np.asarray(Image.open(out))
    assert picture.shape == (240, 320, 3)
    assert picture.std() > 20


def test_a_world_that_is_not_one_is_refused_in_a_sentence(tmp_path: Path) -> None:
    world = tmp_path / "w.sdf"
    world.write_text(json.dumps({}))
    done = runner.invoke(app, ["serve", "--world", str(world)])
    assert done.exit_code == 1
    assert "w.sdf" in done.output
