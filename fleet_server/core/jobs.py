"""What is done again and again while the server runs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.concurrency import run_in_threadpool

LOOK_S = 0.5  # between looks whether it is ours to do

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """``work`` every ``period_s`` seconds, in a thread; first after one period, or ``at_once``. Only while ``may``."""

    work: Callable[[], object]
    period_s: float
    at_once: bool = False
    may: Callable[[], bool] = lambda: True

    async def run(self) -> None:
        """For ever; a fault is logged, and it is tried again the next time."""
        if not self.at_once:
            await asyncio.sleep(self.period_s)
        while True:
            while not self.may():  # another process does it, until it cannot
                await asyncio.sleep(LOOK_S)
            try:
                await run_in_threadpool(self.work)
            except Exception:
                log.exception("a job of the server failed", job=self.work.__qualname__)
            await asyncio.sleep(self.period_s)
