# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Instance networks are built by name, fit their size budget, and give masks without pasting them."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torchvision.models import mobilenet_v2
from torchvision.models.detection.roi_heads import paste_masks_in_image

from seg_ros.errors import ModelError
from seg_ros.models.instance_networks import (
    INSTANCE_NETWORKS,
    batch_proposals,
    instance_network,
    load_instance_backbone,
    maskrcnn_mobilenet_v2_fpn,
)


@pytest.fixture(scope='module')
def network() -> nn.Module:
    torch.manual_seed(0)
    return maskrcnn_mobilenet_v2_fpn(3, 96, 128).eval()


def test_the_small_network_is_at_most_12_megabytes_in_half_precision() -> None:
    network = maskrcnn_mobilenet_v2_fpn(17)
    assert sum(value.numel() * 2 for value in network.state_dict().values()) < 12e6


def test_normalisation_is_minus_one_to_one(network: nn.Module) -> None:
    images, _ = network.transform([torch.stack([torch.zeros(96, 128), torch.ones(96, 128), torch.ones(96, 128) / 2])])
    assert images.tensors[0, :, 40, 40].tolist() == pytest.approx([-1.0, 1.0, 0.0])


def test_proposals_are_what_the_network_pastes(network: nn.Module) -> None:
    torch.manual_seed(1)
    images = torch.rand(2, 3, 96, 128)
    with torch.inference_mode():
        pasted = network(list(images))
        found = batch_proposals(network, network.transform(list(images))[0].tensors, min_score=0.05)
    assert [one.size for one in found] == [(128, 96)] * 2
    for one, expected in zip(found, pasted, strict=True):
        assert len(one.scores) == len(expected['scores']) > 0
        boxes, masks = torch.from_numpy(one.boxes), torch.from_numpy(one.masks)
        torch.testing.assert_close(boxes, expected['boxes'])
        torch.testing.assert_close(torch.from_numpy(one.labels + 1), expected['labels'])
        assert masks.shape[1:] == (28, 28)
        again = paste_masks_in_image(masks[:, None], boxes, one.size[::-1])
        torch.testing.assert_close(again, expected['masks'])


def test_min_score_holds_for_one_call_only(network: nn.Module) -> None:
    image = torch.rand(1, 3, 64, 96)
    with torch.inference_mode():
        assert len(batch_proposals(network, image, min_score=1.0)[0].scores) == 0
        some = batch_proposals(network, image, min_score=0.05)[0]
    assert len(some.scores) > 0
    assert some.scores.min() >= 0.05
    assert some.labels.min() >= 0
    assert some.labels.max() <= 2


def test_a_backbone_is_loaded_below_the_pyramid(network: nn.Module) -> None:
    plain = mobilenet_v2(weights=None)
    load_instance_backbone(network, plain.state_dict())
    torch.testing.assert_close(network.backbone.body['17'].conv[0][0].weight, plain.features[17].conv[0][0].weight)


def test_weights_of_another_backbone_are_refused(network: nn.Module) -> None:
    with pytest.raises(ModelError, match='do not fit'):
        load_instance_backbone(network, {'features.0.0.weight': torch.zeros(1)})


@pytest.mark.parametrize('architecture', sorted(set(INSTANCE_NETWORKS) - {'yolox_nano'}))
def test_every_architecture_has_an_output_per_class_and_one_for_the_background(architecture: str) -> None:
    network = instance_network(architecture, 5, 64, 96)
    assert network.roi_heads.box_predictor.cls_score.out_features == 6
    assert network.roi_heads.mask_predictor.mask_fcn_logits.out_channels == 6
    assert network.transform.min_size == (64,)


def test_an_unknown_architecture_names_the_nearest() -> None:
    with pytest.raises(ModelError, match="nearest known is 'maskrcnn_mobilenet_v2_fpn'"):
        instance_network('maskrcnn_mobilnet_v2_fpn', 5, 64, 96)
