# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Semantic networks of torchvision, and those built of its parts."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import get_model, mobilenet_v2
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.segmentation.lraspp import LRASPP
from torchvision.ops import Conv2dNormActivation


def lraspp_mobilenet_v2(n_classes: int) -> LRASPP:
    """
    Build LR-ASPP (Howard et al. 2019) on a MobileNetV2 (Sandler et al. 2018) backbone of output stride 16.

    The last strided block keeps its resolution and the blocks after it are dilated by 2, as in DeepLabv3.
    """
    features = mobilenet_v2_stride_16()
    backbone = IntermediateLayerGetter(features, return_layers={'6': 'low', '17': 'high'})
    return LRASPP(backbone, low_channels=32, high_channels=320, num_classes=n_classes)


class DeepLabV3Plus(nn.Module):
    """
    A backbone of output stride 16 with the decoder of DeepLabv3+ (Chen et al. 2018), made light.

    Atrous convolutions are depthwise separable, the image pooling gates them as in LR-ASPP (Howard et al.
    2019), and the decoder takes features of stride 8 and of stride 4. Logits have stride 4.

    :param backbone: returns the features ``fine`` (stride 4), ``low`` (8) and ``high`` (16).
    :param channels: the numbers of channels of these three.
    """

    def __init__(self, backbone: nn.Module, channels: tuple[int, int, int], n_classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.classifier = _LightDecoder(*channels, n_classes)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return ``out``, the (N, C, H, W) logits of (N, 3, H, W) images at the images' size."""
        return {'out': F.interpolate(self.classifier(self.backbone(images)), images.shape[-2:], mode='bilinear')}


class _LightDecoder(nn.Module):
    def __init__(self, fine: int, low: int, high: int, n_classes: int) -> None:
        super().__init__()
        self.direct = Conv2dNormActivation(high, 128, 1)
        self.near, self.far = _separable(high, 64, dilation=4), _separable(high, 64, dilation=8)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(high, 128, 1), nn.Sigmoid())
        self.joined = Conv2dNormActivation(256, 128, 1)
        self.low, self.fine = Conv2dNormActivation(low, 48, 1), Conv2dNormActivation(fine, 24, 1)
        self.middle, self.last = _separable(128 + 48, 128), _separable(128 + 24, 96)
        self.score = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(96, n_classes, 1))

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        high, low, fine = features['high'], features['low'], features['fine']
        context = torch.cat([self.direct(high), self.near(high), self.far(high)], dim=1)
        x = self.joined(context) * self.gate(high)
        x = self.middle(torch.cat([_enlarged(x, low), self.low(low)], dim=1))
        x = self.last(torch.cat([_enlarged(x, fine), self.fine(fine)], dim=1))
        return cast(Tensor, self.score(x))


def _separable(inputs: int, outputs: int, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(Conv2dNormActivation(inputs, inputs, 3, groups=inputs, dilation=dilation,
                                              activation_layer=None),
                         Conv2dNormActivation(inputs, outputs, 1))


def _enlarged(features: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(features, like.shape[-2:], mode='bilinear', align_corners=False)


def deeplabv3plus_mobilenet_v2(n_classes: int) -> DeepLabV3Plus:
    """Build the light DeepLabv3+ on a MobileNetV2 (Sandler et al. 2018) backbone of output stride 16."""
    features = mobilenet_v2_stride_16()
    backbone = IntermediateLayerGetter(features, return_layers={'3': 'fine', '6': 'low', '17': 'high'})
    return DeepLabV3Plus(backbone, (24, 32, 320), n_classes)


def mobilenet_v2_stride_16() -> nn.Sequential:
    """Return MobileNetV2's features 0 to 17 with output stride 16 and random weights."""
    features = mobilenet_v2(weights=None).features[:18]
    for index, dilation in ((14, 1), (15, 2), (16, 2), (17, 2)):
        for conv in features[index].modules():
            if isinstance(conv, nn.Conv2d) and conv.groups > 1:
                conv.stride, conv.dilation, conv.padding = (1, 1), (dilation,) * 2, (dilation,) * 2
    return cast(nn.Sequential, features)


def torchvisions(name: str, n_classes: int) -> nn.Module:
    """Build a network as torchvision does, without the head that helps its training alone."""
    more = {} if name.startswith('lraspp') else {'aux_loss': False}
    return cast(nn.Module, get_model(name, weights=None, weights_backbone=None, num_classes=n_classes, **more))
