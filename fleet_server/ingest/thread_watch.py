"""Looks whether threads live, starts those again that have ended, and counts."""

from collections.abc import Sequence
from typing import Protocol


class Thread(Protocol):
    """Work in a thread of its own."""

    def revive(self) -> bool:
        """Begin anew if the thread has ended; whether it had."""
        ...


class ThreadWatch:
    """``restarts`` counts since the start."""

    def __init__(self, threads: Sequence[Thread]) -> None:
        self._threads = threads
        self.restarts = 0

    def look(self) -> None:
        """Start again what has ended."""
        for thread in self._threads:
            self.restarts += thread.revive()
