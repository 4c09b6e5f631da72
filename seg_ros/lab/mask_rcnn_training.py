# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training Mask R-CNN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN

from seg_ros.lab.instance_training import InstanceTask, TrainingView
from seg_ros.models.card import in_bytes


@dataclass
class MaskRcnnTask(InstanceTask):
    """A Mask R-CNN, its outlined images and its losses."""

    network: MaskRCNN

    def __post_init__(self) -> None:
        super().__post_init__()
        transform = self.network.transform
        transform._skip_resize = True  # in training only: views have their size already
        transform.image_mean = [v / 255.0 for v in self.card.mean]
        transform.image_std = [v / 255.0 for v in self.card.std]

    def body_of(self, network: nn.Module) -> nn.Module:
        """Return the backbone below its pyramid."""
        return cast(MaskRCNN, network).backbone.body

    def loss(self, network: nn.Module, batch: list[TrainingView], device: torch.device) -> Tensor:
        """
        Return the sum of the five losses of Mask R-CNN (He et al. 2017).

        Under autocast the backbone alone computes in few bits, as in use: beyond column 256 bfloat16 knows even
        numbers alone, and true boxes would be learned a pixel off.
        """
        detector = cast(MaskRCNN, network)
        if self.frozen:
            detector.backbone.body.eval()
        images = [image.to(device).float() / 255.0 for image, _ in batch]
        targets = [{key: value.to(device) for key, value in target.items()} for _, target in batch]
        shown, targets = detector.transform(images, targets)
        features = detector.backbone(shown.tensors)
        with torch.autocast(device.type, enabled=False):
            features = {level: one.float() for level, one in features.items()}
            proposals, of_proposals = detector.rpn(shown, features, targets)
            _, of_objects = detector.roi_heads(features, proposals, shown.image_sizes, targets)
        return torch.stack([*of_objects.values(), *of_proposals.values()]).sum()


def normalisation_of(network: MaskRCNN) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return mean and deviation of colours in 0..255 that a network has by itself."""
    return in_bytes(network.transform.image_mean), in_bytes(network.transform.image_std)
