# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Networks of transformers whose queries give objects and stuff alike: Mask2Former, OneFormer, EoMT, DETR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seg_ros.labels.countable import things_among
from seg_ros.labels.taxonomy import RobotClass, Taxonomy
from seg_ros.labels.things import labels_of_things, things_of
from seg_ros.models.device import OnDevice
from seg_ros.models.found_output import FoundCrops, full_size, instances_of_found
from seg_ros.models.instance_output import Selection
from seg_ros.models.query_output import Queries, Reading, class_maps, objects_of, segments_of
from seg_ros.models.query_windows import WINDOWS, Windows
from seg_ros.models.tensor_output import TensorOutput
from seg_ros.models.transformers_semantic import Eyes
from seg_ros.records import UNLABELLED, Frame, Instances, Mode, Segmentation
from seg_ros.settings import Settings, parse_size
from seg_ros.stages import stage

READINGS = {
    'mask2former': Reading(grid=(384, 384)),
    'maskformer': Reading(),
    'oneformer': Reading(disjoint=True, raw=True),
    'detr': Reading(disjoint=True),
    'eomt': Reading(one_word=True, fine=True),
    'eomt_dinov3': Reading(one_word=True, fine=True),
    'rf_detr': Reading(apart=True, fine=True),
}


def task_tokens(tokenizer: Any, length: int) -> dict[Mode, Tensor]:
    """Return the (1, length) sentence that tells OneFormer (Jain et al. 2023) what is asked of it, for each mode."""
    tokens = {}
    for mode in Mode:
        text = tokenizer([f'the task is {mode.value}'], padding='max_length', max_length=length, truncation=True,
                         return_tensors='pt')
        tokens[mode] = text['input_ids'] * text['attention_mask']
    return tokens


class TransformersUniversal(OnDevice):
    """
    A network of queries; see ``UniversalSegmenter``.

    Weights stay in single precision; where another is asked for, the products are done in it (autocast).

    :param tokens: what OneFormer is told in each mode; empty for the others.
    """

    def __init__(self, name: str, network: nn.Module, eyes: Eyes, words: Sequence[str], taxonomy: Taxonomy,
                 modes: frozenset[Mode], tokens: Mapping[Mode, Tensor]) -> None:
        super().__init__(eyes.where)
        self._eyes, self._words, self._taxonomy = eyes, words, taxonomy
        self.name, self.modes = name, modes
        family = str(cast(Any, network).config.model_type)
        self._reading, self._windows = READINGS[family], WINDOWS.get(family, Windows)(eyes.processor, READINGS[family])
        self._network = replace(self._where, precision='fp32').place(network, fold=False)
        self._tokens = {mode: value.to(self._where.device) for mode, value in tokens.items()}
        countable = things_among(words)
        self.things: tuple[RobotClass, ...] = things_of(taxonomy, [words[k] for k in countable])
        self.classes = self.things if modes == {Mode.INSTANCE} else taxonomy.classes
        self._countable = torch.tensor(countable, device=self._where.device)
        self._thing_ids = np.full(len(words), UNLABELLED, np.uint8)
        self._thing_ids[list(countable)] = [thing.id for thing in self.things]

    @cached_property
    def _output(self) -> TensorOutput:
        merge = self._taxonomy.merge_matrix(self._words)
        return TensorOutput(merge, self._taxonomy.ids, self._where, summed=True)

    @cached_property
    def _labels(self) -> NDArray[np.uint8]:
        """The (words,) label of the pixels of each word."""
        labels = np.full(len(self._words), UNLABELLED, np.uint8)
        of_thing = labels_of_things(self._taxonomy, self.things)
        for k, word in enumerate(self._words):
            if self._thing_ids[k] != UNLABELLED:
                labels[k] = of_thing[self._thing_ids[k]]
            elif (meant := self._taxonomy.class_of(word)) is not None:
                labels[k] = meant.id
        return labels

    @torch.inference_mode()
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return what the mode of the settings asks for; frames of one size share a forward pass."""
        answers: dict[int, Segmentation] = {}
        mode = Mode(settings.mode)
        for chosen, shown in self._eyes.batches(frames, **self._windows.choices(mode)):
            offsets = shown.pop('patch_offsets', None) or [(row, 0, 0) for row in range(len(chosen))]
            with stage('forward'):
                classes, masks = self._asked(shown, mode)
            with stage('output'):
                for row, k in enumerate(chosen):
                    out = parse_size(settings.output_size) or frames[k].size
                    seen = {int(start): Queries(classes[n], self._windows.placed(masks[n], frames[k].size, mode))
                            for n, (image, start, _) in enumerate(offsets) if int(image) == row}
                    answers[k] = self._answer(seen, frames[k].size, out, settings)
        return [answers[k] for k in range(len(frames))]

    def _asked(self, shown: Mapping[str, Any], mode: Mode) -> tuple[Tensor, Tensor]:
        """Return the (M, N, words + 1) class logits and (M, N, h, w) mask logits of M images."""
        pixels = shown['pixel_values'].to(memory_format=torch.channels_last)
        inputs = {'pixel_values': pixels}
        if 'pixel_mask' in shown:
            inputs['pixel_mask'] = shown['pixel_mask']
        if self._tokens:
            inputs['task_inputs'] = self._tokens[mode].expand(len(pixels), -1)
        with torch.autocast(self._where.device.type, self._where.dtype, enabled=self.precision != 'fp32'):
            out = self._network(**inputs)
        if hasattr(out, 'class_queries_logits'):
            return out.class_queries_logits.float(), out.masks_queries_logits.float()
        return out.logits.float(), out.pred_masks.float()

    def _answer(self, seen: Mapping[int, Queries], size: tuple[int, int], out: tuple[int, int],
                settings: Settings) -> Segmentation:
        """
        Answer one image.

        :param seen: the queries of each window, by where it begins; of the whole image, but in mode semantic.
        :param size: (width, height) of the image.
        """
        mode = Mode(settings.mode)
        if mode is Mode.SEMANTIC:
            maps = {start: class_maps(queries, self._output.merge) for start, queries in seen.items()}
            joined = self._windows.joined(maps, size)[0]
            return Segmentation(out, *self._output.read_classes(joined, out, settings.unlabelled_threshold))
        queries = seen[0]
        if mode is Mode.INSTANCE:
            found = objects_of(queries, out, settings.detection_threshold, self._reading, self._countable)
            return Segmentation(out, instances=self._instances(found, out, settings))
        found = segments_of(queries, out, settings.score_threshold, self._reading)
        labels, confidence = self._painted(found, out, settings)
        return Segmentation(out, labels, confidence, self._instances(found, out, settings))

    def _painted(self, found: FoundCrops, out: tuple[int, int],
                 settings: Settings) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return labels and confidence of disjoint segments."""
        labels, confidence = np.full(out[::-1], UNLABELLED, np.uint8), np.zeros(out[::-1], np.uint8)
        for word, score, crop in zip(found.words, found.scores, found.masks, strict=True):
            if self._labels[word] != UNLABELLED and score >= settings.unlabelled_threshold:
                left, top, mask = full_size(crop, found.grid, out)
                region = np.s_[top:top + mask.shape[0], left:left + mask.shape[1]]
                labels[region][mask] = self._labels[word]
                confidence[region][mask] = round(255 * float(score))
        return labels, confidence

    def _instances(self, found: FoundCrops, out: tuple[int, int], settings: Settings) -> Instances:
        selection = replace(Selection.of(settings, self.things), score_threshold=0.0)  # by which they were found
        return instances_of_found(found, out, self._thing_ids, selection)
