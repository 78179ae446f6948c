"""What is staged, before anything is started."""

from pathlib import Path

import pytest

from xiaotian.child_processes import Family
from xiaotian.local_stack import Berth, LocalStack, Plan


def test_how_long_the_world_has_run_is_read_from_the_last_whole_line(tmp_path: Path) -> None:
    with Family(tmp_path / "logs") as family:
        stage = LocalStack(Plan(tmp_path, live=True), family, lambda text: None)
    assert stage.simulated_s() == 0.0
    lines = b"".join(b'{"t": %d.5, "dogs": {"dog1": [1.0, 2.0, 3.0]}}\n' % t for t in range(5000))
    stage.live_file.write_bytes(lines + b'{"t": 5000.5, "do')
    assert stage.simulated_s() == 4999.5


def test_a_dog_starts_at_its_dock_or_where_it_is_told(tmp_path: Path) -> None:
    berths = (Berth("one", "light", "dock_2"), Berth("other", "legged", start=(1.0, 2.0, 3.0)))
    with Family(tmp_path / "logs") as family:
        stage = LocalStack(Plan(tmp_path, berths=berths), family, lambda text: None)
    dock = next(dock.pose for dock in stage.site.docks if dock.dock_id == "dock_2")
    assert stage.dogs["one"] == ("light", (dock.x, dock.y, dock.theta))
    assert stage.dogs["other"] == ("legged", (1.0, 2.0, 3.0))


def test_two_stages_of_a_plan_begin_at_the_same_hour_though_the_wall_has_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = []
    for wall in (1.7e9, 1.9e9):
        monkeypatch.setattr("xiaotian.local_stack.time.time", lambda wall=wall: wall)
        with Family(tmp_path / "logs") as family:
            began.append(wall + LocalStack(Plan(tmp_path), family, lambda text: None).clock_ahead_s)
    assert began[0] == began[1]
