"""The last seconds of something, within a bound of bytes."""

import bisect
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class RollingBuffer(Generic[T]):
    """Items by their stamps (s). One that is older than the newest means that time was set back: it begins anew."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._items: deque[tuple[float, T, int]] = deque()
        self.bytes = 0
        self.crowded_out = 0
        """Items that went for want of room, and not for their age."""

    def __len__(self) -> int:
        return len(self._items)

    def add(self, stamp: float, item: T, size: int) -> None:
        """Add an item of ``size`` bytes; the oldest go where there is no room."""
        if self._items and stamp < self._items[-1][0]:
            self._items.clear()
            self.bytes = 0
        self._items.append((stamp, item, size))
        self.bytes += size
        while self.bytes > self._most:
            self._drop()
            self.crowded_out += 1

    def forget_before(self, stamp: float) -> None:
        """Forget what is older than ``stamp``."""
        while self._items and self._items[0][0] < stamp:
            self._drop()

    def between(self, begin: float, end: float) -> list[T]:
        """The items from ``begin`` to ``end``, both included, oldest first."""
        items = list(self._items)
        first = bisect.bisect_left(items, begin, key=lambda each: each[0])
        last = bisect.bisect_right(items, end, key=lambda each: each[0])
        return [item for _, item, _ in items[first:last]]

    def _drop(self) -> None:
        self.bytes -= self._items.popleft()[2]
