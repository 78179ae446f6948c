"""The network: a plain convolutional one of about 0.7 million weights, stride 8, no anchors."""

import torch
from torch import Tensor, nn

STRIDE = 8
HEATS = 5
"""Maps of centres: person, vehicle, bag, fire, smoke."""
POSTURES = 3
"""Upright, sitting, lying: what a person whose centre lies in the cell does."""
EXACT = HEATS + POSTURES + 8
"""The channel that says how exact the box of what is seen is; the file's scores have it in them."""
CHANNELS = EXACT + 1
DOUBT = 0.25
"""The power with which a person's score falls with the exactness of its box."""
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


class SiteNet(nn.Module):
    """1 x 3 x 384 x 512 of 0..1 in; 1 x CHANNELS x 48 x 64 out.

    HEATS logits, POSTURES logits, then logarithms of how far left, up, right and down of the cell's middle the box of
    what is seen reaches, in strides, the same of the box of all of the thing, and the logit of how exact the former is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.eighth = nn.Sequential(conv(3, 16, 2), conv(16, 32, 2), conv(32, 48, 2), Residual(48))
        self.sixteenth = nn.Sequential(conv(48, 64, 2), Residual(64), Residual(64))
        self.thirtysecond = nn.Sequential(conv(64, 96, 2), Residual(96), Residual(96))
        self.from_thirtysecond = conv(96, 64, kernel=1)
        self.from_sixteenth = conv(64, 48, kernel=1)
        self.head = conv(48, 64)
        self.exact = nn.Conv2d(64, 1, 1)
        self.score = nn.Conv2d(64, HEATS + POSTURES, 1)
        self.reach = nn.Conv2d(64, 8, 1)
        nn.init.constant_(self.score.bias[:HEATS], -torch.log(torch.tensor((1 - PRIOR) / PRIOR)).item())

    def forward(self, picture: Tensor) -> Tensor:
        """See the class; Exported tells what the file gives."""
        eighth = self.eighth(picture - 0.45)
        sixteenth = self.sixteenth(eighth)
        middle = sixteenth + grow(self.from_thirtysecond(self.thirtysecond(sixteenth)))
        fine = self.head(eighth + grow(self.from_sixteenth(middle)))
        return torch.cat([self.score(fine), self.reach(fine), self.exact(fine)], dim=1)


class Exported(nn.Module):
    """The network with scores and postures as shares: what the ONNX file holds."""

    def __init__(self, network: SiteNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> Tensor:
        """As SiteNet, the first HEATS channels within 0..1, the next POSTURES adding up to 1."""
        raw = self.network(picture)
        scores = torch.sigmoid(raw[:, :HEATS])
        people = scores[:, :1] * torch.sigmoid(raw[:, EXACT:]) ** DOUBT
        postures = torch.softmax(raw[:, HEATS : HEATS + POSTURES], dim=1)
        return torch.cat([people, scores[:, 1:], postures, raw[:, HEATS + POSTURES : EXACT]], dim=1)


def grow(small: Tensor) -> Tensor:
    """``small`` at twice its size."""
    return nn.functional.interpolate(small, scale_factor=2.0, mode="nearest")
