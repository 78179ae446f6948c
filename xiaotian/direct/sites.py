"""What a trial walks on: a site's folder and all that is made of it once, however many trials there are."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from edge.navigation.ground import Ground, ground_in
from edge.navigation.likelihood import Field, field
from protocol.site_folder import SiteFile, read_site
from xiaotian.robot import ROOT

WORLDS = ROOT / "sim/worlds"


@dataclass(frozen=True)
class TrialSite:
    """A site with its world."""

    folder: Path
    file: SiteFile
    ground: Ground
    field: Field

    @property
    def world(self) -> Path:
        """The world's SDF."""
        return self.folder / "world.sdf"


def names() -> list[str]:
    """The sites that we ship."""
    return sorted(path.parent.name for path in WORLDS.glob("*/site.yaml"))


@lru_cache(maxsize=8)
def site(name: str | Path) -> TrialSite:
    """A shipped site by its name, or any site's folder; raises MalformedSite or UnusableMap."""
    folder = Path(name) if Path(name).is_dir() else WORLDS / str(name)
    ground = ground_in(folder)
    return TrialSite(folder, read_site(folder)[0], ground, field(ground.grid))
