"""Render labelled pictures into one npz: pictures N x 240 x 320 x 3 and boxes M x 6 (picture, then as scenes.labels).

python tools/train_detector/render.py --worlds 150 --each 24 --seed 1 --out build/person_sim/train.npz
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from scenes import HEIGHT, WIDTH, World  # noqa: E402
from yard import Yard  # noqa: E402

SMALL = (WIDTH // 2, HEIGHT // 2)


def main() -> None:
    """See the module."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--worlds", type=int, default=150)
    ask.add_argument("--each", type=int, default=24, help="pictures of each world")
    ask.add_argument("--yard", type=int, default=0, help="pictures of the station's yard besides")
    ask.add_argument("--restyle", action="store_true", help="paint the yard anew every few pictures")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", type=Path, required=True)
    asked = ask.parse_args()
    pictures, boxes = render(asked.worlds, asked.each, asked.yard, asked.restyle, asked.seed)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(asked.out, pictures=pictures, boxes=boxes)
    print(f"{len(pictures)} pictures, {int(boxes[:, 5].sum())} people, in {asked.out}")


def render(worlds: int, each: int, yard: int, restyle: bool, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and boxes at the network's size; the same seed gives the same ones on the same GL."""
    pictures, boxes = [], []
    for picture, found in shots(worlds, each, yard, restyle, seed):
        scaled = np.concatenate([np.full((len(found), 1), len(pictures)), found[:, :4] / 2, found[:, 4:]], axis=1)
        pictures.append(cv2.resize(picture, SMALL, interpolation=cv2.INTER_AREA))
        boxes.append(scaled)
    return np.stack(pictures), np.concatenate(boxes).astype(np.float32)


def shots(worlds: int, each: int, yard: int, restyle: bool, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pictures of 640 x 480 and their labels: first the random worlds', then the yard's."""
    for number in range(worlds):
        world = World(np.random.default_rng([seed, number]))
        yield from (world.take() for _ in range(each))
        world.close()
    if yard:
        place = Yard(np.random.default_rng([seed, worlds]), restyle)
        yield from (place.take() for _ in range(yard))
        place.close()


if __name__ == "__main__":
    main()
