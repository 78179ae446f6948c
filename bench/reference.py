"""Checkpoints of the simulated sites against their references: changes found, and false alarms where nothing changed.

Each case is a checkpoint before and now: the dog stands some centimetres and 6 degrees off at most, the light is the
same or another, people walk by in half of them, and in half of them nothing has changed; else a thing was added, is
missing, was moved, or a door stands open. Three looks a second apart, as the dog takes them: masked before they are
compared, and the reference as it is read from the disk again.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench._checkpoint_pictures import CHANGES, Case, Shot, cases
from edge.perception.checkpoint_references import References
from edge.perception.detector_selection import FALLBACK, choose
from edge.perception.pipeline import Perception
from edge.perception.reference_comparison import Comparison, Look, compare, look_of
from xiaotian.direct.trial_site import names


def run(arguments: list[str] | None = None) -> dict[str, Any]:
    """False alarms and what is found, by kind of change and by light."""
    options = _options(arguments or [])
    perception = Perception(choose(options.detector, []).detector)
    counts: Counter[tuple[str, str, str]] = Counter()
    for seed in range(options.seed, options.seed + options.seeds):
        for name in names():
            for case in cases(name, seed):
                told = compare(
                    _kept(_masked(perception, case.before[-1])), [_masked(perception, each) for each in case.looks]
                )
                light = "same_light" if case.lights[0] is case.lights[1] else "other_light"
                counts[light, case.change, _what(told)] += 1
                _say(case, told)
    same = {change: _row(counts, "same_light", change) for change in CHANGES}
    false, quiet = same["nothing"]["told"], same["nothing"]["comparable"]
    changed = [row for change, row in same.items() if change != "nothing"]
    found, comparable = sum(row["told"] for row in changed), sum(row["comparable"] for row in changed)
    return {
        "figure": round(found / max(comparable, 1), 3),
        "what": "share of real changes that are told, where the pictures can be compared",
        "false_alarms": false,
        "of": quiet,
        "same_light": same,
        "other_light": {change: _row(counts, "other_light", change) for change in CHANGES},
        "seeds": [options.seed, options.seed + options.seeds - 1],
    }


def _masked(perception: Perception, shot: Shot) -> Look:
    """A picture as it may leave the dog; the sites' privacy zones lie elsewhere."""
    perception.begin()
    seen = perception.update(shot.picture, None, None, wanted=True, now=0.0)
    assert seen.picture is not None
    return look_of(seen.picture, seen.masked, shot.view)


def _kept(look: Look) -> Look:
    """What is read again of a reference that was kept."""
    with TemporaryDirectory() as folder:
        references = References(Path(folder))
        references.keep("checkpoint", look)
        return references.of("checkpoint")[0]


def _what(told: Comparison) -> str:
    if told.hindrance is not None:
        return "not_comparable"
    return "told" if told.differences else "as_it_was"


def _row(counts: Counter[tuple[str, str, str]], light: str, change: str) -> dict[str, int]:
    told, same = (counts[light, change, what] for what in ("told", "as_it_was"))
    return {"comparable": told + same, "told": told, "not_comparable": counts[light, change, "not_comparable"]}


def _say(case: Case, told: Comparison) -> None:
    lights = " then ".join(light.value for light in case.lights)
    what = f"{case.site} {case.checkpoint} {case.seed} {lights}, {case.people} people: {case.change}"
    what += f" {case.model}" if case.change not in ("nothing", "opened") else ""
    seen = ", ".join(f"{each.kind} {each.patches}" for each in told.differences)
    print(f"{what}: {told.hindrance or seen or 'as it was'} ({told.alike:.2f})", file=sys.stderr, flush=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench reference", description=__doc__)
    parser.add_argument("--seeds", type=int, default=4, help="so many, of a case at each checkpoint")
    parser.add_argument("--seed", type=int, default=1, help="the first")
    parser.add_argument("--detector", default=FALLBACK, help="that masks people")
    return parser.parse_args(arguments)
