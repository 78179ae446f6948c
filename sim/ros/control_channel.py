"""What a program that started the simulator and the simulator say to each other while it runs: cues in, truth out."""

import json
import os
import sys
import time
from pathlib import Path
from typing import IO, Any, Self

import structlog

log = structlog.get_logger()
MOST_BYTES = 65536


class Cues:
    """Lines ``{"entry": N}`` on standard input: the script's entry N, counted from 0, is due now."""

    def __init__(self, stream: IO[bytes] | None = None) -> None:
        self._stream = (stream or sys.stdin.buffer).fileno()
        self._rest = b""
        os.set_blocking(self._stream, False)

    def take(self) -> list[int]:
        """The entries that have been called since the last time."""
        try:
            data = os.read(self._stream, MOST_BYTES)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [number for line in lines if (number := _entry(line)) is not None]


class Live:
    """A file to which the truth is written line by line while the simulator runs."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._stream = file.open("w", encoding="utf-8", buffering=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def tell(self, truth: dict[str, Any]) -> None:
        """Write ``truth``, and the wall's time."""
        self._stream.write(json.dumps({**truth, "wall": round(time.time(), 3)}) + "\n")


def _entry(line: bytes) -> int | None:
    try:
        return int(json.loads(line)["entry"])
    except (ValueError, KeyError, TypeError):
        log.error("no_cue", line=line.decode(errors="replace")[:200])
        return None
