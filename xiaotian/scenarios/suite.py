"""Runs many scenarios, some at a time, each in a folder and a ROS domain of its own."""

import os
import queue
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from xiaotian.ros_domain import MOST, free_domain
from xiaotian.scenarios.judge import Verdict, judge
from xiaotian.scenarios.run_log import RunLog
from xiaotian.scenarios.scenario import Scenario
from xiaotian.scenarios.scenario_run import Options, Outcome, Wiring, run

APART = 37  # from one job's domain to the next one's


@dataclass(frozen=True)
class Job:
    """One run of one scenario; ``turn`` counts the repetitions from 1."""

    scenario: Scenario
    turn: int
    folder: Path
    seed: int

    @property
    def name(self) -> str:
        """How progress and reports call it."""
        return self.folder.name


def jobs(scenarios: Sequence[Scenario], folder: Path, seed: int | None, repeat: int) -> list[Job]:
    """Every run that is to be made, each with a folder under ``folder``; a repetition has the seed after the last."""
    made = []
    for turn in range(1, repeat + 1):
        for scenario in scenarios:
            name = scenario.key if repeat == 1 else f"{scenario.key}-{turn}"
            first = scenario.seed if seed is None else seed
            made.append(Job(scenario, turn, folder / name, first + turn - 1))
    return made


Say = Callable[[Job, str], None]


def run_all(todo: Iterable[Job], options: Options, at_once: int, say: Say, stop: threading.Event) -> Iterator[Verdict]:
    """The verdict of each job, as they come; ``stop`` calls off what runs, and what waits is not begun."""
    slots: queue.SimpleQueue[int] = queue.SimpleQueue()
    for slot in range(at_once):
        slots.put(slot)

    def work(job: Job) -> Verdict | None:
        if stop.is_set():
            return None
        slot = slots.get()
        try:
            with _domain(slot) as domain:
                own = replace(options, seed=job.seed, domain_id=domain)
                verdict = _judged(job, own, lambda text: say(job, text), stop)
                RunLog(job.folder).end(verdict.passed)
                return verdict
        finally:
            slots.put(slot)

    with ThreadPoolExecutor(at_once, thread_name_prefix="scenario") as pool:
        waiting: set[Future[Verdict | None]] = {pool.submit(work, job) for job in todo}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from [verdict for each in done if (verdict := each.result()) is not None]
        finally:
            stop.set()


def _runner(wiring: Wiring) -> Callable[..., Outcome]:
    if wiring is Wiring.ROS:
        return run
    from xiaotian.direct import scenario_run

    return scenario_run.run


def _judged(job: Job, options: Options, say: Callable[[str], None], stop: threading.Event) -> Verdict:
    """The verdict of a run; one that did not come to be (a computer too busy to start it) is tried once more."""
    runs = _runner(options.wiring)
    for turn in (1, 2):
        job.folder.mkdir(parents=True)
        outcome = runs(job.scenario, job.folder, options, say, stop)
        if not outcome.error or stop.is_set() or turn == 2:
            break
        say(f"once more, for it did not run: {outcome.error}")
        job.folder.rename(job.folder.with_name(f"{job.folder.name}-did-not-run"))
    return judge(outcome)


@contextmanager
def _domain(slot: int) -> Iterator[int]:
    """A ROS domain in which nobody is heard now: the environment's for the first slot, others for the next."""
    base = int(os.environ.get("ROS_DOMAIN_ID", 0)) or random.randrange(1, MOST)
    yield free_domain(1 + (base - 1 + slot * APART) % (MOST - 1))
