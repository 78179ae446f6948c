"""How well a dog knows where it is: seeded walks with slipping legs and people about; --runs, --seed, --site, --jobs.

Each run walks to a few places while its odometry slips by a tenth and people walk, stand and crowd round it; the error
is the truth's, at each scan. Then the dog is taken up and put down elsewhere, and has to find itself. Consistency:
NEES, the squared error weighed by the stated covariance, is chi-square of three degrees where that is honest: 3 on
average, and 95 % of it under 7.81 (Bar-Shalom, Li and Kirubarajan 2001, 5.4.2).
"""

import argparse
import json
import math
import multiprocessing
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench._random_trips import SITES, Unmade, walk_plan
from edge.navigation.localization import Fix
from xiaotian.direct.trial import Trial

OUT, ROW = Path("var/bench/localization"), "runs.jsonl"
SLIP_OF_ONE = 0.6  # sim.engine.sensor_faults: what a strength of 1 does
SLIP = 0.10  # of the way: how much farther the legs believe to have got
WALK_S, AFTER_S = 60.0, 30.0  # of walking, and at most of finding itself after it was moved
FOUND_M, FOUND_RAD, STEADY_S = 0.3, 0.15, 1.0  # so near, and for so long, the dog has found itself
CHI2_95 = 7.815  # of three degrees of freedom
MEDIAN_M, MEDIAN_DEG, P99_M, RECOVERED_S, RECOVERED = 0.05, 1.0, 0.20, 20.0, 0.95  # what is asked for


@dataclass(frozen=True)
class Run:
    """One walk. Metres, radians, seconds; ``recovery`` is None where the dog did not find itself in time."""

    number: int
    site: str
    people: int
    errors: list[float]
    turns: list[float]
    nees: list[float]
    lost_s: float  # of the walk, before it was moved
    recovery: float | None
    wrong: bool  # it was sure, and elsewhere, for a second and more after it was moved
    digest: str
    cpu_s: float


def walk(number: int, seed: int, only: str) -> Run:
    """One run."""
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    began, random = time.process_time(), np.random.default_rng([seed, number, 77])
    name = only or SITES[number % len(SITES)]
    while True:
        try:
            start, goals, script, people = walk_plan(name, random)
            break
        except Unmade:
            continue
    moved = goals[-1]
    script = [
        {"at": 0.0, "do": "sensor", "dog": "dog1", "sensor": "odom", "fault": "slip", "strength": SLIP / SLIP_OF_ONE},
        *script,
        {"at": WALK_S, "do": "lift", "dog": "dog1", "x": moved[0], "y": moved[1], "theta": moved[2], "seconds": 1.0},
    ]
    with Trial(name, {"dog1": start}, script, seed=seed * 100_003 + number) as trial:
        errors, lost_s = _followed(trial, [goal[:2] for goal in goals[:-1]])
        recovery, wrong = _found(trial)
        digest = trial.digest
    at, turn, nees = (list(column) for column in zip(*errors, strict=True))
    return Run(
        number, name, people, at, turn, nees, lost_s, recovery, wrong, digest[:16], time.process_time() - began
    )  # fmt: skip


def _followed(trial: Trial, goals: list[tuple[float, float]]) -> tuple[list[tuple[float, float, float]], float]:
    """Walk from goal to goal until the time is up: the errors, five a second, and how long the dog was lost."""
    left, errors, lost = list(goals), [], 0.0
    while trial.sim.elapsed < WALK_S - 0.02:
        if left and "dog1" not in trial.under_way:
            trial.go("dog1", *left.pop(0))
        out = trial.step()["dog1"]
        if trial.sim.steps % 10 == 0 and out.estimate is not None and trial.sim.elapsed > 2.0:
            assert abs(out.estimate.stamp - trial.sim.now) < 1e-6, "the truth is another moment's"
            lost += 0.2 * (out.fix is not Fix.TRACKING)
            errors.append(_error(trial, out.estimate))
    return errors, lost


