"""Who started the simulator may call the script's entries, and reads the truth while it runs."""

import json
import os
from pathlib import Path

from sim.ros.control_channel import Cues, Live


def test_cues_come_line_by_line_and_a_half_one_waits() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as into, os.fdopen(writing, "wb", buffering=0) as out:
        cues = Cues(into)
        assert cues.take() == []
        out.write(b'{"entry": 2}\n{"entry": 0}\n{"ent')
        assert cues.take() == [2, 0]
        out.write(b'ry": 1}\nnonsense\n')
        assert cues.take() == [1]
        out.close()
        assert cues.take() == []


def test_each_truth_is_a_line_that_can_be_read_at_once(tmp_path: Path) -> None:
    file = tmp_path / "out/truth.jsonl"
    with Live(file) as live:
        live.tell({"t": 0.5, "dogs": {"rex": [1.0, 2.0, 0.0]}})
        (line,) = file.read_text().splitlines()
    assert json.loads(line)["dogs"] == {"rex": [1.0, 2.0, 0.0]}
