"""`python -m tests.chaos --seeds 20`: so many storms, a JSON line each and one for all; rc 1 if something is lost."""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from tests.chaos import several_processes
from tests.chaos.storm import DOGS, Outcome, storm
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
    count = given.anomalies // len(DOGS)
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        blow: Callable[[Path, int, int], Outcome] = storm
        if given.processes:
            blow = partial(several_processes.storm, postgresql=stack.enter_context(cluster()))
        for seed in range(given.first, given.first + given.seeds):
            with tempfile.TemporaryDirectory(prefix="xiaotian-chaos-") as folder:
                here = given.keep / str(seed) if given.keep else Path(folder)
                here.mkdir(parents=True, exist_ok=True)
                outcomes.append(blow(here, seed, count))
            sys.stderr.write(json.dumps(asdict(outcomes[-1])) + "\n")
    summary = _in_all(outcomes)
    if given.processes:
        summary |= _of_processes([each for each in outcomes if isinstance(each, several_processes.Outcome)])
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0 if all(each.right for each in outcomes) else 1


def _in_all(outcomes: list[Outcome]) -> dict[str, Any]:
    catching_up = sorted(each.caught_up_s for each in outcomes)
    kinds: Counter[str] = Counter()
    for each in outcomes:
        kinds.update(each.kinds)
    return {
        "storms": len(outcomes),
        "faults": kinds.total(),
        "kinds": kinds,
        "anomalies": sum(each.anomalies for each in outcomes),
        "pictures": sum(each.pictures for each in outcomes),
        "sacrificed_pictures": sum(each.sacrificed for each in outcomes),
        "missing": sum(len(each.missing) for each in outcomes),
        "doubled": sum(len(each.doubled) for each in outcomes),
        "spoilt": sum(len(each.spoilt) for each in outcomes),
        "caught_up_s": {"median": catching_up[len(catching_up) // 2], "worst": catching_up[-1]},
    }


def _of_processes(outcomes: list[several_processes.Outcome]) -> dict[str, Any]:
    takeovers = sorted(took for each in outcomes for took in each.takeovers_s)
    return {
        "rounds": sum(each.rounds for each in outcomes),
        "patrols": sum(each.patrols for each in outcomes),
        "wrong_rounds": sum(len(each.wrong_rounds) for each in outcomes),
        "overlapping_patrols": sum(len(each.overlapping) for each in outcomes),
        "takeovers": len(takeovers),
        "takeover_s": {"median": takeovers[len(takeovers) // 2], "worst": takeovers[-1]},
    }


if __name__ == "__main__":
    sys.exit(main())
