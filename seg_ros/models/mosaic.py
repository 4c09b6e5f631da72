# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MOSAIC (Wang & Howard 2021, arXiv 2112.11623): a network for phones that looks at a pyramid of pooled features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class _Shape:
    """An inverted bottleneck: its channels inside and after it, and its depthwise kernel."""

    inside: int
    outputs: int
    kernel: int = 3
    stride: int = 1
    dilation: int = 1


STEM, HIGH = 32, 448
BLOCKS = (_Shape(96, 32, stride=2), _Shape(64, 32),
          _Shape(160, 64, 5, stride=2), _Shape(192, 64), _Shape(128, 64), _Shape(192, 64),
          _Shape(384, 128, 5, stride=2), _Shape(384, 128), _Shape(384, 128), _Shape(384, 128),
          _Shape(768, 160), _Shape(640, 160), _Shape(960, 192),
          _Shape(384, 96, 5, dilation=2), _Shape(384, 96, 5, dilation=2), _Shape(384, 96, 5, dilation=2))
FINE, LOW = 1, 5
"""The blocks whose insides, of stride 4 and 8, the decoder sees."""

POOLS = (8, 4, 2)
MIDDLE = 0.375
"""The middle of 4x4 pixels, 1.5, in cells of stride 4: the published network answers for the first of them."""


class Mosaic(nn.Module):
    """
    The network of MLPerf Mobile (mlcommons/mobile_open, vision/mosaic), its batch norms folded into biases.

    Padding is TensorFlow's, and enlarging by f takes place i from i / f. A product after an enlargement or a joining
    is done before it, which gives the same at less cost.
    """

    added_since = ('classifier.bias',)  # layers that older files lack: they are as they begin

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.backbone = Encoder()
        self.classifier = Decoder(n_classes)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """
        Return ``out``, the (N, C, H, W) logits of (N, 3, H, W) images, as the published network has them.

        The ``classifier`` gives them at a quarter of the size, for the middle of each 4x4 pixels.
        """
        return {'out': interpolated(self.classifier.of_corners(self.backbone(images)), 4, like=images)}


class Encoder(nn.Sequential):
    """Images become features of stride 4 (``fine``), 8 (``low``) and 16 (``high``)."""

    def __init__(self) -> None:
        inputs = (STEM, *(shape.outputs for shape in BLOCKS))
        super().__init__(nn.Sequential(_convolution(3, STEM, 3, stride=2), nn.ReLU(inplace=True)),
                         *(_Bottleneck(before, shape) for before, shape in zip(inputs, BLOCKS)),
                         _pointwise(inputs[-1], HIGH))

    def forward(self, images: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
        """Return the features by name."""
        stem, *blocks, last = self
        x, insides = stem(images), list[Tensor]()
        for block in cast(list[_Bottleneck], blocks):
            insides.append(block.inside(x))
            x = block.after(insides[-1], x)
        return {'fine': insides[FINE], 'low': insides[LOW], 'high': last(x)}


class _Bottleneck(nn.Module):
    """An inverted bottleneck (Sandler et al. 2018) without normalisation; where shapes allow, it adds to its input."""

    def __init__(self, inputs: int, shape: _Shape) -> None:
        super().__init__()
        depthwise = _convolution(shape.inside, shape.inside, shape.kernel, stride=shape.stride,
                                 dilation=shape.dilation, groups=shape.inside)
        self.inside = nn.Sequential(*_pointwise(inputs, shape.inside), depthwise, nn.ReLU(inplace=True))
        self.project = nn.Conv2d(shape.inside, shape.outputs, 1)
        self.adds = shape.stride == 1 and inputs == shape.outputs

    def after(self, inside: Tensor, x: Tensor) -> Tensor:
        """Return the features after the block, of those inside and before it."""
        return x + self.project(inside) if self.adds else self.project(inside)


class Decoder(nn.Module):
    """
    Features of three strides become logits of stride 4.

    The published network ends with a ReLU; the ``bias`` after it is ours, and makes classes more or less likely.
    """

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.fine = _pointwise(BLOCKS[FINE].inside, n_classes)
        self.pyramid = nn.ModuleList(_Level(pool) for pool in POOLS)
        self.high = nn.Conv2d(HIGH, 128, 1)
        self.from_high, self.from_low = nn.Conv2d(128, 64, 1, bias=False), nn.Conv2d(BLOCKS[LOW].inside, 64, 1)
        self.low = nn.Sequential(_convolution(64, 64, 3, groups=64), nn.ReLU(inplace=True), *_pointwise(64, n_classes))
        self.bias = nn.Parameter(torch.zeros(n_classes))

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        """Return the (N, C, h, w) logits of the middle of each cell of 4x4 pixels."""
        logits = F.pad(self.of_corners(features), (0, 1, 0, 1), 'replicate')
        rows = torch.lerp(logits[..., :-1, :], logits[..., 1:, :], MIDDLE)
        return torch.lerp(rows[..., :-1], rows[..., 1:], MIDDLE)

    def of_corners(self, features: dict[str, Tensor]) -> Tensor:
        """Return the (N, C, h, w) logits of the first pixel of each cell."""
        high, low, fine = features['high'], features['low'], features['fine']
        x = self.high(high)
        for level in self.pyramid:
            x = x + level(high)
        x = interpolated(self.from_high(F.relu_(x)), 2, like=low) + self.from_low(low)
        coarse = self.low(F.relu_(x)) + self.bias[:, None, None]
        return self.fine(fine) + interpolated(coarse, 2, like=fine)


class _Level(nn.Module):
    """What a small and a large kernel see in cells of ``pool`` x ``pool`` features, for each feature."""

    def __init__(self, pool: int) -> None:
        super().__init__()
        half = HIGH // 2
        self.pool = pool
        self.small, self.large = (
            nn.Sequential(_convolution(half, half, kernel, groups=half), nn.ReLU(inplace=True), *_pointwise(half, 64))
            for kernel in (3, 5))
        self.joined = nn.Conv2d(128, 128, 1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        one, other = F.avg_pool2d(features, self.pool, ceil_mode=True).chunk(2, dim=1)
        seen = self.joined(torch.cat([self.small(one), self.large(other)], dim=1))
        return interpolated(seen, self.pool, like=features)


def _convolution(inputs: int, outputs: int, kernel: int, *, stride: int = 1, dilation: int = 1,
                 groups: int = 1) -> nn.Conv2d:
    """
    Return a convolution that is followed by a ReLU and pads as TensorFlow's SAME does where sizes are even.

    With stride 2 that pads one less before than behind: the kernel gets a row and a column more before, which
    published weights fill with zeros.
    """
    side = kernel + (stride > 1)
    layer = nn.Conv2d(inputs, outputs, side, stride, dilation * ((side - 1) // 2), dilation, groups)
    nn.init.kaiming_uniform_(layer.weight, nonlinearity='relu')  # no normalisation makes up for smaller ones
    return layer


def _pointwise(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(_convolution(inputs, outputs, 1), nn.ReLU(inplace=True))


def interpolated(features: Tensor, factor: int, *, like: Tensor) -> Tensor:
    """Return features enlarged by a factor, place i taken from i / factor, cut to the height and width of others."""
    height, width = features.shape[-2:]
    fine = F.interpolate(F.pad(features, (0, 1, 0, 1), 'replicate'), (factor * height + 1, factor * width + 1),
                         mode='bilinear', align_corners=True)
    return fine[..., :like.shape[-2], :like.shape[-1]]
