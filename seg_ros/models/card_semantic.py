# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A semantic network as a model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.models.batches import network_image, together
from seg_ros.models.card import Card
from seg_ros.models.device import OnDevice, Placement
from seg_ros.models.networks import semantic_logits
from seg_ros.models.segmenter import StagedSegmenter
from seg_ros.models.tensor_output import TensorOutput
from seg_ros.models.traced import Traced
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings
from seg_ros.stages import stage

STRIDE = 16


class CardSemantic(OnDevice, StagedSegmenter):
    """A semantic network with its card and the taxonomy its words are merged into; see ``Segmenter``."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, card: Card, network: nn.Module, where: Placement, taxonomy: Taxonomy, *,
                 in_logs: bool = False) -> None:
        super().__init__(where)
        self.name, self.classes, self._card = card.name, taxonomy.classes, card
        self._network: nn.Module = Traced(partial(semantic_logits, network))
        self._output = TensorOutput(taxonomy.merge_matrix(card.classes), taxonomy.ids, where, card.temperature,
                                    in_logs=in_logs)

    @torch.inference_mode()
    def prepared(self, frame: Frame) -> Tensor:
        """Return the (1, 3, h, w) image that the network is shown."""
        return network_image(frame, self._card, STRIDE, self._where)

    @torch.inference_mode()
    def passed(self, prepared: Sequence[Tensor], settings: Settings) -> list[Tensor]:
        """Return the (words, h, w) logits of each image."""
        with stage('forward'):
            return together(prepared, lambda batch: list(self._network(batch)))

    @torch.inference_mode()
    def read(self, given: Tensor, frame: Frame, settings: Settings) -> Segmentation:
        """Return labels and confidence of a frame."""
        with stage('output'):
            return self._output.answer(given, frame, settings)
