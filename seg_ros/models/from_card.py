# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Models with a card of ours: networks of torchvision with weights that a training here wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from seg_ros.labels.taxonomy import RobotClass, Taxonomy, load_taxonomy
from seg_ros.labels.things import things_of
from seg_ros.models.card import Card
from seg_ros.models.device import Placement, placement
from seg_ros.models.instance_networks import InstanceNetwork, batch_proposals, instance_network
from seg_ros.models.instance_output import Proposals, Selection, instances_of
from seg_ros.models.networks import semantic_logits, semantic_network
from seg_ros.models.preprocess import network_size
from seg_ros.models.segmenter import Segmenter, StagedSegmenter, groups_of
from seg_ros.models.tensor_output import TensorOutput
from seg_ros.models.tensors import to_network
from seg_ros.models.weights import load_weights
from seg_ros.models.yolox import YoloxNano
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size
from seg_ros.stages import stage

G = TypeVar('G')
STRIDE = 16
PYRAMID_STRIDE = 32


def open_card(card: Card, weights: Path, settings: Settings) -> Segmenter:
    """
    Load a torchvision network and its weights onto its device.

    :raises ModelError: when the architecture is unknown or the weights are unusable.
    """
    network = network_of(card)
    load_weights(network, weights)
    return segmenter_of(card, network, settings)


def network_of(card: Card) -> nn.Module:
    """
    Return the network of a card with random weights.

    :raises ModelError: when the architecture is unknown.
    """
    if card.kind == Mode.SEMANTIC.value:
        return semantic_network(card.architecture, len(card.classes))
    return instance_network(card.architecture, len(card.classes), min(card.input_size), max(card.input_size))


def segmenter_of(card: Card, network: nn.Module, settings: Settings) -> Segmenter:
    """Return a network, which may be changed, as a model on its device."""
    where, taxonomy = placement(settings), load_taxonomy(settings.taxonomy)
    if card.kind == Mode.SEMANTIC.value:
        return CardSemantic(card, where.place(network), where, taxonomy)
    return CardInstance(card, cast(InstanceNetwork, network), where, things_of(taxonomy, card.classes))


class CardSemantic(StagedSegmenter):
    """A semantic network with its card and the taxonomy its words are merged into; see ``Segmenter``."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, card: Card, network: nn.Module, where: Placement, taxonomy: Taxonomy, *,
                 in_logs: bool = False) -> None:
        self.name, self.classes = card.name, taxonomy.classes
        self.device, self.precision = str(where.device), where.precision
        self._card, self._where, self._network = card, where, network
        ids = np.array([c.id for c in taxonomy.classes], np.uint8)
        self._output = TensorOutput(taxonomy.merge_matrix(card.classes), ids, where, card.temperature, in_logs=in_logs)

    @torch.inference_mode()
    def prepared(self, frame: Frame) -> Tensor:
        """Return the (1, 3, h, w) image that the network is shown."""
        return _shown(frame, self._card, STRIDE, self._where)

    @torch.inference_mode()
    def passed(self, prepared: Sequence[Tensor], settings: Settings) -> list[Tensor]:
        """Return the (words, h, w) logits of each image."""
        with stage('forward'):
            return together(prepared, lambda batch: list(semantic_logits(self._network, batch)))

    @torch.inference_mode()
    def read(self, given: Tensor, frame: Frame, settings: Settings) -> Segmentation:
        """Return labels and confidence of a frame."""
        with stage('output'):
            return self._output.answer(given, frame, settings)

    def close(self) -> None:
        """Forget the network and give its memory back to the device."""
        self._network = nn.Identity()
        self._where.give_back()


class CardInstance(StagedSegmenter):
    """
    A network that finds objects, with its card; see ``Segmenter``.

    Weights and boxes stay in single precision, for half a pixel is all that half precision can tell apart at
    column 1000; the backbone computes in the precision asked for (autocast). That of a YOLOX-nano does not: it is so
    small that few bits save a few milliseconds, and they move its scores by what tells objects from nothing.
    """

    modes = frozenset({Mode.INSTANCE})

    def __init__(self, card: Card, network: InstanceNetwork, where: Placement, things: tuple[RobotClass, ...]) -> None:
        self.name, self.classes = card.name, things
        self._exact = replace(where, precision='fp32')
        self._card, self._where = card, self._exact if isinstance(network, YoloxNano) else where
        self.device, self.precision = str(where.device), self._where.precision
        self._network: nn.Module = self._exact.place(network)
        self._class_ids = np.array([thing.id for thing in things], np.uint8)

    @torch.inference_mode()
    def prepared(self, frame: Frame) -> Tensor:
        """Return the (1, 3, h, w) image that the network is shown."""
        return _shown(frame, self._card, PYRAMID_STRIDE, self._exact)

    @torch.inference_mode()
    def passed(self, prepared: Sequence[Any], settings: Settings) -> list[Proposals]:
        """Return what is found in each image."""
        wanted, network = Selection.of(settings, self.classes), cast(InstanceNetwork, self._network)
        with self.arithmetic():
            return together(prepared, lambda batch: batch_proposals(
                network, batch, most=wanted.max_instances, min_score=wanted.score_threshold))

    @torch.inference_mode()
    def read(self, given: Proposals, frame: Frame, settings: Settings) -> Segmentation:
        """Return the objects in a frame."""
        with stage('output'):
            out = parse_size(settings.output_size) or frame.size
            selection = Selection.of(settings, self.classes)
            return Segmentation(out, instances=instances_of(given, out, self._class_ids, selection))

    @contextmanager
    def arithmetic(self) -> Iterator[None]:
        """Run the network in the precision asked for."""
        with stage('forward'), torch.autocast(self._where.device.type, self._where.dtype,
                                              enabled=self._where != self._exact):
            yield

    def close(self) -> None:
        """Forget the network and give its memory back to the device."""
        self._network = nn.Identity()
        self._where.give_back()


def _shown(frame: Frame, card: Card, stride: int, where: Placement) -> Tensor:
    size = network_size(frame.size, card.input_size, stride)
    return to_network([frame.rgb], size, card.mean, card.std, where)


def together(images: Sequence[Tensor], go: Callable[[Tensor], list[G]]) -> list[G]:
    """
    Return what a network gives for each image, those of one size in one pass.

    :param images: (1, 3, h, w) each. :param go: gives as many as there are images in its batch.
    """
    given: dict[int, G] = {}
    for chosen in groups_of([image.shape for image in images]):
        batch = images[chosen[0]] if len(chosen) == 1 else torch.cat([images[k] for k in chosen])
        given |= zip(chosen, go(batch))
    return [given[k] for k in range(len(images))]
