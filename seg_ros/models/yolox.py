# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""YOLOX-nano (Ge et al. 2021, arXiv 2107.08430), which finds boxes, and a head of ours that fills them with masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import Conv2dNormActivation, batched_nms, roi_align

STEM = 16
FINE, LOW, MIDDLE, HIGH = 32, 64, 128, 256
"""Channels of the features of stride 4, 8, 16 and 32."""

FINE_STRIDE = 4
STRIDES = {'low': 8, 'middle': 16, 'high': 32}
"""Of the features in whose cells boxes are found."""

SAME_OBJECT = 0.65
"""Of two boxes of one class that overlap more than this, the less certain is the same object again."""

HEAD, MASK = 64, 64
CELLS = 28
"""Of a mask, along each side."""


class CellAnswers(NamedTuple):
    """
    What the detector says in each cell of its features, those of stride 8 first.

    :ivar boxes: (N, cells, 4) left, top, right, bottom in pixels.
    :ivar sure: (N, cells) logits that an object is there.
    :ivar classes: (N, cells, classes) logits of what it is then.
    """

    boxes: Tensor
    sure: Tensor
    classes: Tensor

    @property
    def scores(self) -> Tensor:
        """(N, cells, classes) within 0..1, as they were published."""
        return self.sure.sigmoid()[..., None] * self.classes.sigmoid()


class YoloxNano(nn.Module):
    """
    The published network, its batch norms folded, with masks.

    Images are (N, 3, H, W) rgb in 0..255, sides multiples of 32.

    :ivar calibration: factor and summand of a score's logit: with them a score is the share of such objects that are
        real.
    """

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.backbone = Pyramid()
        self.detector = nn.ModuleList(_Detector(inputs, n_classes) for inputs in (LOW, MIDDLE, HIGH))
        self.masks = MaskHead()
        self.calibration: Tensor
        self.register_buffer('calibration', torch.tensor([1.0, 0.0]))

    def cells(self, features: dict[str, Tensor]) -> CellAnswers:
        """Return what is said in each cell of the features of images."""
        parts = [head(features[level], stride) for head, (level, stride) in zip(self.detector, STRIDES.items())]
        return CellAnswers(*(torch.cat(part, dim=1) for part in zip(*parts)))

    def found(self, features: dict[str, Tensor], bounds: Tensor, min_score: float | Tensor,
              most: int) -> list[dict[str, Tensor]]:
        """
        Return boxes, scores, labels from 1 and (N, 1, m, m) masks per image, as torchvision's detectors do.

        :param bounds: (4,) width, height, width, height of the images, beyond which no box goes.
        """
        cells = self.cells(features)
        chosen = [self._chosen(boxes.clamp(min=0).minimum(bounds), scores, min_score, most)
                  for boxes, scores in zip(cells.boxes, self.calibrated(cells.scores))]
        masks = self.masks(features, [one['boxes'] for one in chosen]).sigmoid()
        parts = masks.split([len(one['boxes']) for one in chosen]) if len(chosen) > 1 else [masks]
        return [{**one, 'masks': part} for one, part in zip(chosen, parts)]

    def calibrated(self, scores: Tensor) -> Tensor:
        """Return scores that mean probability, of those published."""
        return (torch.logit(scores, eps=1e-6) * self.calibration[0] + self.calibration[1]).sigmoid()

    def _chosen(self, boxes: Tensor, scores: Tensor, min_score: float | Tensor, most: int) -> dict[str, Tensor]:
        """Return the best class of each cell where it is certain enough, no object twice, the most certain first."""
        best, labels = scores.max(dim=1)
        good = torch.nonzero(best >= min_score)[:, 0]
        kept = good[batched_nms(boxes[good], best[good], labels[good], SAME_OBJECT)[:most]]
        return {'boxes': boxes[kept], 'scores': best[kept], 'labels': labels[kept] + 1}


class Pyramid(nn.Module):
    """Images become features of stride 4, 8, 16 and 32: a CSPDarknet and a path aggregation network."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _convolution(3, STEM, 6, 2)
        self.fine = nn.Sequential(_Separable(STEM, FINE, 2), _Split(FINE, FINE, 1, adds=True))
        self.low = nn.Sequential(_Separable(FINE, LOW, 2), _Split(LOW, LOW, 3, adds=True))
        self.middle = nn.Sequential(_Separable(LOW, MIDDLE, 2), _Split(MIDDLE, MIDDLE, 3, adds=True))
        self.high = nn.Sequential(_Separable(MIDDLE, HIGH, 2), _Pooled(HIGH), _Split(HIGH, HIGH, 1))
        self.narrow_high = _convolution(HIGH, MIDDLE, 1)
        self.to_middle = _Split(HIGH, MIDDLE, 1)
        self.narrow_middle = _convolution(MIDDLE, LOW, 1)
        self.to_low = _Split(MIDDLE, LOW, 1)
        self.shrink_low = _Separable(LOW, LOW, 2)
        self.back_middle = _Split(MIDDLE, MIDDLE, 1)
        self.shrink_middle = _Separable(MIDDLE, MIDDLE, 2)
        self.back_high = _Split(HIGH, HIGH, 1)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the features by name."""
        fine = self.fine(self.stem(images))
        low = self.low(fine)
        middle = self.middle(low)
        high = self.narrow_high(self.high(middle))
        middle = self.narrow_middle(self.to_middle(torch.cat([_doubled(high), middle], dim=1)))
        low = self.to_low(torch.cat([_doubled(middle), low], dim=1))
        middle = self.back_middle(torch.cat([self.shrink_low(low), middle], dim=1))
        high = self.back_high(torch.cat([self.shrink_middle(middle), high], dim=1))
        return {'fine': fine, 'low': low, 'middle': middle, 'high': high}


