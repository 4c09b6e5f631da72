"""Torchvision networks by architecture name, with the parts that the shipped models are built from."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v2
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.segmentation import (
    deeplabv3_mobilenet_v3_large,
    deeplabv3_resnet50,
    lraspp_mobilenet_v3_large,
)
from torchvision.models.segmentation.lraspp import LRASPP

from seg_ros.errors import ModelError, nearest_of


def lraspp_mobilenet_v2(n_classes: int) -> LRASPP:
    """
    Build LR-ASPP (Howard et al. 2019) on a MobileNetV2 (Sandler et al. 2018) backbone of output stride 16.

    The last strided block keeps its resolution and the blocks after it are dilated by 2, as in DeepLabv3.
    """
    features = mobilenet_v2_stride_16()
    backbone = IntermediateLayerGetter(features, return_layers={'6': 'low', '17': 'high'})
    return LRASPP(backbone, low_channels=32, high_channels=320, num_classes=n_classes)


def mobilenet_v2_stride_16() -> nn.Sequential:
    """Return MobileNetV2's features 0 to 17 with output stride 16 and random weights."""
    features = mobilenet_v2(weights=None).features[:18]
    for index, dilation in ((14, 1), (15, 2), (16, 2), (17, 2)):
        for conv in features[index].modules():
            if isinstance(conv, nn.Conv2d) and conv.groups > 1:
                conv.stride, conv.dilation, conv.padding = (1, 1), (dilation,) * 2, (dilation,) * 2
    return cast(nn.Sequential, features)


SEMANTIC_NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    'lraspp_mobilenet_v2': lraspp_mobilenet_v2,
    'lraspp_mobilenet_v3_large': lambda n: lraspp_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=n),
    'deeplabv3_mobilenet_v3_large': lambda n: deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=n),
    'deeplabv3_resnet50': lambda n: deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=n),
}


def semantic_network(architecture: str, n_classes: int) -> nn.Module:
    """
    Build a semantic segmentation network with random weights.

    :raises ModelError: when the architecture is unknown; names the nearest known one.
    """
    if architecture not in SEMANTIC_NETWORKS:
        raise ModelError(f"there is no semantic architecture '{architecture}'; "
                         f'{nearest_of(architecture, SEMANTIC_NETWORKS)}')
    return SEMANTIC_NETWORKS[architecture](n_classes)


def semantic_logits(network: nn.Module, images: Tensor) -> Tensor:
    """
    Return the class logits at the network's own resolution.

    torchvision's ``forward`` upsamples every class to the image size; that work is left out here.

    :param images: (N, 3, H, W) normalised images.
    :return: (N, C, h, w) logits, typically h = H / 8 or H / 16.
    """
    features = backbone_of(network)(images)
    if not isinstance(network, LRASPP):
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
