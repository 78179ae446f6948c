"""How dogs get there among anybody: seeded trips over the three sites, in lock-step; --trips, --seed, --site, --jobs.

Each trip meets some of: people who walk, run, stand, sit or lie, other dogs on opposite and crossing ways, bags and
boxes from 0.15 m up, blocked ways, raised ground with edges. A contact is the dog's own when it moved towards the thing
faster than 0.05 m/s. The results are written as they come, and a page draws the worst ten.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench._random_trips import SITES, Trip, trip
from xiaotian.direct.trial import Trial

OUT = Path("var/bench/navigation")
ROW, WORST = "trips.jsonl", 10
LEAST_ARRIVED, LEAST_GAP, MOST_DETOUR = 0.99, 0.5, 1.15  # of trips that can be made; m; median of the shortest way


@dataclass(frozen=True)
class Result:
    """A trip and what came of it; all dogs' contacts, falls and drops, the first dog's way. Metres and seconds."""

    number: int
    seed: int
    site: str
    kinds: tuple[str, ...]
    legged: bool
    arrived: bool
    reason: str
    told: bool  # it ended with a reason before the time was up
    closed: bool  # what stands there closes the way: nobody could arrive
    seconds: float
    walked: float
    shortest: float
    ratio: float
    own_contacts: list[tuple[str, float, str]]  # dog, when, what
    other_contacts: int
    falls: int
    drops: int
    nearest_own: float | None
    digest: str
    cpu_s: float
    simulated_s: float

    @property
    def badness(self) -> tuple[float, ...]:
        """For the order of the worst."""
        near = max(0.0, LEAST_GAP - (9.0 if self.nearest_own is None else self.nearest_own))
        lost = not self.arrived and not (self.closed and self.told)
        return len(self.own_contacts) + self.drops + 0.5 * self.falls, near, lost, self.ratio


def walk(made: Trip) -> tuple[Result, dict[str, Any]]:
    """Make the trip; the result, and what is needed to draw it."""
    import logging

    import structlog

    from sim.engine.simulation import Make

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    began = time.process_time()
    starts = {"dog1": made.start, **{name: start for name, (start, _) in made.others.items()}}
    make = Make.LEGGED if made.legged else Make.LIGHT
    with Trial(made.site, starts, made.script, seed=made.seed * 100_003 + made.number, make=make) as trial:
        trial.go("dog1", *made.goal)
        for name, (_, goal) in made.others.items():
            trial.go(name, *goal)
        mine = trial.run(made.patience_s)
        simulated, digest = trial.sim.elapsed, trial.digest
    one = mine["dog1"]
    shortest = made.shortest or made.bare
    own = [(name, c.t, c.thing) for name, happened in mine.items() for c in happened.own_contacts]
    nearest = min(happened.account.nearest_own for happened in mine.values())
    result = Result(
        number=made.number,
        seed=made.seed,
        site=made.site,
        kinds=made.kinds,
        legged=made.legged,
        arrived=one.arrived,
        reason=one.reason,
        told=one.ended is not None,
        closed=made.shortest is None,
        seconds=one.seconds,
        walked=round(one.walked, 2),
        shortest=round(shortest, 2),
        ratio=round(one.walked / shortest, 3),
        own_contacts=own,
        other_contacts=sum(len(happened.contacts) for happened in mine.values()) - len(own),
        falls=sum(happened.account.falls for happened in mine.values()),
        drops=sum(happened.account.drops for happened in mine.values()),
        nearest_own=round(nearest, 3) if np.isfinite(nearest) else None,
        digest=digest[:16],
        cpu_s=round(time.process_time() - began, 2),
        simulated_s=round(simulated, 1),
    )
    paths = {name: [row[:4] for row in happened.account.path] for name, happened in mine.items()}
    return result, {"paths": paths, "script": made.script, "goal": made.goal, "people": {}}


def run(arguments: list[str] | None = None) -> dict[str, Any]:
    """All trips; the figures."""
    options = _options(arguments or [])
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    drawn: dict[int, dict[str, Any]] = {}
    numbers = options.only or range(options.first, options.first + options.trips)
    began = time.monotonic()
    with (out / ROW).open("w", encoding="utf-8") as rows:
        for result, drawing in _walked(numbers, options):
            results.append(result)
            drawn[result.number] = drawing
            rows.write(json.dumps(asdict(result)) + "\n")
            rows.flush()
            _say(result, len(results), len(numbers), time.monotonic() - began)
            worst = sorted(results, key=lambda r: r.badness, reverse=True)[:WORST]
            drawn = {each.number: drawn[each.number] for each in worst}
            if len(results) % 20 == 0 or len(results) == len(numbers):
                from bench._trip_report import write

                write(out / "index.html", figures(results, options.seed), worst, drawn)
    return figures(results, options.seed) | {"page": str(out / "index.html"), "rows": str(out / ROW)}


def figures(results: list[Result], seed: int) -> dict[str, Any]:
    """What is asked for, over these trips."""
    open_ = [r for r in results if not r.closed]
    arrived = [r for r in open_ if r.arrived]
    near = [r.nearest_own for r in results if r.nearest_own is not None]
    own = [contact for r in results for contact in r.own_contacts]
    share = len(arrived) / max(len(open_), 1)
    ratio = float(np.median([r.ratio for r in arrived])) if arrived else None
    gap = min(near, default=None)
    drops = sum(r.drops for r in results)
    untold = [r.number for r in results if not r.arrived and not r.told]
    good = share >= LEAST_ARRIVED and not own and not drops and (gap is None or gap >= LEAST_GAP)
    return {
        "figure": round(share, 4),
        "reference": LEAST_ARRIVED,
        "ratio": round(share / LEAST_ARRIVED, 4),
        "what": "share of trips that can be made that arrive",
        "met": good and (ratio or 9.0) <= MOST_DETOUR and not untold,
        "seed": seed,
        "trips": len(results),
        "closed": len(results) - len(open_),
        "own_contacts": len(own),
        "own_contacts_with": dict(Counter(thing.rpartition("_")[0] or thing for _, _, thing in own).most_common()),
        "other_contacts": sum(r.other_contacts for r in results),
        "falls": sum(r.falls for r in results),
        "drops": drops,
        "nearest_to_a_person_m": gap,
        "nearer_than_half_a_metre": sum(each < LEAST_GAP for each in near),
        "median_of_shortest": None if ratio is None else round(ratio, 3),
        "not_arrived": {r.number: r.reason for r in results if not r.arrived},
        "untold": untold,
        "times_real": round(sum(r.simulated_s for r in results) / max(sum(r.cpu_s for r in results), 1e-6), 2),
    }


def _walked(numbers: Any, options: argparse.Namespace) -> Iterator[tuple[Result, dict[str, Any]]]:
    tasks = [(number, options.seed, options.site) for number in numbers]
    if options.jobs <= 1:
        yield from map(_one, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        yield from pool.imap_unordered(_one, tasks)


def _one(task: tuple[int, int, str]) -> tuple[Result, dict[str, Any]]:
    return walk(trip(*task))


def _say(result: Result, done: int, of: int, spent: float) -> None:
    bad = [f"{len(result.own_contacts)} CONTACTS {result.own_contacts[0][2]}"] if result.own_contacts else []
    bad += [f"{result.drops} DROPS"] if result.drops else []
    bad += [f"{result.nearest_own} m"] if (result.nearest_own or 9.0) < LEAST_GAP else []
    end = "arrived" if result.arrived else f"NOT: {result.reason}"
    told = f"{done}/{of} trip {result.number} {result.site} {'+'.join(result.kinds)}: {end} x{result.ratio}"
    print(" ".join([told, *bad, f"[{spent:.0f} s]"]), file=sys.stderr, flush=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench navigation", description=__doc__)
    parser.add_argument("--trips", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first trip's number")
    parser.add_argument("--only", type=int, nargs="*", help="these numbers alone: one trip again")
    parser.add_argument("--site", choices=SITES, default="", help="all trips on one site")
    parser.add_argument("--jobs", type=int, default=1, help="processes, of one core each")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for rows and page")
    return parser.parse_args(arguments)
