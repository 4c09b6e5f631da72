# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training the masks of a detector whose boxes and classes stay as they were published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import roi_align

from seg_ros.lab.evaluation import evaluate
from seg_ros.lab.instance_training import InstanceTask, TrainingView
from seg_ros.lab.temperature import fitted_line
from seg_ros.models.card import Card
from seg_ros.models.yolox import CELLS, YoloxNano

MOST = 16
"""Objects of a view that are learned from, drawn anew each time."""

SHIFT, STRETCH = 0.06, 0.12
"""By how much of its size a true box is moved and, as a power of e, stretched: found boxes do not fit exactly."""


@dataclass
class MaskHeadTask(InstanceTask):
    """The head of a YOLOX-nano that fills boxes with masks, whatever is in them; an outline's class is not used."""

    network: YoloxNano

    def __post_init__(self) -> None:
        super().__post_init__()
        self.network.backbone.requires_grad_(False)
        self.network.detector.requires_grad_(False)

    def body_of(self, network: nn.Module) -> nn.Module:
        """Return the backbone, which never learns."""
        return cast(YoloxNano, network).backbone

    def loss(self, network: nn.Module, batch: list[TrainingView], device: torch.device) -> Tensor:
        """Return the cross entropy of the masks' cells and the Dice loss (Milletari et al. 2016), mean over objects."""
        yolox = cast(YoloxNano, network)
        images = torch.stack([image for image, _ in batch]).to(device).float()
        with torch.no_grad():
            features = yolox.backbone(images)
        boxes, wanted = zip(*(learned_boxes(target, (images.shape[2], images.shape[3])) for _, target in batch))
        true = torch.cat(wanted).to(device)
        with torch.autocast(device.type, enabled=False):
            features = {level: one.float() for level, one in features.items()}
            logits = yolox.masks(features, [one.to(device) for one in boxes])
        return _mask_loss(logits, true)

    def finished(self, network: nn.Module, device: torch.device) -> Card:
        """Let scores mean probability on the held-out images, and return the card."""
        scorer, line = self.scorer(), cast(YoloxNano, network).calibration
        with self.piped(network, device) as pipeline:
            evaluate(pipeline, self.settings, self.held_out, scorer)
        factor, summand = fitted_line(*scorer.counted.judged())
        line.copy_(factor * line + torch.tensor([0.0, summand]))
        return self.card


def learned_boxes(target: dict[str, Tensor], size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """
    Return (N, 4) boxes, each a little beside the true one, and (N, 1, m, m) what share of each cell is object.

    :param target: the true ``boxes`` and ``masks`` of a view. :param size: its height and width.
    """
    some = torch.randperm(len(target['boxes']))[:MOST]
    low, high = target['boxes'][some].split(2, dim=1)
    centre, half = (low + high) / 2, (high - low) / 2
    centre = centre + half * (2 * SHIFT) * torch.randn_like(half)
    half = half * torch.exp(STRETCH * torch.randn_like(half))
    bounds = torch.tensor([size[1], size[0]] * 2, dtype=torch.float32)
    boxes = torch.cat([centre - half, centre + half], dim=1).clamp(min=0).minimum(bounds)
    rows = torch.cat([torch.arange(len(some), dtype=torch.float32)[:, None], boxes], dim=1)
    return boxes, roi_align(target['masks'][some][:, None].float(), rows, CELLS, aligned=True)


def _mask_loss(logits: Tensor, true: Tensor) -> Tensor:
    entropy = F.binary_cross_entropy_with_logits(logits, true, reduction='none').mean(dim=(1, 2, 3))
    seen = logits.sigmoid()
    common, total = ((seen * true).sum(dim=(1, 2, 3)), (seen + true).sum(dim=(1, 2, 3)))
    return (entropy + 1.0 - (2 * common + 1.0) / (total + 1.0)).sum() / max(1, len(true))
