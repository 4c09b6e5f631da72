# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Each architecture is torchvision's own, without the upsampling of every class."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scenes.networks import random_network
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import list_models, mobilenet_v2, segmentation

from seg_ros.errors import ModelError
from seg_ros.models.networks import (
    OF_TORCHVISION,
    SEMANTIC_NETWORKS,
    load_backbone,
    semantic_logits,
    semantic_network,
)
from seg_ros.models.torchvision_networks import mobilenet_v2_stride_16

BACKBONE = Path(__file__).parents[3] / 'shared' / 'data' / 'weights' / 'mobilenet_v2_backbone.pth'


def backbone_weights() -> dict[str, Tensor]:
    """Return the weights of a plain MobileNetV2, as published files hold them."""
    torch.manual_seed(1)
    return {f'features.{key}': value for key, value in mobilenet_v2(weights=None).features.state_dict().items()}


@pytest.mark.parametrize('architecture', sorted(set(SEMANTIC_NETWORKS) - {'mosaic'}))  # it enlarges otherwise
def test_the_logits_upsampled_are_what_torchvision_answers(architecture: str) -> None:
    network, images = random_network(architecture, 4), torch.randn(2, 3, 64, 96)
    with torch.inference_mode():
        logits = semantic_logits(network, images)
        whole = network(images)['out']
    assert logits.shape[:2] == (2, 4)
    assert logits.shape[2] < 64
    assert torch.equal(F.interpolate(logits, (64, 96), mode='bilinear', align_corners=False), whole)


def test_the_networks_of_torchvision_are_all_that_it_has() -> None:
    assert set(OF_TORCHVISION) == set(list_models(module=segmentation))


@pytest.mark.parametrize('n_classes', [1, 2, 150])
def test_there_is_an_output_for_each_class(n_classes: int) -> None:
    network = semantic_network('lraspp_mobilenet_v2', n_classes).eval()
    with torch.inference_mode():
        assert semantic_logits(network, torch.zeros(1, 3, 64, 96)).shape == (1, n_classes, 8, 12)


@pytest.mark.parametrize(('word', 'nearest'), [
    ('lraspp_mobilenetv2', 'lraspp_mobilenet_v2'), ('deeplabv3_resnet', 'deeplabv3_resnet50'),
])
def test_an_unknown_architecture_is_refused(word: str, nearest: str) -> None:
    with pytest.raises(ModelError, match=f"no semantic architecture '{word}'; the nearest known is '{nearest}'"):
        semantic_network(word, 4)


def test_the_backbone_keeps_a_sixteenth_of_the_resolution() -> None:
    features = mobilenet_v2_stride_16().eval()
    assert features(torch.zeros(1, 3, 64, 96)).shape == (1, 320, 4, 6)


def test_the_blocks_behind_the_last_stride_look_twice_as_far() -> None:
    """What was strided is not dilated; what came after it is, so that each kernel covers what it was trained on."""
    depthwise = [next(m for m in block.modules() if isinstance(m, nn.Conv2d) and m.groups > 1)
                 for block in list(mobilenet_v2_stride_16())[13:18]]
    assert [(m.stride[0], m.dilation[0], m.padding[0]) for m in depthwise] == [
        (1, 1, 1), (1, 1, 1), (1, 2, 2), (1, 2, 2), (1, 2, 2)]


def test_its_weights_are_those_of_the_plain_mobilenet() -> None:
    """Dilation changes where a kernel looks, not its shape: published weights fit."""
    network = semantic_network('lraspp_mobilenet_v2', 4)
    weights = backbone_weights()
    load_backbone(network, weights)
    for key, value in network.backbone.state_dict().items():  # type: ignore[operator,union-attr]
        assert torch.equal(value, weights[f'features.{key}'])


def test_weights_without_their_prefix_fit_too() -> None:
    network = semantic_network('lraspp_mobilenet_v2', 4)
    weights = {key.removeprefix('features.'): value for key, value in backbone_weights().items()}
    load_backbone(network, weights)
    loaded = network.backbone.state_dict()  # type: ignore[operator,union-attr]
    assert torch.equal(loaded['0.0.weight'], weights['0.0.weight'])


@pytest.mark.parametrize('spoil', ['missing', 'another shape'])
def test_a_backbone_that_does_not_fit_is_refused_and_nothing_loaded(spoil: str) -> None:
    network, weights = semantic_network('lraspp_mobilenet_v2', 4), backbone_weights()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    if spoil == 'missing':
        del weights['features.3.conv.0.0.weight']
    else:
        weights['features.3.conv.0.0.weight'] = torch.zeros(1)
    with pytest.raises(ModelError, match=r'1 layers missing or of another shape, first 3\.conv\.0\.0\.weight'):
        load_backbone(network, weights)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_a_backbone_of_another_family_is_refused() -> None:
    with pytest.raises(ModelError, match='the backbone weights do not fit'):
        load_backbone(semantic_network('lraspp_mobilenet_v3_large', 4), backbone_weights())


def test_the_published_backbone_fits() -> None:
    if not BACKBONE.is_file():
        pytest.skip('the published MobileNetV2 weights are not on this machine')
    load_backbone(semantic_network('lraspp_mobilenet_v2', 4), torch.load(BACKBONE, weights_only=True))
