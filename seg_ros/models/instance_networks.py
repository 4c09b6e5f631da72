# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Networks that find objects by architecture name, and their boxes and small masks before anything is pasted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import get_model, mobilenet_v2
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN, mobilenet_backbone
from torchvision.models.detection.faster_rcnn import TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.ops import MultiScaleRoIAlign

from seg_ros.errors import ModelError, nearest_of
from seg_ros.models.instance_output import Proposals
from seg_ros.models.networks import load_backbone
from seg_ros.models.yolox import YoloxNano

FPN_CHANNELS = 128
STRIDE = 32  # of the pyramid: sides are multiples of it
ASPECT_RATIOS = (0.25, 0.5, 1.0, 2.0, 4.0)


def maskrcnn_mobilenet_v2_fpn(n_classes: int, min_size: int = 384, max_size: int = 640) -> MaskRCNN:
    """
    Build Mask R-CNN (He et al. 2017) on MobileNetV2 with a pyramid of strides 8 to 64, small enough for a CPU.

    Images are normalised to -1..1. The heads are thin: 12 MB in half precision altogether.

    :param n_classes: classes without the background.
    :param min_size: pixels to which the image's shorter side is scaled, :param max_size: bound of the longer.
    """
    features = mobilenet_v2(weights=None).features[:18]
    backbone = BackboneWithFPN(features, {'6': '0', '13': '1', '17': '2'}, [32, 96, 320], FPN_CHANNELS)
    levels = ['0', '1', '2']
    return MaskRCNN(
        backbone, None, min_size, max_size, image_mean=[0.5] * 3, image_std=[0.5] * 3,
        rpn_anchor_generator=AnchorGenerator(((32,), (64,), (128,), (256,)), (ASPECT_RATIOS,) * 4),
        rpn_pre_nms_top_n_train=400, rpn_pre_nms_top_n_test=400,
        rpn_post_nms_top_n_train=200, rpn_post_nms_top_n_test=200,
        rpn_batch_size_per_image=128, box_batch_size_per_image=64, box_detections_per_img=100,
        box_roi_pool=MultiScaleRoIAlign(levels, 7, 2, canonical_scale=160),
        box_head=TwoMLPHead(FPN_CHANNELS * 7 * 7, 384),
        box_predictor=_BoxPredictor(384, n_classes + 1),
        mask_roi_pool=MultiScaleRoIAlign(levels, 14, 1, canonical_scale=160),
        mask_head=MaskRCNNHeads(FPN_CHANNELS, (96, 96, 96), 1),
        mask_predictor=MaskRCNNPredictor(96, 96, n_classes + 1))


def maskrcnn_mobilenet_v3_large_fpn(n_classes: int, min_size: int = 384, max_size: int = 640) -> MaskRCNN:
    """Build torchvision's Mask R-CNN heads on MobileNetV3-Large (Howard et al. 2019) with its pyramid."""
    backbone = mobilenet_backbone(backbone_name='mobilenet_v3_large', weights=None, fpn=True,
                                  trainable_layers=6, norm_layer=nn.BatchNorm2d)
    anchors = AnchorGenerator(((32, 64, 128, 256, 512),) * 3, ((0.5, 1.0, 2.0),) * 3)
    return MaskRCNN(backbone, n_classes + 1, min_size, max_size, rpn_anchor_generator=anchors,
                    box_batch_size_per_image=128)


def _torchvisions(name: str, n_classes: int, min_size: int, max_size: int) -> MaskRCNN:
    network = get_model(name, weights=None, weights_backbone=None, num_classes=n_classes + 1, min_size=min_size,
                        max_size=max_size)
    if name == 'maskrcnn_resnet50_fpn':  # torchvision runs its weights with batch norms that add no epsilon
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eps = 0.0
    return cast(MaskRCNN, network)


def _yolox(n_classes: int, min_size: int, max_size: int) -> YoloxNano:
    return YoloxNano(n_classes)


InstanceNetwork: TypeAlias = MaskRCNN | YoloxNano

