"""Which world Gazebo is to load and which dogs stand in it: from the launch file's arguments to what it starts."""

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import yaml

from sim.engine.sdf import MODEL_FOLDERS, SIM
from sim.gazebo.bridge import bridge_yaml
from sim.gazebo.dog import STAND_HEIGHT, dog_sdf
from sim.gazebo.visibility_flags import show_what_is_solid


@dataclass(frozen=True)
class Standing:
    """A dog and the place where it starts: metres, radians."""

    name: str
    x: float
    y: float
    theta: float


@dataclass(frozen=True)
class Spawning:
    """A site folder and the dogs in it."""

    site: Path
    dogs: tuple[Standing, ...]
    depth: bool = False

    def write(self, folder: Path) -> tuple[dict[str, Path], Path]:
        """Write the world, its models, each dog's SDF and the bridge's YAML into ``folder``; where the last two are."""
        write_world(self.site / "world.sdf", folder)
        files = {dog.name: folder / f"{dog.name}.sdf" for dog in self.dogs}
        for number, (name, path) in enumerate(files.items()):
            path.write_text(dog_sdf(name, number, self.depth), encoding="utf-8")
        config = folder / "bridge.yaml"
        config.write_text(bridge_yaml([dog.name for dog in self.dogs], self.depth), encoding="utf-8")
        return files, config


def read_spawning(site: str, dogs: str, depth: bool = False) -> Spawning:
    """``site`` is a folder, or the name of one of ours; ``dogs`` are words NAME or NAME:X,Y,THETA.

    A dog without a place takes the next dock that is free. Raises ValueError.
    """
    folder = site_folder(site)
    docks = docks_of(folder)
    standing: list[Standing] = []
    for word in dogs.replace(";", " ").split():
        name, _, place = word.partition(":")
        if name in (dog.name for dog in standing):
            raise ValueError(f"dogs: {name!r} is there twice")
        if not place and not docks:
            raise ValueError(f"dogs: no dock is left in {folder} for {name!r}; say {name}:X,Y,THETA")
        standing.append(Standing(name, *(_place(word, place) if place else docks.pop(0))))
    return Spawning(folder, tuple(standing), depth)


def site_folder(site: str) -> Path:
    """The folder of ``site``; raises ValueError where it has no world."""
    folder = Path(site) if "/" in site else SIM / "worlds" / site
    if not (folder / "world.sdf").is_file():
        known = ", ".join(sorted(path.parent.name for path in (SIM / "worlds").glob("*/world.sdf")))
        raise ValueError(f"site {site!r}: no world.sdf in {folder}; ours are {known}")
    return folder


def docks_of(folder: Path) -> list[tuple[float, float, float]]:
    """The site's docks: x, y, theta."""
    return [(dock["pose"]["x"], dock["pose"]["y"], dock["pose"]["theta"]) for dock in _site(folder).get("docks", [])]


def gazebo_arguments(folder: Path, headless: bool, verbosity: str = "2") -> str:
    """What follows ``gz sim`` for the world in ``folder``; ``headless`` is the server alone, cameras drawing by EGL."""
    words = ["-r", "-v", verbosity, *(["-s", "--headless-rendering"] if headless else [])]
    return shlex.join([*words, str(folder / "world.sdf")])


def write_world(world: Path, folder: Path) -> None:
    """The world as Gazebo is to see it, in ``folder``, and all our models so, in its folder ``models``."""
    (folder / "models").mkdir(parents=True, exist_ok=True)
    _write_solid(world, folder / "world.sdf")
    for model in (path for models in MODEL_FOLDERS for path in sorted(models.glob("*/model.sdf"))):
        made = folder / "models" / model.parent.name
        made.mkdir(exist_ok=True)
        _write_solid(model, made / "model.sdf")
        shutil.copy(model.with_name("model.config"), made)


def _write_solid(source: Path, made: Path) -> None:
    root = ElementTree.parse(source).getroot()  # noqa: S314  (our own file)
    show_what_is_solid(root)
    made.write_text(ElementTree.tostring(root, encoding="unicode", xml_declaration=True), encoding="utf-8")


def spawn_arguments(dog: Standing, file: Path) -> list[str]:
    """What follows ``ros2 run ros_gz_sim create``. Without -world it waits until Gazebo names its worlds."""
    return [
        *("-name", dog.name, "-file", str(file)),
        *("-x", f"{dog.x:g}", "-y", f"{dog.y:g}", "-z", f"{STAND_HEIGHT:g}", "-Y", f"{dog.theta:g}"),
    ]


def _place(word: str, text: str) -> tuple[float, float, float]:
    try:
        x, y, theta = map(float, text.split(","))
    except ValueError as error:
        raise ValueError(f"dogs: {word!r}: expected NAME or NAME:X,Y,THETA") from error
    return x, y, theta


def _site(folder: Path) -> dict[str, list[dict[str, dict[str, float]]]]:
    path = folder / "site.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
