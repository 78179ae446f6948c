"""What a person sees while scenarios run: a line that moves on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from xiaotian.scenarios.judge import Verdict
from xiaotian.scenarios.suite import Job


class Telling:
    """Tells of each job what happens in it, and its verdict. Callable from any thread."""

    def __init__(self, todo: int, verbose: bool) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._verbose = verbose
        self._began: dict[str, float] = {}
        self._tasks: dict[str, TaskID] = {}
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(20),
            TextColumn("[dim]{task.fields[last]}"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._all = self._bar.add_task(f"{todo} scenarios", total=todo, last="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def say(self, job: Job, text: str) -> None:
        """Something happens in ``job``."""
        began = self._began.setdefault(job.name, time.monotonic())
        if job.name not in self._tasks:
            self._tasks[job.name] = self._bar.add_task(f"  {job.name}", total=None, last="")
            if not self._console.is_terminal:
                self._console.print(f"run   {job.name}: {job.scenario.name.en}", markup=False, soft_wrap=True)
        self._bar.update(self._tasks[job.name], last=escape(text[:70]))
        if self._verbose:
            self._console.print(
                f"      {job.name} {time.monotonic() - began:6.1f}  {text}", markup=False, soft_wrap=True
            )

    def tell(self, verdict: Verdict) -> None:
        """``verdict`` is in."""
        outcome = verdict.outcome
        name = outcome.folder.name
        if name in self._tasks:
            self._bar.remove_task(self._tasks.pop(name))
        word = "[green]pass[/]" if verdict.passed else "[bold red]FAIL[/]"
        took = f"{outcome.duration_s:.0f} s simulated, {outcome.wall_s:.0f} s"
        self._console.print(f"{word}  {escape(name)} [dim]({took})[/]")
        for finding in verdict.wrong:
            self._console.print(
                f"      {finding.about}: expected {finding.expected}, found {finding.found}",
                markup=False,
                soft_wrap=True,
            )
        self._bar.advance(self._all)