class MaskHead(nn.Module):
    """What of a box belongs to its object, whatever it is; features of all strides, sampled within the box, say it."""

    def __init__(self) -> None:
        super().__init__()
        self.lateral = nn.ModuleDict({name: nn.Conv2d(inputs, MASK, 1) for name, inputs in
                                      {'high': HIGH, 'middle': MIDDLE, 'low': LOW, 'fine': FINE}.items()})
        self.joined = _normalised(MASK, MASK)
        self.blocks = nn.Sequential(*(_Residual(MASK) for _ in range(4)))
        self.score = nn.Conv2d(MASK, 1, 1)

    def forward(self, features: dict[str, Tensor], boxes: Sequence[Tensor]) -> Tensor:
        """Return the (R, 1, m, m) logits of the cells of all boxes, those of the first image first."""
        high, *others = (lateral(features[name]) for name, lateral in self.lateral.items())
        for finer in others:
            high = finer + F.interpolate(high, scale_factor=2.0, mode='bilinear', align_corners=False)
        seen = roi_align(self.joined(high), list(boxes), CELLS, 1 / FINE_STRIDE, 2, aligned=True)
        return cast(Tensor, self.score(self.blocks(seen)))


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(Conv2dNormActivation(channels, channels, 5, groups=channels, activation_layer=None),
                                  _normalised(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def _normalised(inputs: int, outputs: int) -> nn.Sequential:
    return Conv2dNormActivation(inputs, outputs, 1, activation_layer=nn.SiLU)


class _Detector(nn.Module):
    """Features of one stride become boxes, whether they are objects, and of which class."""

    def __init__(self, inputs: int, n_classes: int) -> None:
        super().__init__()
        self.stem = _convolution(inputs, HEAD, 1)
        self.what = nn.Sequential(_Separable(HEAD, HEAD), _Separable(HEAD, HEAD))
        self.classes = nn.Conv2d(HEAD, n_classes, 1)
        self.where = nn.Sequential(_Separable(HEAD, HEAD), _Separable(HEAD, HEAD))
        self.boxes, self.sure = nn.Conv2d(HEAD, 4, 1), nn.Conv2d(HEAD, 1, 1)

    def forward(self, features: Tensor, stride: int) -> CellAnswers:
        x = self.stem(features)
        what, where = self.what(x), self.where(x)
        height, width = features.shape[-2:]
        rows, columns = (torch.arange(n, device=x.device, dtype=x.dtype) for n in (height, width))
        corners = torch.stack(torch.meshgrid(columns, rows, indexing='xy'))
        shift, extent = self.boxes(where).split(2, dim=1)
        centre, half = (corners + shift) * stride, extent.exp() * (stride / 2)
        return CellAnswers(_listed(torch.cat([centre - half, centre + half], dim=1)), _listed(self.sure(where))[..., 0],
                     _listed(self.classes(what)))


class _Split(nn.Module):
    """Half of the channels go through bottlenecks, half around them (CSPNet, Wang et al. 2020)."""

    def __init__(self, inputs: int, outputs: int, count: int, *, adds: bool = False) -> None:
        super().__init__()
        half = outputs // 2
        self.through, self.around = _convolution(inputs, half, 1), _convolution(inputs, half, 1)
        self.bottlenecks = nn.Sequential(*(_Bottleneck(half, adds) for _ in range(count)))
        self.joined = _convolution(outputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.joined(torch.cat([self.bottlenecks(self.through(x)), self.around(x)], dim=1))


class _Bottleneck(nn.Module):
    def __init__(self, channels: int, adds: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(_convolution(channels, channels, 1), _Separable(channels, channels))
        self.adds = adds

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.adds else self.body(x)


class _Pooled(nn.Module):
    """Features beside the largest of 5x5, 9x9 and 13x13 of them; each is the one before it, of 5x5 again."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow, self.joined = _convolution(channels, channels // 2, 1), _convolution(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        seen = [self.narrow(x)]
        for _ in range(3):
            seen.append(F.max_pool2d(seen[-1], 5, 1, 2))
        return self.joined(torch.cat(seen, dim=1))


class _Separable(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__(_convolution(inputs, inputs, 3, stride, groups=inputs), _convolution(inputs, outputs, 1))


def _convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups), nn.SiLU(True))


def _doubled(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2.0, mode='nearest')


def _listed(maps: Tensor) -> Tensor:
    """Return (N, C, h, w) maps as (N, h * w, C)."""
    return maps.flatten(2).transpose(1, 2)
