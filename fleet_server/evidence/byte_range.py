"""The part of a file that a browser asks for which seeks in a clip (RFC 9110, one range of bytes)."""

import re

Part = tuple[int, int]  # the first byte, and the one after the last: one byte at least
_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Unsatisfiable(ValueError):
    """A range beyond the end."""


def read_range(header: str | None, size: int) -> Part | None:
    """The first byte and the one after the last; None: all of it, as for what is no single range.

    Raises Unsatisfiable.
    """
    match = _ONE.fullmatch(header.strip()) if header else None
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    begin = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if begin >= size:
        raise Unsatisfiable(f"there are {size} bytes")
    return begin, end
