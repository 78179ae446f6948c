"""Child processes that live and die together, and are ended by their own handle alone."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

GRACE_S = 8.0  # from SIGTERM to SIGKILL: the server closes its database, the simulator writes its report
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class ProcessDied(RuntimeError):
    """A process ended by itself; the text has its name, its return code and the end of its log."""


@dataclass(frozen=True)
class Process:
    """What to start: a name for people and logs, the command, and what it adds to the environment.

    Those of one ``tier`` are ended together, the highest first: what others talk to has a low one.
    ``told`` ones can be written to.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    tier: int = 0
    told: bool = False


@dataclass
class _Running:
    process: Process
    handle: "subprocess.Popen[bytes]"
    log: Path


class Family:
    """Starts processes, each with a log file of its own, and ends them tier by tier.

    Each child gets a session of its own, so that Ctrl-C reaches this process alone and the end is orderly; and a
    death signal, so that no child outlives a parent that was killed.
    """

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: list[_Running] = []
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, process: Process) -> int:
        """Start ``process`` and return its pid."""
        log = self.logs / f"{process.name}.log"
        with log.open("ab") as out:
            handle = self._popen(process, out)
        self._running.append(_Running(process, handle, log))
        return handle.pid

    def check(self) -> None:
        """Raise ProcessDied if one of them has ended."""
        for running in self._running:
            code = running.handle.poll()
            if code is not None:
                raise ProcessDied(f"{running.process.name} ended with {code}; {running.log} ends:\n{tail(running.log)}")

    def take_ended(self) -> list[tuple[Process, int]]:
        """Those that have ended since the last call, with their return codes; they are forgotten here."""
        ended = [(r, code) for r in self._running if (code := r.handle.poll()) is not None]
        self._running = [r for r in self._running if r not in [gone for gone, _ in ended]]
        return [(r.process, code) for r, code in ended]

    def tell(self, name: str, line: str) -> None:
        """Write a line to the process of that name; raises LookupError, or OSError where it reads no more."""
        stdin = self._named(name).handle.stdin
        assert stdin is not None, f"{name} is not to be told anything"
        stdin.write(line.encode() + b"\n")
        stdin.flush()

    def kill(self, name: str) -> Process:
        """End the process of that name as a power cut would, and forget it; raises LookupError."""
        running = self._named(name)
        running.handle.kill()
        running.handle.wait()
        self._running.remove(running)
        return running.process

    def stop(self) -> None:
        """End all of them: a tier after the other, the highest first."""
        for tier in sorted({r.process.tier for r in self._running}, reverse=True):
            handles = [r.handle for r in self._running if r.process.tier == tier]
            for handle in handles:
                if handle.poll() is None:
                    handle.terminate()
            deadline = time.monotonic() + GRACE_S
            for handle in handles:
                _see_end(handle, deadline)
        self._running.clear()

    def _named(self, name: str) -> _Running:
        running = next((r for r in self._running if r.process.name == name), None)
        if running is None:
            raise LookupError(f"no process {name!r} is running")
        return running

    @staticmethod
    def _popen(process: Process, out: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            list(process.command),
            env={**os.environ, **process.env},
            stdin=subprocess.PIPE if process.told else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def wait_for(condition: Callable[[], bool], timeout_s: float, what: str, family: Family | None = None) -> None:
    """Wait until ``condition()`` is true; raises TimeoutError, or ProcessDied as soon as a process ends."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if family is not None:
            family.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:.0f} s for {what}")
        time.sleep(0.1)


def interruptible() -> None:
    """Let SIGTERM end this process as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGINT):  # SIGINT too: a shell starts background jobs with it ignored
        signal.signal(number, signal.default_int_handler)


def _see_end(handle: "subprocess.Popen[bytes]", deadline: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        handle.wait(max(0.0, deadline - time.monotonic()))
        return
    handle.kill()
    handle.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
