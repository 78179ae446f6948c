"""The folder that ``xiaotian fleet init`` writes: where its files lie, and how the station is reached."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

ABOUT = "fleet.json"
SERVER = "fleet-server"  # the server's own name before the broker, and that of its certificate


READER = re.compile(r"[A-Za-z0-9_-]{1,60}")  # no dot: a dog's name in its certificate has one


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


def check_reader(name: str) -> None:
    """Raise ValueError where ``name`` is none for a reader of the feed."""
    if READER.fullmatch(name) is None or name == SERVER:
        raise ValueError(f"{name!r}: a reader's name has letters, digits, - and _, up to 60, and is not {SERVER}")
