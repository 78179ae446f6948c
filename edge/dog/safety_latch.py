"""What must hold a dog over a restart of its safety gate: the emergency stop and a fall, in a file on its own disk."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from edge.atomic_file import replace_file
from edge.navigation.safety_gate import Latched


class SafetyLatch:
    """``save`` writes what changed. A file that cannot be read latches the emergency stop, and that is said."""

    def __init__(self, path: Path, say: Callable[[str], object]) -> None:
        self._path, self._say = path, say
        self._saved: Latched | None = None

    def load(self) -> Latched:
        """What held the dog when it was last said; nothing where nothing ever was."""
        try:
            self._saved = msgspec.json.decode(self._path.read_bytes(), type=Latched)
        except FileNotFoundError:
            self._saved = Latched()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._say(f"{self._path} cannot be read ({error}): the emergency stop holds until a person releases it")
            return Latched(emergency_stop=True)
        return self._saved

    def save(self, latched: Latched) -> None:
        """Write it, if it is not what the file says; what cannot be written is tried again with the next."""
        if latched == self._saved:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, msgspec.json.encode(latched))
        except OSError as error:
            self._say(f"{self._path} cannot be written: {error}")
            return
        self._saved = latched
