"""What has come into a queue from another thread is taken out, without waiting."""

import queue
from typing import TypeVar

Item = TypeVar("Item")


def drained(waiting: "queue.Queue[Item] | queue.SimpleQueue[Item]") -> list[Item]:
    """All that is in it now, in the order in which it came."""
    taken: list[Item] = []
    try:
        while True:
            taken.append(waiting.get_nowait())
    except queue.Empty:
        return taken
