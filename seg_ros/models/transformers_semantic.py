# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Networks of transformers that give every pixel a word, and how any network of theirs is shown pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.models.device import OnDevice, Placement
from seg_ros.models.tensor_output import TensorOutput
from seg_ros.models.tensors import on_device
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings
from seg_ros.stages import stage


class Eyes:
    """
    What a network is shown: the library's own processor, given bytes that are on the device already.

    Images of different size are never padded to each other. Where a processor would take the middle of the picture, the
    network is shown all of it; and where one keeps the aspect for a network that takes squares alone (DPT), a square.
    """

    def __init__(self, processor: Any, where: Placement) -> None:
        self.processor, self.where = processor, where
        unwanted = ('do_center_crop', 'keep_aspect_ratio')
        self._changed = {name: False for name in unwanted if getattr(processor, name, None)}

    def batches(self, frames: Sequence[Frame], **choices: Any) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """Yield frames of one size: their indices, and what the network takes, ``pixel_values`` among it."""
        for size in dict.fromkeys(frame.size for frame in frames):
            chosen = [k for k, frame in enumerate(frames) if frame.size == size]
            planes = [on_device(frames[k].rgb, self.where).permute(2, 0, 1) for k in chosen]
            with stage('preprocess'):
                shown = self.processor(planes, input_data_format='channels_first', return_tensors='pt',
                                       **self._changed, **choices)
            yield chosen, dict(shown)


class TransformersSemantic(OnDevice):
    """A network that gives every pixel a word; see ``Segmenter``."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, name: str, network: nn.Module, eyes: Eyes, words: Sequence[str], taxonomy: Taxonomy) -> None:
        super().__init__(eyes.where)
        self.name, self.classes = name, taxonomy.classes
        self._eyes, self._network = eyes, self._where.place(network, fold=False)
        self._output = TensorOutput(taxonomy.merge_matrix(words), taxonomy.ids, self._where, in_logs=True)

    @torch.inference_mode()
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return labels and confidence of each frame; frames of one size share a forward pass."""
        answers: dict[int, Segmentation] = {}
        for chosen, shown in self._eyes.batches(frames):
            with stage('forward'):
                logits = self._logits(shown['pixel_values'])
            with stage('output'):
                answers |= {k: self._output.answer(logits[row], frames[k], settings)
                            for row, k in enumerate(chosen)}
        return [answers[k] for k in range(len(frames))]

    def _logits(self, pixels: Tensor) -> Tensor:
        batch = pixels.to(self._where.dtype, memory_format=torch.channels_last)
        logits: Tensor = self._network(pixel_values=batch).logits
        return logits
