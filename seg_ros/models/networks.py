# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Semantic networks by architecture name: torchvision's, and those that the shipped models are built from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from seg_ros.errors import ModelError, nearest_of
from seg_ros.models.mosaic import Mosaic
from seg_ros.models.transformers_networks import PREFIX, OfTransformers

OF_TORCHVISION = ('deeplabv3_mobilenet_v3_large', 'deeplabv3_resnet101', 'deeplabv3_resnet50', 'fcn_resnet101',
                  'fcn_resnet50', 'lraspp_mobilenet_v3_large')


def _imported(architecture: str, n_classes: int) -> nn.Module:
    """Build a network of torchvision's parts; importing torchvision takes longer than loading a model without."""
    from seg_ros.models import torchvision_networks as parts
    if architecture in OF_TORCHVISION:
        return parts.torchvisions(architecture, n_classes)
    build: Callable[[int], nn.Module] = getattr(parts, architecture)
    return build(n_classes)


SEMANTIC_NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    'mosaic': Mosaic,
    **{name: partial(_imported, name)
       for name in ('deeplabv3plus_mobilenet_v2', 'lraspp_mobilenet_v2', *OF_TORCHVISION)},
}


def semantic_network(architecture: str, n_classes: int) -> nn.Module:
    """
    Build a semantic segmentation network with random weights.

    :raises ModelError: when the architecture is unknown; names the nearest known one.
    """
    if architecture.startswith(PREFIX):
        return OfTransformers(architecture, n_classes)
    if architecture not in SEMANTIC_NETWORKS:
        raise ModelError(f"there is no semantic architecture '{architecture}'; "
                         f'{nearest_of(architecture, SEMANTIC_NETWORKS)}')
    return SEMANTIC_NETWORKS[architecture](n_classes)


def semantic_logits(network: nn.Module, images: Tensor) -> Tensor:
    """
    Return the class logits at the network's own resolution.

    torchvision's ``forward`` upsamples every class to the image size; that work is left out here.

    :param images: (N, 3, H, W) normalised images.
    :return: (N, C, h, w) logits, typically h = H / 4, H / 8 or H / 16.
    """
    if isinstance(network, OfTransformers):
        return network.logits(images)
    features = backbone_of(network)(images)
    if isinstance(features, dict) and 'out' in features:  # of torchvision's DeepLabV3 and FCN
        features = features['out']
    return cast(Tensor, cast(nn.Module, network.classifier)(features))


def backbone_of(network: nn.Module) -> nn.Module:
    """Return the part of a network that turns images into features."""
    return cast(nn.Module, network.backbone)


def load_backbone(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """
    Load a plain MobileNetV2 state dict (keys ``features.N...``) into a network's backbone.

    :raises ModelError: when a layer of the backbone is missing in the weights or has another shape.
    """
    backbone = backbone_of(network)
    wanted = backbone.state_dict()
    found = {key.removeprefix('features.'): value for key, value in weights.items()}
    bad = [key for key, value in wanted.items()
           if not key.endswith('num_batches_tracked')
           and (key not in found or found[key].shape != value.shape)]
    if bad:
        raise ModelError(f'the backbone weights do not fit: {len(bad)} layers missing or of another shape, '
                         f'first {bad[0]}')
    with torch.no_grad():
        backbone.load_state_dict({key: found.get(key, value) for key, value in wanted.items()})
