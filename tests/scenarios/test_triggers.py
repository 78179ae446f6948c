"""What is to happen is due at its time, or after what came first; and once."""

from pathlib import Path

from tests.scenarios.outcome_by_hand import SCENARIO
from xiaotian.scenarios.event_record import Kind, Record
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.triggers import Triggers

FAULTS = """\
faults:
  - {id: late, at: 5, do: broker, seconds: 1}
  - {id: early, at: 2, do: broker, seconds: 1}
  - {id: there, when: {checkpoint: gate, wait: 3}, do: broker, seconds: 1}
  - {id: then, when: {after: there}, do: broker, seconds: 1}
  - {id: told, when: {error: wayBlocked}, do: broker, seconds: 1}
"""


def test_each_is_due_once_in_its_turn(tmp_path: Path) -> None:
    file = tmp_path / "somebody.yaml"
    head, _, tail = SCENARIO.partition("faults:")
    file.write_text(
        head + FAULTS + tail[tail.index("expect:") :].replace("event:gone, ", "").replace("since: gone, ", "")
    )
    cues, record = Triggers(read_scenario(file)), Record()

    def due(now: float) -> list[str]:
        return [happening.id for happening in cues.due(now, record)]

    assert due(1.0) == []
    assert due(6.0) == ["early", "late"]
    record.add(0.0, Kind.CHECKPOINT, "gate")
    assert due(7.0) == []
    assert due(9.9) == []
    assert due(10.0) == ["there"]
    record.add(0.0, Kind.EVENT, "there")
    record.add(0.0, Kind.ERROR, "wayBlocked")
    assert due(10.1) == ["then", "told"]
    assert (due(100.0), cues.waiting) == ([], [])
