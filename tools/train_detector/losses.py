"""What the network is taught: CenterNet's focal loss on a map of centres, and IoU of the boxes there.

Zhou, Wang and Kraehenbuehl, 'Objects as Points', 2019; Yu et al., 'UnitBox', 2016.
"""

import torch
from network import STRIDE
from torch import Tensor

ALPHA, BETA = 2.0, 4.0
SPREAD = 0.15
"""Radius of a centre's bell, in heights and widths of the box."""
LEAST = 0.8
"""Cells; a bell is no narrower."""
NEAR = 0.5
"""Boxes are learned where the bell is at least this high."""


def targets(boxes: list[Tensor], rows: int, columns: int) -> tuple[Tensor, Tensor, Tensor]:
    """For a batch of boxes (each N x 5: left, top, right, bottom in network pixels, and 1 = person or 0 = look away):
    bells (B x rows x columns), the box that each cell belongs to (B x 4 x rows x columns), and weights of 0 where
    nothing is taught (a person hidden too much, or too small, is neither right nor wrong)."""
    batch = len(boxes)
    bells = torch.zeros(batch, rows, columns)
    owner = torch.zeros(batch, 4, rows, columns)
    weights = torch.ones(batch, rows, columns)
    ys = (torch.arange(rows) + 0.5)[:, None]
    xs = (torch.arange(columns) + 0.5)[None]
    for i, picture in enumerate(boxes):
        for left, top, right, bottom, known in picture.tolist():
            x, y = (left + right) / 2 / STRIDE, (top + bottom) / 2 / STRIDE
            if not known:
                inside = (
                    (xs > left / STRIDE - 1)
                    & (xs < right / STRIDE + 1)
                    & (ys > top / STRIDE - 1)
                    & (ys < bottom / STRIDE + 1)
                )
                weights[i][inside] = 0
                continue
            wide = max(SPREAD * (right - left) / STRIDE, LEAST)
            high = max(SPREAD * (bottom - top) / STRIDE, LEAST)
            cell_x, cell_y = min(int(x), columns - 1), min(int(y), rows - 1)
            bell = torch.exp(-((xs - cell_x - 0.5) ** 2) / (2 * wide**2) - (ys - cell_y - 0.5) ** 2 / (2 * high**2))
            mine = bell > bells[i]
            bells[i] = torch.maximum(bells[i], bell)
            owner[i] = torch.where(mine, torch.tensor([left, top, right, bottom])[:, None, None], owner[i])
    weights[bells >= NEAR] = 1
    return bells, owner, weights


def loss(raw: Tensor, bells: Tensor, owner: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The focal loss of the centres and the IoU loss of the boxes, each a mean over people."""
    people = (bells >= 0.999).sum().clamp(min=1)
    logit = raw[:, 0]
    score = torch.sigmoid(logit)
    right = torch.nn.functional.logsigmoid(logit) * (1 - score) ** ALPHA * (bells >= 0.999)
    wrong = torch.nn.functional.logsigmoid(-logit) * score**ALPHA * (1 - bells) ** BETA * (bells < 0.999)
    centres = -((right + wrong) * weights).sum() / people
    here = bells >= NEAR
    if not here.any():
        return centres, raw.sum() * 0
    rows, columns = bells.shape[1:]
    y, x = torch.meshgrid((torch.arange(rows) + 0.5) * STRIDE, (torch.arange(columns) + 0.5) * STRIDE, indexing="ij")
    reach = torch.exp(raw[:, 1:].clamp(-4, 5)) * STRIDE
    seen = torch.stack([x - reach[:, 0], y - reach[:, 1], x + reach[:, 2], y + reach[:, 3]], dim=1)
    seen, true = (boxes.permute(0, 2, 3, 1)[here] for boxes in (seen, owner))
    return centres, ((1 - overlap(seen, true)) * bells[here]).sum() / bells[here].sum()


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Generalised intersection over union of boxes in pairs (N x 4); Rezatofighi et al., 2019."""
    shared = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(dim=1)
    both = (a[:, 2:] - a[:, :2]).prod(dim=1) + (b[:, 2:] - b[:, :2]).prod(dim=1) - shared
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(dim=1)
    return shared / both - (hull - both) / hull
