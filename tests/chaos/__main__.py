"""`python -m tests.chaos --seeds 20`: so many storms, a JSON line each and one for all; rc 1 if something is lost."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from tests.chaos import several_processes
from tests.chaos.storm import DOGS, storm
from tests.postgresql import cluster


def main() -> int:
    """Run the storms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many storms")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--anomalies", type=int, default=500, help="in each, of four dogs together")
    parser.add_argument("--processes", action="store_true", help="of a station of several processes, on PostgreSQL")
    parser.add_argument("--keep", type=Path, help="keep what each storm leaves below this folder")
    given = parser.parse_args()
    if given.processes:
        return _of_processes(range(given.first, given.first + given.seeds), given.anomalies // len(DOGS))
    outcomes = []
    for seed in range(given.first, given.first + given.seeds):
        with tempfile.TemporaryDirectory(prefix="xiaotian-chaos-") as folder:
            here = given.keep / str(seed) if given.keep else Path(folder)
            here.mkdir(parents=True, exist_ok=True)
            outcome = storm(here, seed, given.anomalies // len(DOGS))
        outcomes.append(outcome)
        sys.stderr.write(json.dumps(asdict(outcome)) + "\n")
    catching_up = sorted(each.caught_up_s for each in outcomes)
    wrong = sum(len(each.missing) + len(each.doubled) + len(each.spoilt) for each in outcomes)
    summary = {
        "storms": len(outcomes),
        "faults": sum(len(each.faults) for each in outcomes),
        "anomalies": sum(each.anomalies for each in outcomes),
        "pictures": sum(each.pictures for each in outcomes),
        "sacrificed_pictures": sum(each.sacrificed for each in outcomes),
        "missing": sum(len(each.missing) for each in outcomes),
        "doubled": sum(len(each.doubled) for each in outcomes),
        "spoilt": sum(len(each.spoilt) for each in outcomes),
        "caught_up_s": {"median": catching_up[len(catching_up) // 2], "worst": catching_up[-1]},
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if wrong else 0


def _of_processes(seeds: Iterable[int], count: int) -> int:
    """Storms over several processes, each in a database of its own."""
    outcomes = []
    with cluster() as postgresql:
        for seed in seeds:
            with tempfile.TemporaryDirectory(prefix="xiaotian-chaos-") as folder:
                outcomes.append(several_processes.storm(Path(folder), seed, count, postgresql))
            sys.stderr.write(json.dumps(asdict(outcomes[-1])) + "\n")
    takeovers = sorted(took for each in outcomes for took in each.takeovers_s)
    summary = {
        "storms": len(outcomes),
        "faults": sum(len(each.faults) for each in outcomes),
        "anomalies": sum(each.anomalies for each in outcomes),
        "pictures": sum(each.pictures for each in outcomes),
        "missing_or_doubled": sum(len(each.missing) for each in outcomes),
        "spoilt": sum(len(each.spoilt) for each in outcomes),
        "rounds": sum(each.rounds for each in outcomes),
        "patrols": sum(each.patrols for each in outcomes),
        "wrong_rounds": sum(len(each.wrong_rounds) for each in outcomes),
        "overlapping_patrols": sum(len(each.overlapping) for each in outcomes),
        "takeover_s": {"median": takeovers[len(takeovers) // 2], "worst": takeovers[-1]} if takeovers else None,
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if any(not each.right for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