INSTANCE_NETWORKS: dict[str, Callable[[int, int, int], InstanceNetwork]] = {
    'maskrcnn_mobilenet_v2_fpn': maskrcnn_mobilenet_v2_fpn,
    'maskrcnn_mobilenet_v3_large_fpn': maskrcnn_mobilenet_v3_large_fpn,
    **{name: partial(_torchvisions, name) for name in ('maskrcnn_resnet50_fpn', 'maskrcnn_resnet50_fpn_v2')},
    'yolox_nano': _yolox,
}


def instance_network(architecture: str, n_classes: int, min_size: int, max_size: int) -> InstanceNetwork:
    """
    Build an instance segmentation network with random weights.

    :raises ModelError: when the architecture is unknown; names the nearest known one.
    """
    if architecture not in INSTANCE_NETWORKS:
        raise ModelError(f"there is no instance architecture '{architecture}'; "
                         f'{nearest_of(architecture, INSTANCE_NETWORKS)}')
    return INSTANCE_NETWORKS[architecture](n_classes, min_size, max_size)


def load_instance_backbone(network: MaskRCNN, weights: dict[str, Tensor]) -> None:
    """
    Load a plain MobileNetV2 state dict (keys ``features.N...``) below the pyramid.

    :raises ModelError: when a layer of the backbone is missing in the weights or has another shape.
    """
    holder = nn.Module()
    holder.backbone = network.backbone.body
    load_backbone(holder, weights)


def batch_proposals(network: InstanceNetwork, batch: Tensor, *, min_score: float = 0.05,
                    most: int = 100) -> list[Proposals]:
    """
    Return what the network finds in images that have its size and normalisation already.

    :param network: in evaluation mode. :param batch: (N, 3, H, W); sides are padded to multiples of ``STRIDE``.
    :param most: objects per image, the most certain first.
    """
    height, width = batch.shape[-2:]
    if width % STRIDE or height % STRIDE:
        batch = F.pad(batch, (0, -width % STRIDE, 0, -height % STRIDE))
    found = found_objects(network, ImageList(batch, [(height, width)] * len(batch)), min_score, most)
    rows = ([one[name].cpu().numpy() for name in ('boxes', 'scores', 'labels', 'masks')] for one in found)
    return [Proposals((width, height), boxes, scores, labels - 1, masks[:, 0]) for boxes, scores, labels, masks in rows]


def found_objects(network: InstanceNetwork, batch: ImageList, min_score: float | Tensor,
                  most: int = 100) -> list[dict[str, Tensor]]:
    """
    Return boxes, scores, labels from 1 and (N, 1, m, m) masks per image, as torchvision's heads give them.

    Under autocast the backbone alone computes in few bits: what is compared with thresholds and with each other,
    boxes and scores, would come out differently, and the heads are a small part of the work.
    """
    features = network.backbone(batch.tensors)
    with torch.autocast(batch.tensors.device.type, enabled=False):
        features = {level: one.float() for level, one in features.items()}
        if isinstance(network, YoloxNano):
            return network.found(features, _bounds_of(batch), min_score, most)
        network.roi_heads.score_thresh, network.roi_heads.detections_per_img = min_score, most
        boxes, _ = network.rpn(batch, features, None)
        found, _ = network.roi_heads(features, boxes, batch.image_sizes, None)
    return cast('list[dict[str, Tensor]]', found)


def _bounds_of(batch: ImageList) -> Tensor:
    """Return (4,) width, height, width, height, which are tensors where the network is traced."""
    height, width = (torch.as_tensor(side, device=batch.tensors.device) for side in batch.image_sizes[0])
    return torch.stack([width, height, width, height])


class _BoxPredictor(nn.Module):
    """Class scores and class-specific box corrections of each region; a class's boxes share one layer."""

    def __init__(self, channels: int, n_outputs: int) -> None:
        super().__init__()
        self.cls_score = nn.Linear(channels, n_outputs)
        self.bbox_pred = nn.Linear(channels, n_outputs * 4)

    def forward(self, regions: Tensor) -> tuple[Tensor, Tensor]:
        """Return (R, n_outputs) logits and (R, 4 * n_outputs) corrections."""
        regions = torch.flatten(regions, 1)
        return self.cls_score(regions), self.bbox_pred(regions)
