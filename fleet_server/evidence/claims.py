"""Which files are being written now: two uploads of one file would mix their bytes."""

import threading


class Claims:
    """Names, each held by one at a time."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._lock = threading.Lock()

    def enter(self, name: str) -> bool:
        """Take ``name``; False when somebody else has it."""
        with self._lock:
            if name in self._names:
                return False
            self._names.add(name)
            return True

    def leave(self, name: str) -> None:
        """Let go of ``name``."""
        with self._lock:
            self._names.discard(name)
