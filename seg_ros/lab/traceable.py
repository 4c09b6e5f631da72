# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A model of the house as one function of normalised images, which other programs can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torchvision.models.detection.image_list import ImageList

from seg_ros.lab.starting import opened
from seg_ros.models.card import Card
from seg_ros.models.device import Placement
from seg_ros.models.exported import STRIDES
from seg_ros.models.instance_networks import InstanceNetwork, found_objects
from seg_ros.models.networks import backbone_of, semantic_logits
from seg_ros.models.preprocess import network_size
from seg_ros.records import Mode


@dataclass(frozen=True)
class Traceable:
    """
    A network as exporters want it.

    :param module: takes ``inputs`` and gives a tuple of tensors, ``outputs``.
    :param inputs: names and examples. :param outputs: names.
    :param free: by name, the axes that may have any length, with a word for each.
    """

    card: Card
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    free: dict[str, dict[int, str]]


def traceable(name: str, *, camera: tuple[int, int] | None, half: bool) -> Traceable:
    """
    Load a model for export: a shipped or trained one, torchvision's, or one of Hugging Face.

    :param camera: (width, height) of the pictures it is for: it then takes one picture at a time, of the size at
        which the node shows it such pictures. None for pictures of any size.
    :param half: compute in half precision; images and answers stay float32, and so do boxes and what is decided
        by them.
    :raises ModelError: when there is no such model, or it is of a kind that cannot be exported.
    """
    card, network = opened(name)
    size = network_size(camera or card.input_size, card.input_size, STRIDES[card.kind])
    images = torch.zeros(1, 3, size[1], size[0])
    sides = {} if camera else {2: 'height', 3: 'width'}
    if card.kind == Mode.SEMANTIC.value:
        some = {} if camera else {0: 'images', **sides}
        coarse = {} if camera else {0: 'images', 2: 'rows', 3: 'columns'}
        return Traceable(card, _Logits(_plain(network), half), {'images': images}, ('logits',),
                         {'images': some, 'logits': coarse})
    outputs = ('boxes', 'scores', 'labels', 'masks')
    return Traceable(card, _Objects(_plain(network), half), {'images': images, 'min_score': torch.tensor(0.5)},
                     outputs, {'images': sides, **{name: {0: 'objects'} for name in outputs}})


def _plain(network: nn.Module) -> nn.Module:
    """Return the network with its batch norms folded, laid out as exporters expect it."""
    placed = Placement(torch.device('cpu'), 'fp32').place(network)
    return placed.to(memory_format=torch.contiguous_format)


class _Logits(nn.Module):
    """(N, 3, H, W) images become (N, classes, h, w) logits, at the network's own resolution."""

    def __init__(self, network: nn.Module, half: bool) -> None:
        super().__init__()
        self.network = network.half() if half else network
        self.half_precision = half

    def forward(self, images: Tensor) -> Tensor:
        logits = semantic_logits(self.network, images.half() if self.half_precision else images)
        return logits.float()


class _Objects(nn.Module):
    """
    One (1, 3, H, W) image becomes boxes, scores, labels from 0 and small masks of the objects above a score.

    The backbone may be in half precision; it is most of the work. What decides about boxes is not.
    """

    def __init__(self, network: nn.Module, half: bool) -> None:
        super().__init__()
        self.network = cast(InstanceNetwork, network)
        if half:
            self.network.backbone = _HalfFeatures(backbone_of(network))

    def forward(self, images: Tensor, min_score: Tensor) -> tuple[Tensor, ...]:
        shape = torch._shape_as_tensor(images)  # so that a traced file keeps asking for the size
        found, = found_objects(self.network, ImageList(images, [(shape[2], shape[3])]),  # type: ignore[list-item]
                               min_score)
        return found['boxes'], found['scores'], found['labels'] - 1, found['masks'][:, 0]


class _HalfFeatures(nn.Module):
    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone.half()

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {key: value.float() for key, value in self.backbone(images.half()).items()}
