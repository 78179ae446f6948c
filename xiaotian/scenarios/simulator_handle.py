"""The simulator as the runner sees it: its time and its truth while it runs, and the cues that it is given."""

import json
import time
from pathlib import Path
from typing import Any

from xiaotian.child_processes import Family
from xiaotian.local_stack import SIMULATOR
from xiaotian.scenarios.scenario import Scenario

NEVER = 1.0e8  # seconds: the time of an entry until its cue is given


def write_script(scenario: Scenario, file: Path) -> None:
    """The scenario's script for the simulator: all that happens in the world, none of it before its cue."""
    entries = [each.entry | {"at": NEVER} for each in scenario.happenings if each.entry is not None]
    file.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")


class World:
    """Reads what the simulator writes while it runs, and tells it when its entries are due."""

    def __init__(self, scenario: Scenario, live_file: Path, family: Family, rate: float) -> None:
        self._entries = [each.id for each in scenario.happenings if each.entry is not None]
        self._file = live_file
        self._family = family
        self._rate = rate
        self._offset = 0
        self._rest = b""
        self._last: dict[str, Any] | None = None

    @property
    def ready(self) -> bool:
        """Whether it has told anything."""
        self._read()
        return self._last is not None

    def now(self) -> float:
        """Seconds since the simulator's start, as well as they are known between two of its lines."""
        self._read()
        assert self._last is not None
        since: float = time.time() - self._last["wall"]
        told: float = self._last["t"]
        return told + min(since * self._rate, 1.0)  # it stands still if nothing comes any more

    def cue(self, name: str) -> None:
        """The happening ``name`` is due now."""
        self._family.tell(SIMULATOR, json.dumps({"entry": self._entries.index(name)}))

    def _read(self) -> None:
        if not self._file.exists():
            return
        with self._file.open("rb") as stream:
            stream.seek(self._offset)
            data = self._rest + stream.read()
            self._offset = stream.tell()
        *lines, self._rest = data.split(b"\n")
        if lines:
            self._last = json.loads(lines[-1])
