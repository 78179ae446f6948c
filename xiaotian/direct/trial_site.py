"""What a trial walks on: a site's folder and all that is made of it once, however many trials there are."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from edge.navigation.likelihood_field import Field, field
from edge.navigation.site_map import SiteMap, site_map_in
from protocol.site_folder import SiteFile, read_site
from xiaotian.robot_processes import ROOT

WORLDS = ROOT / "sim/worlds"


@dataclass(frozen=True)
class TrialSite:
    """A site with its world."""

    folder: Path
    file: SiteFile
    ground: SiteMap
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
    ground = site_map_in(folder)
    return TrialSite(folder, read_site(folder)[0], ground, field(ground.grid))
