"""`python -m tools.make_worlds`: write the worlds, their models and their maps."""

from pathlib import Path

from sim import occupancy_map
from tools.make_worlds import logistics_park, residential_compound
from tools.make_worlds.models import models
from tools.make_worlds.sdf_writing import Thing

SIM = Path(__file__).resolve().parents[2] / "sim"
CONFIG = """<?xml version="1.0"?>
<model>
  <name>{name}</name>
  <version>1.0</version>
  <sdf version="1.9">model.sdf</sdf>
  <author><name>Xiaotian</name></author>
  <description>{what}</description>
</model>
"""


def files() -> dict[Path, str]:
    """What there is to write, by its place under sim/."""
    worlds = (residential_compound.world(), logistics_park.world())
    made = {Path(f"worlds/{world.name}/world.sdf"): world.xml() for world in worlds}
    for name, thing in models().items():
        made[Path(f"models/{name}/model.sdf")] = _model(thing)
        made[Path(f"models/{name}/model.config")] = CONFIG.format(name=name, what=name.replace("_", " "))
    return made


def write(folder: Path) -> list[Path]:
    """Write them under ``folder``."""
    for place, text in files().items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return [folder / place for place in files()]


def _model(thing: Thing) -> str:
    body = "\n".join(line.removeprefix("  ") for line in thing.xml())
    note = "<!-- Written by `python -m tools.make_worlds`. -->"
    return f'<?xml version="1.0"?>\n{note}\n<sdf version="1.9">\n{body}\n</sdf>\n'


def main() -> None:
    """Write everything, then the maps of the worlds."""
    for path in write(SIM):
        print(path)
        if path.name == "world.sdf":
            print(occupancy_map.write(path))


if __name__ == "__main__":
    main()
