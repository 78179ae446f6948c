"""Train the network on rendered pictures and export it. Runs in an environment of its own: torch and numpy alone.

python tools/train_detector/train.py --data build/person_sim/train_*.npz --out person_sim.onnx --minutes 15
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
from network import STRIDE, Exported, PersonNet

RATE = 3e-3
WARM_UP = 200
"""Steps over which the learning rate rises."""
BOX_WEIGHT = 2.0


def main() -> None:
    """See the module."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--data", type=Path, required=True, nargs="+", help="npz: pictures N x 240 x 320 x 3, boxes M x 6")
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--epochs", type=int, default=20)
    ask.add_argument("--minutes", type=float, default=15.0, help="stop there, whatever epoch it is")
    ask.add_argument("--batch", type=int, default=16)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--threads", type=int, default=2)
    asked = ask.parse_args()
    torch.manual_seed(asked.seed)
    torch.set_num_threads(asked.threads)
    pictures, boxes = loaded(asked.data)
    network = train(pictures, boxes, asked.epochs, asked.batch, asked.seed, asked.minutes * 60)
    export(network, asked.out)


def loaded(files: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    """The pictures and boxes of all ``files``."""
    pictures, boxes, had = [], [], 0
    for file in files:
        with np.load(file) as data:
            pictures.append(data["pictures"])
            boxes.append(data["boxes"] + np.array([had, 0, 0, 0, 0, 0], np.float32))
        had += len(pictures[-1])
    return np.concatenate(pictures), np.concatenate(boxes)


def train(pictures: np.ndarray, boxes: np.ndarray, epochs: int, batch: int, seed: int, seconds: float) -> PersonNet:
    """A trained network; one-cycle learning rate over time or epochs, whichever ends first."""
    choose = np.random.default_rng(seed)
    network = PersonNet().to(memory_format=torch.channels_last)  # a third faster on a CPU
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    by_picture = [boxes[boxes[:, 0] == i][:, 1:] for i in range(len(pictures))]
    began, step = time.monotonic(), 0
    for epoch in range(epochs):
        order, told = choose.permutation(len(pictures)), []
        for start in range(0, len(order), batch):
            done = max((epoch + start / len(order)) / epochs, (time.monotonic() - began) / seconds)
            if done >= 1:
                break
            step += 1
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, step / WARM_UP) * 0.5 * (1 + math.cos(math.pi * done)) + 1e-6
            chosen = order[start : start + batch]
            told.append(learn(network, optimiser, *augmented(pictures, by_picture, chosen, choose)))
            average.update_parameters(network)
        print(
            json.dumps(
                {
                    "epoch": epoch,
                    "loss": np.mean(told, axis=0).round(4).tolist() if told else None,
                    "seconds": round(time.monotonic() - began),
                }
            ),
            flush=True,
        )
        if time.monotonic() - began > seconds:
            break
    return average.module.eval()


def learn(
    network: PersonNet, optimiser: torch.optim.Optimizer, pictures: torch.Tensor, boxes: list[torch.Tensor]
) -> list[float]:
    """One step; the two losses."""
    network.train()
    raw = network(pictures)
    centres, reaches = loss(raw, *targets(boxes, pictures.shape[2] // STRIDE, pictures.shape[3] // STRIDE))
    optimiser.zero_grad()
    (centres + BOX_WEIGHT * reaches).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
    optimiser.step()
    return [centres.item(), reaches.item()]


def augmented(
    pictures: np.ndarray, boxes: list[np.ndarray], chosen: np.ndarray, choose: np.random.Generator
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """A batch, each picture mirrored, recoloured, blurred, made noisy or partly covered at random."""
    batch = torch.from_numpy(pictures[chosen]).permute(0, 3, 1, 2).float() / 255
    labels = []
    width = batch.shape[3]
    for i, index in enumerate(chosen):
        own = boxes[index].copy()
        if choose.random() < 0.5:
            batch[i] = batch[i].flip(2)
            own[:, [0, 2]] = width - own[:, [2, 0]]
        batch[i] = recoloured(batch[i], choose)
        labels.append(torch.from_numpy(own).float())
    return batch.clamp(0, 1).contiguous(memory_format=torch.channels_last), labels


def recoloured(picture: torch.Tensor, choose: np.random.Generator) -> torch.Tensor:
    """Other light, colours, sharpness and noise."""
    gain = torch.tensor(choose.uniform(0.85, 1.15, 3) * choose.uniform(0.7, 1.25), dtype=torch.float32)
    picture = picture * gain[:, None, None]
    if choose.random() < 0.5:
        middle = picture.mean()
        picture = middle + (picture - middle) * choose.uniform(0.6, 1.4)
    if choose.random() < 0.2:
        picture = picture + (picture.mean(dim=0, keepdim=True) - picture) * choose.uniform(0.3, 1.0)
    if choose.random() < 0.1:
        picture = picture[choose.permutation(3)]
    if choose.random() < 0.15:
        picture = torch.nn.functional.avg_pool2d(picture[None], 3, 1, 1)[0]
    if choose.random() < 0.6:
        noise = torch.from_numpy(choose.standard_normal(picture.shape, dtype=np.float32))
        picture = picture + noise * float(choose.uniform(0, 0.04))
    return picture


def export(network: PersonNet, out: Path) -> None:
    """Write the ONNX file that edge/perception/person_sim.py reads."""
    sample = torch.zeros(1, 3, 240, 320)
    torch.onnx.export(
        Exported(network).eval(),
        (sample,),
        str(out),
        input_names=["picture"],
        output_names=["people"],
        opset_version=17,
        dynamo=False,
    )
    print(json.dumps({"out": str(out), "bytes": out.stat().st_size}))


if __name__ == "__main__":
    main()
