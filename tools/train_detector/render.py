"""Render labelled pictures of the sites into numbered shards: pictures N x HEIGHT x WIDTH x 3 and truth M x 12.

python tools/train_detector/render.py --shards 100 --seed 1 --out build/person_sim/shards
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from sites import BLOCK, COLUMNS, SITES, Place  # noqa: E402

from edge.perception.person_sim import HEIGHT, WIDTH  # noqa: E402


def main() -> None:
    """See the module."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--shards", type=int, required=True, help=f"of {BLOCK * len(SITES)} pictures each")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", type=Path, required=True)
    asked = ask.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    places = [Place(site, np.random.default_rng([asked.seed, n]), crowded=True) for n, site in enumerate(SITES)]
    for number in range(asked.shards):
        pictures, truth = shard(places)
        name = asked.out / f"{asked.seed}_{number:04}"
        np.save(name.with_suffix(".truth.npy"), truth)
        np.save(name.with_suffix(".partial.npy"), pictures)
        name.with_suffix(".partial.npy").rename(name.with_suffix(".pictures.npy"))  # training may be waiting for it
        print(f"{name}: {len(truth)} things", flush=True)


def shard(places: list[Place]) -> tuple[np.ndarray, np.ndarray]:
    """BLOCK pictures of each place at the network's size; truth as sites.COLUMNS after the picture's number."""
    pictures, truth = [], []
    for place in places:
        for _ in range(BLOCK):
            taken = place.take()
            rows = taken.truth * np.array([1, *[WIDTH / taken.rgb.shape[1], HEIGHT / taken.rgb.shape[0]] * 4, 1, 1])
            truth.append(np.concatenate([np.full((len(rows), 1), len(pictures)), rows], axis=1))
            pictures.append(cv2.resize(taken.rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
    return np.stack(pictures), np.concatenate(truth).astype(np.float32).reshape(-1, COLUMNS + 1)


if __name__ == "__main__":
    main()
