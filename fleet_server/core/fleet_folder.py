"""The folder that ``xiaotian fleet init`` writes: where its files lie, and how the station is reached."""

import json
from dataclasses import dataclass
from pathlib import Path

ABOUT = "fleet.json"
SERVER = "fleet-server"  # the server's own name before the broker, and that of its certificate


class BadFolder(ValueError):
    """A folder that cannot be used; the text names it and what is wrong."""


@dataclass(frozen=True, slots=True)
class About:
    """How the station is reached: its names or addresses (the first is told to dogs), and its ports."""

    hosts: list[str]
    mqtt_port: int
    https_port: int


@dataclass(frozen=True, slots=True)
class FleetFolder:
    """Where everything lies. ``mosquitto`` is all that the broker needs to read."""

    root: Path

    @property
    def mosquitto(self) -> Path:
        """The broker's own folder."""
        return self.root / "mosquitto"

    @property
    def ca(self) -> Path:
        """The authority's certificate, which everybody may have."""
        return self.root / "ca.pem"

    def about(self) -> About:
        """How the station is reached; raises BadFolder."""
        path = self.root / ABOUT
        try:
            return About(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise BadFolder(f"{path}: {error}; was it made by `xiaotian fleet init`?") from error
