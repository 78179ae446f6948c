"""Child processes live and die together."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from xiaotian.child_processes import Family, Process, ProcessDied, wait_for

SLEEPER = [sys.executable, "-S", "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-S",
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


def up(log: Path) -> bool:
    return log.exists() and "up" in log.read_text()


def test_the_end_of_the_family_is_the_end_of_each(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        pids = [family.start(Process(name, SLEEPER)) for name in ("a", "b")]
        wait_for(lambda: up(tmp_path / "a.log") and up(tmp_path / "b.log"), 10, "both")
        assert all(psutil.pid_exists(pid) for pid in pids)
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_one_that_ends_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        family.start(Process("talker", [sys.executable, "-S", "-c", "print('no camera'); raise SystemExit(3)"]))
        with pytest.raises(ProcessDied, match=r"talker ended with 3(?s:.*)no camera"):
            wait_for(lambda: False, 10, "nothing", family)


def test_one_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import xiaotian.child_processes

    monkeypatch.setattr(xiaotian.child_processes, "GRACE_S", 0.3)
    with Family(tmp_path) as family:
        pid = family.start(Process("stubborn", STUBBORN))
        wait_for(lambda: up(tmp_path / "stubborn.log"), 10, "it")
    assert not psutil.pid_exists(pid)


def test_the_ended_are_taken_once(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        family.start(Process("short", [sys.executable, "-S", "-c", "raise SystemExit(4)"]))
        taken: list[tuple[Process, int]] = []
        wait_for(lambda: bool(taken.extend(family.take_ended()) or taken), 10, "its end")
        assert [(process.name, code) for process, code in taken] == [("short", 4)]
        assert family.take_ended() == []


def test_waiting_in_vain_says_for_what(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="0 s for the dogs"):
        wait_for(lambda: False, 0, "the dogs")


def test_no_child_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from xiaotian.child_processes import Family, Process
family = Family(Path({str(tmp_path)!r}))
print(family.start(Process("child", {SLEEPER!r})), flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        os.kill(parent.pid, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie", 10, "the child's end")


def test_one_that_is_killed_is_forgotten_and_can_be_started_again(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        pid = family.start(Process("dog", SLEEPER))
        process = family.kill("dog")
        assert not psutil.pid_exists(pid)
        family.check()
        assert psutil.pid_exists(family.start(process))
        with pytest.raises(LookupError, match="no process 'cat' is running"):
            family.kill("cat")


def test_one_that_listens_is_told_line_by_line(tmp_path: Path) -> None:
    echo = [sys.executable, "-S", "-c", "import sys; [print('heard', line.strip(), flush=True) for line in sys.stdin]"]
    with Family(tmp_path) as family:
        family.start(Process("echo", echo, told=True))
        family.tell("echo", "sit")
        family.tell("echo", "stay")
        wait_for(lambda: "heard stay" in (tmp_path / "echo.log").read_text(), 10, "the echo")


def test_a_tier_ends_before_the_ones_below_it(tmp_path: Path) -> None:
    last_words = "import os, signal, sys, time; signal.signal(15, lambda *_: (os.write(1, b'%s\\n'), sys.exit()));"
    log = tmp_path / "ends.log"
    with Family(tmp_path) as family:
        for name, tier in (("server", 0), ("dog", 1)):
            words = last_words.replace("os.write(1, b'%s\\n')", f"open({str(log)!r}, 'a').write('{name} ')")
            family.start(
                Process(
                    name, [sys.executable, "-S", "-c", words + "print('up', flush=True); time.sleep(600)"], tier=tier
                )
            )
        wait_for(lambda: up(tmp_path / "server.log") and up(tmp_path / "dog.log"), 10, "both")
    assert log.read_text() == "dog server "
