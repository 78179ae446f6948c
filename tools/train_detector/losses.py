"""What the network is taught: CenterNet's focal loss on maps of centres, GIoU and edges of the boxes there, postures.

Zhou, Wang and Kraehenbuehl, 'Objects as Points', 2019; Rezatofighi et al., 'Generalized Intersection over Union', 2019.
"""

from dataclasses import dataclass

import numpy as np
import torch
from network import EXACT, HEATS, POSTURES, STRIDE
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

ALPHA, BETA = 2.0, 4.0
SPREAD = 0.15
"""Radius of a centre's bell, in heights and widths of the box."""
LEAST = 0.8
"""Cells; a bell is no narrower."""
NEAR = 0.5
"""Boxes are learned where the bell is at least this high."""
PIXEL = 384 / 480
"""Pixels of the network for one of 480 rows."""
LEAST_SHARE = 0.3
"""Share of a thing that has to be seen for it to be taught; less is 'look away'."""
LEAST_SIZE = (26, 26, 22, 24, 12, 14, 30)
"""Pixels of 480, by sites.KINDS: the longer side of what is seen, for it to be taught."""
HEAT_WEIGHTS = (1.0, 0.3, 0.2, 0.15, 0.15)
"""People matter; the others share what the network has left."""
LOW = 2.0
"""How much more a centre of somebody who sits or lies counts: they are fewer, and harder."""


@dataclass(frozen=True)
class Targets:
    """Of a batch: bells and weights (B x HEATS x rows x columns), which box each cell belongs to (B x 8 x ...), how
    much the boxes count there (B x ...), and the posture (B x ..., -1 where nobody's)."""

    bells: Tensor
    weights: Tensor
    owner: Tensor
    near: Tensor
    posture: Tensor


def targets(truth: list[NDArray[np.float32]], rows: int, columns: int) -> Targets:
    """What the cells should say of pictures with this truth (each N x sites.COLUMNS, in network pixels)."""
    batch = len(truth)
    bells = np.zeros((batch, HEATS, rows, columns), np.float32)
    weights = np.ones((batch, HEATS, rows, columns), np.float32)
    owner = np.zeros((batch, 8, rows, columns), np.float32)
    near = np.zeros((batch, rows, columns), np.float32)
    posture = np.full((batch, rows, columns), -1, np.int64)
    ys, xs = (np.arange(rows) + 0.5)[:, None], (np.arange(columns) + 0.5)[None]
    for i, things in enumerate(truth):
        for thing in sorted(things, key=lambda thing: (thing[0] < POSTURES, thing[4])):  # people last: they win a cell
            kind = int(thing[0])
            heat = max(0, kind - POSTURES + 1)
            left, top, right, bottom = thing[1:5] / STRIDE
            if not is_taught(thing):
                inside = (xs > left - 1) & (xs < right + 1) & (ys > top - 1) & (ys < bottom + 1)
                weights[i, heat][inside & (bells[i, heat] < NEAR)] = 0
                continue
            wide, high = max(SPREAD * (right - left), LEAST), max(SPREAD * (bottom - top), LEAST)
            x, y = min(int((left + right) / 2), columns - 1), min(int((top + bottom) / 2), rows - 1)
            bell = np.exp(-((xs - x - 0.5) ** 2) / (2 * wide**2) - (ys - y - 0.5) ** 2 / (2 * high**2))
            mine = bell >= np.maximum(bells[i, heat], NEAR)
            bells[i, heat] = np.maximum(bells[i, heat], bell)
            weights[i, heat][bell >= NEAR] = 1
            owner[i][:, mine] = thing[1:9, None]
            near[i][mine] = bell[mine] * HEAT_WEIGHTS[heat]
            posture[i][mine] = kind if kind < POSTURES else -1
    return Targets(*(torch.from_numpy(part) for part in (bells, weights, owner, near, posture)))


def is_taught(thing: NDArray[np.float32]) -> bool:
    """Whether enough of a thing is seen to be taught."""
    wide, high = thing[3] - thing[1], thing[4] - thing[2]
    large = max(wide, high) >= LEAST_SIZE[int(thing[0])] * PIXEL
    sliver = thing[0] < POSTURES and min(wide, high) < max(6 * PIXEL, 0.12 * max(wide, high))
    return bool(large and thing[9] >= LEAST_SHARE and not sliver)


def loss(raw: Tensor, aim: Targets) -> tuple[tuple[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]:
    """Centres, boxes, how exact they are told to be, edges of people's whole boxes (in their heights), postures; each a
    mean. And what each picture's centres of people cost."""
    logit = raw[:, :HEATS]
    score = torch.sigmoid(logit)
    centre = aim.bells >= 0.999
    right = functional.logsigmoid(logit) * (1 - score) ** ALPHA * centre
    wrong = functional.logsigmoid(-logit) * score**ALPHA * (1 - aim.bells) ** BETA * ~centre
    right[:, 0] = right[:, 0] * torch.where(aim.posture >= 1, LOW, 1.0)
    by_heat = -((right + wrong) * aim.weights).sum(dim=(0, 2, 3)) / centre.sum(dim=(0, 2, 3)).clamp(min=1)
    centres = (by_heat * torch.tensor(HEAT_WEIGHTS)).sum()
    by_picture = -((right + wrong) * aim.weights)[:, 0].sum(dim=(1, 2)).detach()
    here = aim.near > 0
    if not here.any():
        return (centres, *[raw.sum() * 0] * 4), by_picture
    rows, columns = aim.near.shape[1:]
    y, x = torch.meshgrid((torch.arange(rows) + 0.5) * STRIDE, (torch.arange(columns) + 0.5) * STRIDE, indexing="ij")
    place = torch.stack([x, y, x, y]).permute(1, 2, 0).expand(len(raw), rows, columns, 4)[here]
    reach = (
        torch.exp(raw[:, HEATS + POSTURES : EXACT].permute(0, 2, 3, 1)[here].clamp(-4, 5)).reshape(-1, 2, 4)
        * STRIDE
        * torch.tensor([-1.0, -1.0, 1.0, 1.0])
    )
    found, true = place[:, None] + reach, aim.owner.permute(0, 2, 3, 1)[here].reshape(-1, 2, 4)
    weight, posture = aim.near[here], aim.posture[here]
    agree = overlap(found, true)
    boxes = ((1 - agree) * weight[:, None] * torch.tensor([1.0, 0.7])).sum() / weight.sum()
    told = functional.binary_cross_entropy_with_logits(
        raw[:, EXACT][here], agree[:, 0].detach().clamp(0, 1), reduction="none"
    )
    exact = (told * weight).sum() / weight.sum()
    person = posture >= 0
    if not person.any():
        return (centres, boxes, exact, *[raw.sum() * 0] * 2), by_picture
    high = (true[:, 1, 3] - true[:, 1, 1]).clamp(min=STRIDE)[:, None]
    off = ((found - true)[:, 1, 1::2] / high).abs().clamp(max=1.0)
    edges = (off.sum(dim=1) * weight)[person].sum() / weight[person].sum()
    told = raw[:, HEATS : HEATS + POSTURES].permute(0, 2, 3, 1)[here]
    return (centres, boxes, exact, edges, functional.cross_entropy(told[person], posture[person])), by_picture


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Generalised intersection over union of boxes in pairs (... x 4)."""
    shared = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(dim=-1)
    both = (a[..., 2:] - a[..., :2]).prod(dim=-1) + (b[..., 2:] - b[..., :2]).prod(dim=-1) - shared
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(dim=-1)
    return shared / both - (hull - both) / hull
