"""Train the network on rendered shards and export it. Runs in an environment of its own: torch and numpy alone.

python tools/train_detector/train.py --shards build/person_sim/shards --out person_sim.onnx --minutes 60

Shards that appear while it trains are taken in. A checkpoint beside the output is written every few minutes. With
--minutes 0 what --start names is exported as it is.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent))

from losses import loss, targets
from network import STRIDE, Exported, SiteNet

RATE = 1.5e-3
WARM_UP = 40
"""Steps over which the learning rate rises."""
BOX_WEIGHT, EXACT_WEIGHT, EDGE_WEIGHT, POSTURE_WEIGHT = 2.5, 0.5, 1.0, 0.3
KEEP = 0.995
"""Of the running average of the weights, a step."""
EASY = 0.4
"""Chance with which a picture is shown again that cost little last time."""
KNOWN = 2
"""Layers, from the first, that stay as they are in a checkpoint gone on from: edges and colours do not change."""
CHECK_S = 180.0
BATCH = 16
ROUND = 150
"""Batches between one look for new shards and the next."""
SCALES = 0.8, 1.3
"""How much smaller and larger than they are half of the cuts are shown."""
CROP = 224, 320
"""Rows and columns of what is cut out of a picture, mostly round somebody, in the first part of the training: it costs
a third of a whole picture and holds as many people."""
SIZE = 384, 512
"""Rows and columns of a whole picture; smaller ones are taken for cuts, as often as they are large."""
WHOLE_FROM = 0.6
"""Share of the time after which pictures are shown whole."""


def main() -> None:
    """See the module."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--shards", type=Path, nargs="+", required=True, help="folders")
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--minutes", type=float, required=True, help="the learning rate falls to nothing over them")
    ask.add_argument("--start", type=Path, nargs="+", help="checkpoints to go on from, by the mean of their weights")
    ask.add_argument("--rate", type=float, default=RATE, help="the highest learning rate")
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--threads", type=int, default=1)
    asked = ask.parse_args()
    torch.manual_seed(asked.seed)
    torch.set_num_threads(asked.threads)
    network = SiteNet().to(memory_format=torch.channels_last)  # a third faster on a CPU
    if asked.start:
        network.load_state_dict(mean([torch.load(start) for start in asked.start]))
        for layer in network.eighth[:KNOWN]:  # a third faster
            layer.requires_grad_(False)
    train(network, Shards(asked.shards), asked.seed, asked.minutes * 60, asked.rate, asked.out)


def mean(states: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of networks that were trained from the same one: better than each (Wortsman et al., 'Model soups')."""
    return {name: torch.stack([state[name].float() for state in states]).mean(dim=0) for name in states[0]}


Shown = tuple[int, np.ndarray, np.ndarray]
"""A picture's number, the picture, its truth."""


class Shards:
    """The pictures and truth in folders, which may be growing."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._known: dict[Path, tuple[np.ndarray, list[np.ndarray]]] = {}  # in the order in which they came
        self.costs: dict[int, float] = {}
        """Of pictures, by their numbers."""

    def __len__(self) -> int:
        return len(self._known)

    def refresh(self) -> None:
        """Take in what came."""
        for file in [file for folder in self._folders for file in sorted(folder.glob("*.pictures.npy"))]:
            if file not in self._known:
                pictures = np.load(file, mmap_mode="r")
                truth = np.load(str(file).replace(".pictures.npy", ".truth.npy"))
                self._known[file] = pictures, [truth[truth[:, 0] == i][:, 1:] for i in range(len(pictures))]

    def some(self, choose: np.random.Generator, whole: bool) -> list[Shown]:
        """Pictures with their truth for a ROUND, in any order: those that cost more than the middle one last time,
        those not shown yet, and some of the others. ``whole``: none of those smaller than the network's."""
        every = [(pictures, truth, i) for pictures, truth in self._known.values() for i in range(len(truth))]
        limit = float(np.median(list(self.costs.values()))) if self.costs else 0.0
        fit = [n for n in range(len(every)) if not whole or every[n][0].shape[1:3] == SIZE]
        shown = [n for n in fit if self.costs.get(n, limit) >= limit or choose.random() < EASY]
        likely = np.array([(every[n][0].shape[1] / SIZE[0]) ** 2 for n in shown])
        shown = choose.choice(shown, min(len(shown), ROUND * BATCH), replace=False, p=likely / likely.sum())
        return [(n, every[n][0][every[n][2]], every[n][1][every[n][2]]) for n in choose.permutation(shown)]


def train(network: SiteNet, shards: Shards, seed: int, seconds: float, rate: float, out: Path) -> None:
    """Train for so long; the learning rate follows a cosine over the time."""
    choose = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(KEEP), use_buffers=True
    )
    began = checked = time.monotonic()
    step, told, seen = 0, [], 0
    while time.monotonic() - began < seconds:
        shards.refresh()
        if not len(shards):
            time.sleep(1.0)
            continue
        cut = (time.monotonic() - began) / seconds < WHOLE_FROM
        waiting = shards.some(choose, not cut)
        for start in range(0, len(waiting) - BATCH + 1, BATCH):
            done = (time.monotonic() - began) / seconds
            if done >= 1:
                break
            step, seen = step + 1, seen + BATCH
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1.0, step / WARM_UP) * 0.5 * (1 + math.cos(math.pi * done)) + 1e-6
            batch = waiting[start : start + BATCH]
            losses, costs = learn(network, optimiser, *augmented(batch, choose, cut))
            told.append(losses)
            shards.costs.update(zip((n for n, _, _ in batch), costs, strict=True))
            average.update_parameters(network)
            if time.monotonic() - checked > CHECK_S:
                checked = time.monotonic()
                report(step, seen, len(shards), told, checked - began)
                told = []
                torch.save(average.module.state_dict(), out.with_suffix(".pt"))
                export(average.module, out.with_suffix(".check.onnx"))
    torch.save(average.module.state_dict(), out.with_suffix(".pt"))
    export(average.module.eval(), out)


