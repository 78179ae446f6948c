"""The fallback's network: a plain convolutional one of about 0.7 million weights, stride 4, no anchors."""

import torch
from torch import Tensor, nn

STRIDE = 4
PRIOR = 0.01
"""The score that an untrained network gives; the focal loss starts from it without an explosion."""


def conv(inside: int, outside: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU: what every CPU runs fast."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outside), nn.ReLU()
    )


class Residual(nn.Module):
    """Two convolutions round which the input also flows."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(width, width), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        return torch.relu(x + self.body(x))


class PersonNet(nn.Module):
    """1 x 3 x 240 x 320 of 0..1 in; out ``people``, 1 x 5 x 60 x 80: a score, and log reaches in strides."""

    def __init__(self) -> None:
        super().__init__()
        self.quarter = nn.Sequential(conv(3, 16, 2), conv(16, 32, 2))
        self.eighth = nn.Sequential(conv(32, 48, 2), Residual(48))
        self.sixteenth = nn.Sequential(conv(48, 64, 2), Residual(64), Residual(64))
        self.thirtysecond = nn.Sequential(conv(64, 96, 2), Residual(96), Residual(96))
        self.from_thirtysecond = conv(96, 64, kernel=1)
        self.from_sixteenth = conv(64, 48, kernel=1)
        self.from_eighth = conv(48, 32, kernel=1)
        self.head = conv(32, 48)
        self.score = nn.Conv2d(48, 1, 1)
        self.reach = nn.Conv2d(48, 4, 1)
        nn.init.constant_(self.score.bias, -torch.log(torch.tensor((1 - PRIOR) / PRIOR)).item())

    def forward(self, picture: Tensor) -> Tensor:
        """Score as a logit, then reaches; see Exported for what the file gives."""
        quarter = self.quarter(picture - 0.45)
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        deep = self.from_thirtysecond(self.thirtysecond(sixteenth))
        middle = sixteenth + grow(deep, sixteenth)
        near = eighth + grow(self.from_sixteenth(middle), eighth)
        fine = self.head(quarter + grow(self.from_eighth(near), quarter))
        return torch.cat([self.score(fine), self.reach(fine)], dim=1)


class Exported(nn.Module):
    """The network with the score as a probability: what the ONNX file holds."""

    def __init__(self, network: PersonNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> Tensor:
        """As PersonNet, the first channel within 0..1."""
        raw = self.network(picture)
        return torch.cat([torch.sigmoid(raw[:, :1]), raw[:, 1:]], dim=1)


def grow(small: Tensor, like: Tensor) -> Tensor:
    """``small`` at twice its size, cut to that of ``like``."""
    return nn.functional.interpolate(small, scale_factor=2.0, mode="nearest")[:, :, : like.shape[2], : like.shape[3]]
