"""`xiaotian sim run` and `xiaotian sim watch`."""

import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from xiaotian.robot_processes import ROOT
from xiaotian.scenarios.scenario import Scenario

SHIPPED = ROOT / "sim/scenarios"


def run(
    scenarios: Annotated[
        list[Path] | None, typer.Argument(help="Scenario files, or folders of them; default: all that ship.")
    ] = None,
    report: Annotated[Path, typer.Option(help="Where pages, recordings and logs go; made anew.")] = Path("out"),
    junit: Annotated[Path | None, typer.Option(help="Where JUnit XML goes; default: junit.xml in the report.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many scenarios run at a time.")] = 1,
    seed: Annotated[int | None, typer.Option(help="Instead of the scenarios' own.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Run each so often, each time with the next seed.")] = 1,
    rate: Annotated[float, typer.Option(min=0.1, help="Simulated seconds a second.")] = 1.0,
    chance: Annotated[
        int, typer.Option("--random", min=0, help="So many made by chance, of --seed; others only if named.")
    ] = 0,
    site: Annotated[str, typer.Option(help="Of those made by chance; default: each of ours in turn.")] = "",
    mark: Annotated[str, typer.Option(help="Only scenarios with this mark.")] = "",
    detector: Annotated[str, typer.Option(help="Instead of the scenarios' own: auto, fallback, or a file.")] = "",
    wiring: Annotated[
        str,
        typer.Option(help="ros: the whole stack, as on a robot; direct: dogs and world in one process, in lock-step."),
    ] = "ros",
    check: Annotated[bool, typer.Option("--check", help="Read the scenarios and run none.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell everything that happens.")] = False,
) -> None:
    """Run scenarios against the whole stack, and judge: rc 0 when all passed, 1 when one did not, 2 for a mistake."""
    files = list(scenarios or ([] if chance else [SHIPPED]))
    made = _by_chance(chance, seed or 0, site)
    found = [one for one in _read(_files(files)) if not mark or mark in one.marks] + made
    if not found:
        _give_up(f"no scenario is marked {mark!r}" if mark else "no scenario is there", 2)
    found = _fit(found, wiring)
    if check:
        typer.echo(f"{len(found)} scenarios, all sound")
        return
    seed = None if chance else seed  # of those made by chance each has its own
    raise typer.Exit(_run(found, report.resolve(), junit, jobs, seed, repeat, rate, detector, wiring, verbose))


def _run(
    found: list[Scenario],
    report: Path,
    junit: Path | None,
    at_once: int,
    seed: int | None,
    repeat: int,
    rate: float,
    detector: str,
    wiring: str,
    verbose: bool,
) -> int:
    from xiaotian.child_processes import interruptible
    from xiaotian.local_stack import fresh
    from xiaotian.scenarios import junit_report as junit_file
    from xiaotian.scenarios import mcap_recording, report_pages, suite
    from xiaotian.scenarios.scenario_run import Options, Wiring
    from xiaotian.scenarios.terminal_progress import Telling

    try:
        fresh(report)
    except ValueError as error:
        _give_up(str(error).replace("--folder", "--report"), 2)
    interruptible()
    todo = suite.jobs(found, report, seed, repeat)
    began, clock, stop = datetime.now(UTC), time.monotonic(), threading.Event()
    verdicts = []
    with Telling(len(todo), verbose) as telling:
        try:
            for verdict in suite.run_all(
                todo, Options(rate, detector=detector, wiring=Wiring(wiring)), at_once, telling.say, stop
            ):
                verdicts.append(verdict)
                mcap_recording.write(verdict, verdict.outcome.folder / "recording.mcap")
                report_pages.write_scenario(verdict, verdict.outcome.folder)
                telling.tell(verdict)
        except KeyboardInterrupt:
            stop.set()
            typer.echo("xiaotian sim run: called off", err=True)
    junit_file.write(verdicts, junit or report / "junit.xml", began, time.monotonic() - clock)
    report_pages.write_index(verdicts, report, time.monotonic() - clock)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    for verdict in failed:
        about = ", ".join(dict.fromkeys(finding.about for finding in verdict.wrong))
        typer.echo(f"failed: {verdict.outcome.folder.name} ({about})")
    passed = len(verdicts) - len(failed)
    typer.echo(f"{passed} of {len(todo)} passed in {time.monotonic() - clock:.0f} s; {report}")
    return 0 if passed == len(todo) else 1


def _fit(found: list[Scenario], wiring: str) -> list[Scenario]:
    """Those that this wiring can run; of the others it is said why not."""
    if wiring not in ("ros", "direct"):
        _give_up(f"--wiring {wiring!r}: there are ros and direct", 2)
    if wiring == "ros":
        return found
    from xiaotian.direct.scenario_run import unfit

    for scenario in [one for one in found if unfit(one)]:
        sys.stderr.write(f"{scenario.key} is not run: {unfit(scenario)}\n")
    fit = [one for one in found if not unfit(one)]
    if not fit:
        _give_up("none of these can be run by --wiring direct", 2)
    return fit


def _by_chance(count: int, seed: int, site: str) -> list[Scenario]:
    """Scenarios made by chance; their files are kept in the folder that is printed."""
    if not count:
        return []
    from xiaotian.scenarios.random_scenarios import write_random

    folder = Path(tempfile.mkdtemp(prefix="xiaotian-scenarios-"))
    try:
        files = write_random(folder, count, seed, site)
    except ValueError as error:
        _give_up(str(error), 2)
    typer.echo(f"{count} scenarios by chance, seed {seed}, in {folder}", err=True)
    return _read(files)


def _files(given: list[Path]) -> list[Path]:
    return [file for each in given for file in (sorted(each.glob("*.yaml")) if each.is_dir() else [each])]


def _read(files: list[Path]) -> list[Scenario]:
    """All of them, or every mistake in them."""
    from xiaotian.scenarios.scenario_file import read_scenario
    from xiaotian.scenarios.strict_yaml import MalformedScenario

    found, mistakes = [], []
    for file in files:
        try:
            found.append(read_scenario(file))
        except MalformedScenario as error:
            mistakes.append(str(error))
    if mistakes:
        _give_up("\n".join(mistakes), 2)
    return found


def _give_up(why: str, code: int) -> None:
    sys.stderr.write(f"{why}\n")
    raise typer.Exit(code)


def watch(
    folder: Annotated[Path, typer.Option(help="The report folder of a run, that runs or that is over.")] = Path("out"),
    port: Annotated[int, typer.Option(help="Of the page, on 127.0.0.1; 0: a free one.")] = 0,
) -> None:
    """Look at running scenarios in a browser: dogs, people and what is told, as it happens; until Ctrl-C."""
    from xiaotian.child_processes import interruptible
    from xiaotian.scenarios.watch_page import Watch

    interruptible()
    watched = Watch(folder, port)
    typer.echo(f"open {watched.url}   (watching {folder})")
    try:
        watched.serve()
    except KeyboardInterrupt:
        typer.echo("")
