"""The held order on disk, so that it outlives the dog's process and a power cut."""

from pathlib import Path

import msgspec

from edge.files import replace_file
from edge.mission.held import Held

_decoder = msgspec.json.Decoder(Held)


class OrderFile:
    """Written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def put(self, held: Held) -> None:
        """Keep ``held``; raises OSError where the disk will not."""
        replace_file(self._path, msgspec.json.encode(held))

    def get(self) -> Held | None:
        """What was kept, or None where nothing was; a file that is no order is set aside, never taken in part."""
        try:
            return _decoder.decode(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            self._path.replace(self._path.with_suffix(".unreadable"))
            return None
