"""The held order on disk, so that it outlives the dog's process and a power cut; and reports that were asked for."""

from pathlib import Path

import msgspec

from edge.atomic_file import replace_file
from edge.mission.order_progress import OrderProgress
from protocol.codec import encode
from protocol.state import State

MOST_REPORTS = 50  # the oldest make room

_decoder = msgspec.json.Decoder(OrderProgress)


class OrderFile:
    """Written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def put(self, held: OrderProgress) -> None:
        """Keep ``held``; raises OSError where the disk will not."""
        replace_file(self._path, msgspec.json.encode(held))

    def get(self) -> OrderProgress | None:
        """What was kept, or None where nothing was; a file that is no order is set aside, never taken in part."""
        try:
            return _decoder.decode(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            self._path.replace(self._path.with_suffix(".unreadable"))
            return None


def write_report(path: Path, reason: str, state: State) -> None:
    """Keep ``state`` and the ``reason`` for which it was asked; raises OSError where the disk will not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in sorted(path.parent.glob("report-*.json"))[: -MOST_REPORTS + 1]:
        old.unlink(missing_ok=True)
    told = {"reason": reason, "state": msgspec.Raw(encode(state))}
    replace_file(path, msgspec.json.encode(told))
