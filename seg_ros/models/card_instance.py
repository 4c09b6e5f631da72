# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A network that finds objects as a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.batches import network_image, together
from seg_ros.models.card import Card
from seg_ros.models.device import OnDevice, Placement
from seg_ros.models.instance_networks import STRIDE, InstanceNetwork, batch_proposals
from seg_ros.models.instance_output import Proposals, Selection, instances_of
from seg_ros.models.segmenter import StagedSegmenter
from seg_ros.models.traced import Traced
from seg_ros.models.yolox import YoloxNano
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size
from seg_ros.stages import stage


class CardInstance(OnDevice, StagedSegmenter):
    """
    A network that finds objects, with its card; see ``Segmenter``.

    Weights and boxes stay in single precision, for half a pixel is all that half precision can tell apart at
    column 1000; the backbone computes in the precision asked for. That of a YOLOX-nano does not: it is so
    small that few bits save a few milliseconds, and they move its scores by what tells objects from nothing.
    """

    modes = frozenset({Mode.INSTANCE})

    def __init__(self, card: Card, network: InstanceNetwork, where: Placement, things: tuple[RobotClass, ...]) -> None:
        self._exact = replace(where, precision='fp32')
        super().__init__(self._exact if isinstance(network, YoloxNano) else where)
        self.name, self.classes, self._card = card.name, things, card
        self._network: nn.Module = self._exact.place(network)
        network.backbone = Traced(_Backbone(network.backbone.to(self._where.dtype), self._where.dtype))
        self._class_ids = np.array([thing.id for thing in things], np.uint8)

    @torch.inference_mode()
    def prepared(self, frame: Frame) -> Tensor:
        """Return the (1, 3, h, w) image that the network is shown."""
        return network_image(frame, self._card, STRIDE, self._exact)

    @torch.inference_mode()
    def passed(self, prepared: Sequence[Any], settings: Settings) -> list[Proposals]:
        """Return what is found in each image."""
        wanted, network = Selection.of(settings, self.classes), cast(InstanceNetwork, self._network)
        with stage('forward'):
            return together(prepared, lambda batch: batch_proposals(
                network, batch, most=wanted.max_instances, min_score=wanted.score_threshold))

    @torch.inference_mode()
    def read(self, given: Proposals, frame: Frame, settings: Settings) -> Segmentation:
        """Return the objects in a frame."""
        with stage('output'):
            out = parse_size(settings.output_size) or frame.size
            selection = Selection.of(settings, self.classes)
            return Segmentation(out, instances=instances_of(given, out, self._class_ids, selection))


class _Backbone(nn.Module):
    """One that computes in the precision asked for, and is given and gives single precision."""

    def __init__(self, backbone: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.backbone, self.dtype = backbone, dtype

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the features of (N, 3, H, W) images by name."""
        return {level: one.float() for level, one in self.backbone(images.to(self.dtype)).items()}
