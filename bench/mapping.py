"""A map made of a walk, held against the world: --site, --seeds, --people, --slip, --out.

On each site a dog is led once round, without a map, its legs believing a tenth more way than there was and people
walking about; `xiaotian map`'s own code makes the map, and its error is the truth's: the world's SDF, drawn in cells of
2.5 cm. The way's error is after the turn and shift that lay it best on the true way (a map's frame is free).
"""

import argparse
import json
import math
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from edge.mapping.bag_reading import read_recording
from edge.mapping.leveled_walk import walk_in
from edge.mapping.map_error import compared
from edge.mapping.map_files import draw_walk, write_map
from edge.mapping.mapper import Made, make_map
from edge.types import Pose2D
from xiaotian.direct.trial_site import names
from xiaotian.mapping.simulated_walk import WORLDS, Walked, drawn, plan_of, record

OUT = Path("var/bench/mapping")
FINE = 0.025  # m a cell of the true map
ASKED_MEDIAN = 0.05  # m: what localization is asked for, too


def run(arguments: list[str] | None = None) -> dict[str, Any]:
    """All walks; the figures of the worst."""
    options = _options(arguments or [])
    rows = [_row(site, seed, options) for site in options.site or names() for seed in options.seeds]
    worst = max(row["wall_median"] for row in rows)
    return {
        "figure": round(worst, 3),
        "reference": ASKED_MEDIAN,
        "ratio": round(worst / ASKED_MEDIAN, 2),
        "what": "median error of walls, m, of the worst walk",
        "walks": rows,
        "maps": str(options.out),
    }


def _row(site: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    folder, world = options.out / f"{site}-{seed}", WORLDS / site / "world.sdf"
    walked = _walked(site, seed, folder, options)
    began = time.process_time()
    made = make_map(walk_in(read_recording(folder / "walk.mcap")), Pose2D(*walked.begin))
    took = time.process_time() - began
    write_map(made.grid, folder)
    draw_walk(made.grid, made.poses, folder / "walk.png")
    found = compared(made.grid, made.poses, _true(made, walked), drawn(world, FINE))
    row = {"site": site, "seed": seed, "walked_m": round(walked.metres), "walk_s": round(walked.seconds)}
    row |= {"missed": walked.missed, "loops": made.loops, "map_cpu_s": round(took, 1)}
    row |= {key: round(value, 4) for key, value in asdict(found).items()}
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def _walked(site: str, seed: int, folder: Path, options: argparse.Namespace) -> Walked:
    """The walk, from the last time where it is there already."""
    truth = folder / "truth.npz"
    if truth.is_file():
        kept = np.load(truth)
        return Walked(kept["truth"], float(kept["metres"]), float(kept["seconds"]), int(kept["missed"]))
    plan = plan_of(site)
    script = [*plan.people(options.people, np.random.default_rng(seed)), plan.slip(options.slip)]

    def tell(text: str) -> None:
        print(f"{site} {seed}: {text}", file=sys.stderr, flush=True)

    walked = record(plan.world, folder / "walk.mcap", plan.start, plan.ways, script, seed, points=False, tell=tell)
    np.savez(truth, truth=walked.truth, metres=walked.metres, seconds=walked.seconds, missed=walked.missed)
    return walked


def _true(made: Made, walked: Walked) -> np.ndarray:
    """Where the dog truly was at each keyframe."""
    stamps = np.array([frame.turn.scan.stamp for frame in made.frames])
    at = np.clip(np.searchsorted(walked.truth[:, 0], stamps - 1e-3), 0, len(walked.truth) - 1)
    assert np.abs(walked.truth[at, 0] - stamps).max() < 0.02, "the truth is another moment's"
    true: np.ndarray = walked.truth[at, 1:]
    return true


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench mapping", description=__doc__)
    parser.add_argument("--site", choices=names(), action="append", help="may be repeated; default: all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--slip", type=float, default=0.10)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for recordings, maps and pictures")
    options = parser.parse_args(arguments)
    assert math.isfinite(options.slip)
    return options