def report(step: int, seen: int, shards: int, told: list[list[float]], seconds: float) -> None:
    """Say how it goes."""
    means = np.mean(told, axis=0).round(4).tolist()
    print(
        json.dumps({"step": step, "pictures": seen, "shards": shards, "loss": means, "seconds": round(seconds)}),
        flush=True,
    )


def learn(
    network: SiteNet, optimiser: torch.optim.Optimizer, pictures: torch.Tensor, truth: list[np.ndarray]
) -> tuple[list[float], list[float]]:
    """One step; the losses, and what each picture cost. Half precision takes half the time on a CPU that knows it."""
    network.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        raw = network(pictures)
    parts, costs = loss(raw.float(), targets(truth, pictures.shape[2] // STRIDE, pictures.shape[3] // STRIDE))
    weights = (1.0, BOX_WEIGHT, EXACT_WEIGHT, EDGE_WEIGHT, POSTURE_WEIGHT)
    optimiser.zero_grad()
    sum(weight * part for weight, part in zip(weights, parts, strict=True)).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
    optimiser.step()
    return [part.item() for part in parts], costs.tolist()


def augmented(chosen: list[Shown], choose: np.random.Generator, cut: bool) -> tuple[torch.Tensor, list[np.ndarray]]:
    """A batch, each picture mirrored, recoloured, blurred or made noisy at random, and ``cut`` or whole."""
    size = CROP if cut else chosen[0][1].shape[:2]
    batch = torch.empty(len(chosen), 3, *size, memory_format=torch.channels_last)
    labels = []
    for i, (_, picture, truth) in enumerate(chosen):
        if cut:
            picture, own = cropped(picture, truth, choose)
        else:
            own = truth.copy()
        if choose.random() < 0.5:
            picture = picture[:, ::-1]
            for left in (1, 5):
                own[:, [left, left + 2]] = picture.shape[1] - own[:, [left + 2, left]]
        pixels = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1) / 255
        batch[i] = recoloured(pixels, choose)
        labels.append(own)
    return batch.clamp_(0, 1), labels


def cropped(picture: np.ndarray, truth: np.ndarray, choose: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A part of CROP of a picture, anywhere, or so that it holds somebody; what it cuts off is not seen."""
    scale = choose.uniform(*SCALES) if choose.random() < 0.5 else 1.0
    size = np.minimum(np.round(np.array(CROP) / scale).astype(int), picture.shape[:2])
    free = np.array(picture.shape[:2]) - size
    corner = choose.integers(free + 1)
    people = truth[truth[:, 0] < 3]
    if len(people) and choose.random() < 0.7:
        box = people[choose.integers(len(people)), 1:5]
        middle = np.array([box[1] + box[3], box[0] + box[2]]) / 2
        corner = np.clip((middle - size * choose.uniform(0.2, 0.8, 2)).astype(int), 0, free)
    top, left = map(int, corner)
    own = truth.copy()
    limits = np.array([left, top, left + size[1], top + size[0]])
    for first in (1, 5):
        own[:, first : first + 2] = own[:, first : first + 2].clip(limits[:2], limits[2:]) - limits[:2]
        own[:, first + 2 : first + 4] = own[:, first + 2 : first + 4].clip(limits[:2], limits[2:]) - limits[:2]
    area, before = ((t[:, 3] - t[:, 1]) * (t[:, 4] - t[:, 2]) for t in (own, truth))
    own[:, 9] *= area / np.maximum(before, 1)
    own[:, 1:9] *= np.tile(np.array(CROP)[::-1] / size[::-1], 4)
    return resized(picture[top : top + size[0], left : left + size[1]]), own[area > 0]


def resized(cut: np.ndarray) -> np.ndarray:
    """A cut at the size of CROP."""
    if cut.shape[:2] == CROP:
        return cut
    pixels = torch.from_numpy(np.ascontiguousarray(cut)).permute(2, 0, 1)[None]
    return torch.nn.functional.interpolate(pixels, CROP, mode="bilinear", antialias=True)[0].permute(1, 2, 0).numpy()


def recoloured(picture: torch.Tensor, choose: np.random.Generator) -> torch.Tensor:
    """Other light, colours, sharpness and noise."""
    gain = torch.tensor(choose.uniform(0.95, 1.05, 3) * choose.uniform(0.85, 1.15), dtype=torch.float32)
    picture = picture * gain[:, None, None]
    if choose.random() < 0.1:
        picture = torch.nn.functional.avg_pool2d(picture[None], 3, 1, 1)[0]
    if choose.random() < 0.1:
        noise = torch.from_numpy(choose.standard_normal(picture.shape, dtype=np.float32))
        picture = picture + noise * float(choose.uniform(0, 0.02))
    return picture


def export(network: SiteNet, out: Path) -> None:
    """Write the ONNX file that edge/perception/person_sim.py reads."""
    sample = torch.zeros(1, 3, *SIZE)
    torch.onnx.export(
        Exported(network).eval(),
        (sample,),
        str(out),
        input_names=["picture"],
        output_names=["things"],
        opset_version=17,
        dynamo=False,
    )
    print(json.dumps({"out": str(out), "bytes": out.stat().st_size}), flush=True)


if __name__ == "__main__":
    main()
