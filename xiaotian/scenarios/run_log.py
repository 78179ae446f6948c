"""What a run tells while it runs, a JSON object a line, for who watches it: `told.jsonl` in its folder."""

import json
from pathlib import Path
from typing import Any

from xiaotian.scenarios.event_record import Entry
from xiaotian.scenarios.scenario import Scenario

TOLD = "told.jsonl"


class RunLog:
    """Written line by line; the first says what is run."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / TOLD

    def open(self, scenario: Scenario) -> None:
        """``scenario`` is run from now on."""
        name = {"zh": scenario.name.zh, "en": scenario.name.en}
        self._write({"name": name, "site": str(scenario.site), "dogs": [dog.name for dog in scenario.dogs]})

    def begin(self, zero: float) -> None:
        """The first patrol is assigned at ``zero``, in seconds since the simulator's start."""
        self._write({"zero": zero})

    def tell(self, entry: Entry, t: float, at: tuple[float, float] | None = None) -> None:
        """An entry of the timeline, and where it is about."""
        line: dict[str, Any] = {"t": round(t, 2), "label": entry.label, "dog": entry.dog, "text": entry.text}
        self._write(line | ({"at": at} if at else {}))

    def end(self, passed: bool) -> None:
        """The verdict."""
        self._write({"passed": passed})

    def _write(self, line: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