def _found(trial: Trial) -> tuple[float | None, bool]:
    """Seconds from being put down until the dog knows its place for good; whether it was sure of a wrong one."""
    down, since, sure = trial.sim.elapsed + 1.04, None, 0.0
    wrong = False
    while trial.sim.elapsed < down + AFTER_S:
        out = trial.step()["dog1"]
        if trial.sim.elapsed < down or out.estimate is None:
            continue
        off, turn, _ = _error(trial, out.estimate)
        near = out.fix is Fix.TRACKING and off < FOUND_M and turn < FOUND_RAD and out.estimate.quality > 0
        since = (trial.sim.elapsed if since is None else since) if near else None
        sure = sure + 0.02 if out.fix is Fix.TRACKING and not near and trial.sim.elapsed > down + 5.0 else 0.0
        wrong = wrong or sure > 1.0
        if since is not None and trial.sim.elapsed - since >= STEADY_S:
            return round(since - down, 2), wrong
    return None, wrong


def _error(trial: Trial, estimate: Any) -> tuple[float, float, float]:
    x, y, theta = trial.sim.dogs["dog1"].place(trial.sim.data)
    off = np.array([estimate.pose.x - x, estimate.pose.y - y, math.remainder(estimate.pose.theta - theta, math.tau)])
    nees = float(off @ np.linalg.solve(estimate.covariance, off))
    return float(np.hypot(off[0], off[1])), abs(float(off[2])), nees


def run(arguments: list[str] | None = None) -> dict[str, Any]:
    """All runs; the figures."""
    options = _options(arguments or [])
    options.out.mkdir(parents=True, exist_ok=True)
    runs: list[Run] = []
    began = time.monotonic()
    with (options.out / ROW).open("w", encoding="utf-8") as rows:
        for one in _all(options):
            runs.append(one)
            rows.write(json.dumps(asdict(one)) + "\n")
            rows.flush()
            told = f"{len(runs)}/{options.runs} run {one.number} {one.site} {one.people} people: "
            told += f"median {np.median(one.errors):.3f} m, worst {max(one.errors):.3f} m, "
            told += f"NEES {np.mean(one.nees):.2f}, lost {one.lost_s:.1f} s, found after {one.recovery} s"
            told += " WRONGLY SURE" if one.wrong else ""
            print(f"{told} [{time.monotonic() - began:.0f} s]", file=sys.stderr, flush=True)
    return figures(runs) | {"seed": options.seed, "rows": str(options.out / ROW)}


def figures(runs: list[Run]) -> dict[str, Any]:
    """What is asked for, over these runs."""
    errors, turns, nees = (np.concatenate([getattr(r, key) for r in runs]) for key in ("errors", "turns", "nees"))
    recovered = sum(r.recovery is not None and r.recovery < RECOVERED_S for r in runs) / len(runs)
    median, turn, p99 = (
        float(np.median(errors)),
        math.degrees(float(np.median(turns))),
        float(np.quantile(errors, 0.99)),
    )
    times = [r.recovery for r in runs if r.recovery is not None]
    return {
        "figure": round(median, 4),
        "reference": MEDIAN_M,
        "ratio": round(median / MEDIAN_M, 3),
        "what": "median error, m",
        "met": median < MEDIAN_M and turn < MEDIAN_DEG and p99 < P99_M and recovered >= RECOVERED,
        "runs": len(runs),
        "median_deg": round(turn, 3),
        "p99_m": round(p99, 3),
        "worst_m": round(float(errors.max()), 3),
        "recovered_within_20_s": round(recovered, 3),
        "recovery_median_s": round(float(np.median(times)), 1) if times else None,
        "wrongly_sure": sum(r.wrong for r in runs),
        "lost_s": round(sum(r.lost_s for r in runs), 1),
        "nees_mean": round(float(nees.mean()), 2),  # 3 where the covariance is honest
        "nees_median": round(float(np.median(nees)), 2),  # 2.37 likewise
        "nees_within_95": round(float((nees < CHI2_95).mean()), 3),
    }


def _all(options: argparse.Namespace) -> Iterator[Run]:
    tasks = [(number, options.seed, options.site) for number in range(options.first, options.first + options.runs)]
    if options.jobs <= 1:
        for task in tasks:
            yield walk(*task)
        return
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        yield from pool.imap_unordered(_one, tasks)


def _one(task: tuple[int, int, str]) -> Run:
    return walk(*task)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench localization", description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first run's number")
    parser.add_argument("--site", choices=SITES, default="", help="all runs on one site")
    parser.add_argument("--jobs", type=int, default=1, help="processes, of one core each")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for rows")
    return parser.parse_args(arguments)
