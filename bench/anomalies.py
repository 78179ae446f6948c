"""Seeded visits of a simulated dog, half of them with nothing wrong: what its rules tell of, how soon, and where.

Each visit is some 15 seconds on one of the three sites: a walk of a few metres to where its place is in plain view, and
a stand there. Writes a row for each, and a page with the pictures of what was missed or told in vain.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench._visit_page import write
from bench._visit_run import Result, live, row
from bench._visits import KINDS, visit

OUT = Path("out/anomalies")
LEAST_RECALL = {"intrusion": 0.95, "loitering": 0.95, "lying": 0.95, "parked": 0.95, "bag": 0.9, "fire": 0.9}
MOST_FALSE = 0.1  # an hour
FAR_OFF = (0.0, 4.0, 7.0, 13.0)
"""Metres away: the bands of the errors of place; the last is that about 10 m."""
NINETY_FIVE = 5.991
"""Of the chi-square distribution with 2 degrees of freedom; its mean is 2."""


def run(arguments: list[str] | None = None) -> dict[str, Any]:
    """Recall by kind, false alarms an hour, delays, errors, duplicates."""
    options = _options(arguments or [])
    options.out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    began = time.monotonic()
    with (options.out / "rows.jsonl").open("w", encoding="utf-8") as rows:
        for result in _lived(options):
            results.append(result)
            rows.write(json.dumps(row(result)) + "\n")
            rows.flush()
            _say(result, len(results), time.monotonic() - began)
    told = figures(results) | {"seed": options.seed, "detector": options.detector}
    write(options.out / "index.html", told, results)
    return told | {"page": str(options.out / "index.html")}


def figures(results: list[Result]) -> dict[str, Any]:
    """What these visits come to."""
    kinds = {kind: _kind([r for r in results if r.visit.kind == kind]) for kind in KINDS}
    kinds = {kind: each for kind, each in kinds.items() if each}
    right = [told for r in results for told in r.right]
    hours = sum(r.simulated_s for r in results) / 3600
    false = sum(len(r.false) for r in results)
    errors = {
        f"{low:g}_to_{high:g}_m": _errors([t for t in right if low <= t.away < high and t.kind != "SMOKE"])
        for low, high in pairwise(FAR_OFF)
    }
    recalls = [each["recall"] - LEAST_RECALL[kind] for kind, each in kinds.items() if each["recall"] is not None]
    return {
        "figure": round(min((each["recall"] for each in kinds.values() if each["recall"] is not None), default=0.0), 3),
        "what": "the least recall of a kind",
        "visits": len(results),
        "nothing_wrong": sum(not r.visit.wrong for r in results),
        "hours": round(hours, 3),
        "kinds": kinds,
        "false_alarms": false,
        "false_alarms_an_hour": round(false / hours, 2) if hours else None,
        "duplicates": sum(r.duplicates for r in results),
        "place": errors,
        "within_95_percent_ellipse": _share([t.squared <= NINETY_FIVE for t in right]),
        "mean_chi_square_of_2": round(statistics.fmean(t.squared for t in right), 2) if right else None,
        "met": all(gap >= 0 for gap in recalls)
        and false <= MOST_FALSE * hours
        and not any(r.duplicates for r in results),
    }


def _kind(results: list[Result]) -> dict[str, Any]:
    chances = [r for r in results if r.had_a_chance]
    found = [r for r in chances if r.right]
    delays = [r.right[0].t - r.seen_at for r in found]
    if not results:
        return {}
    return {
        "recall": _share([bool(r.right) for r in chances]),
        "of": len(chances),
        "hardly_seen": sum(bool(r.visit.wrong) and not r.had_a_chance for r in results),
        "false_alarms": sum(len(r.false) for r in results),
        "after_s_median": round(statistics.median(delays), 1) if delays else None,
        "after_s_p95": round(float(np.percentile(delays, 95)), 1) if delays else None,
        "off_m_median": round(statistics.median(r.right[0].off for r in found), 2) if found else None,
    }


def _errors(told: list[Any]) -> dict[str, Any]:
    if not told:
        return {"of": 0}
    off = [each.off for each in told]
    return {
        "of": len(told),
        "median": round(statistics.median(off), 2),
        "p95": round(float(np.percentile(off, 95)), 2),
        "within_half_a_metre": _share([each <= 0.5 for each in off]),
    }


def _share(good: list[bool]) -> float | None:
    return round(sum(good) / len(good), 3) if good else None


def _lived(options: argparse.Namespace) -> Iterator[Result]:
    numbers = options.only or range(options.first, options.first + options.visits)
    tasks = [(number, options.seed, options.kind, options.detector) for number in numbers]
    if options.jobs <= 1:
        yield from map(_one, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        yield from pool.imap(_one, tasks)


def _one(task: tuple[int, int, str, str]) -> Result:
    number, seed, kind, detector = task
    return live(visit(number, seed, kind), detector)


def _say(result: Result, done: int, spent: float) -> None:
    what = result.visit
    said = "MISSED" if result.had_a_chance and not result.right else ""
    said = f"hardly seen ({result.in_view_s:.1f} s)" if what.wrong and not result.had_a_chance else said
    told = [
        f"{'' if t.expected else 'FALSE '}{t.kind} at {t.t} s, {t.off:.2f} m off at {t.away:.1f} m" for t in result.told
    ]
    line = f"{done} visit {what.number} {what.site} {what.light.value} {what.kind} {what.wrong or 'nothing'}:"
    print(" ".join([line, said, "; ".join(told), f"[{spent:.0f} s]"]), file=sys.stderr, flush=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench anomalies", description=__doc__)
    parser.add_argument("--visits", type=int, default=216)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS, default="", help="visits of this kind alone")
    parser.add_argument("--first", type=int, default=0, help="the first visit's number")
    parser.add_argument("--only", type=int, nargs="*", help="these numbers alone: one visit again")
    parser.add_argument("--detector", default="fallback", help="as the dog's setting has it")
    parser.add_argument("--jobs", type=int, default=1, help="processes, of one core each")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for rows and page")
    return parser.parse_args(arguments)
