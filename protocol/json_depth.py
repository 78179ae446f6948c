"""How deep JSON is nested, told before it is decoded: decoders recurse, and a deep enough text ends them."""

import numpy as np

MOST = 64  # levels; the standard's own messages have seven, and only an action's parameter may hold more
_UNWANTED = bytes(set(range(256)) - set(b'"[]{}'))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


def too_deep(data: bytes, most: int = MOST) -> bool:
    """Whether lists and objects stand more than ``most`` levels inside each other; brackets within texts are none.

    Where ``data`` is no JSON it says so of the part before the fault at least: no decoder gets further.
    """
    if data.count(b"[") + data.count(b"{") <= most:
        return False  # nearly every message: two searches for a byte
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = unescaped.translate(_ONE_KIND, _UNWANTED).replace(b'""', b"")  # without texts that hold no bracket
    outside = b"".join(marks.split(b'"')[::2])
    steps = np.where(np.frombuffer(outside, np.uint8) == ord("["), 1, -1)
    return bool(np.cumsum(steps).max(initial=0) > most)
