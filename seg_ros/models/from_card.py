"""Models with a card of ours: networks of torchvision with weights that a training here wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN

from seg_ros.labels.taxonomy import RobotClass, Taxonomy, load_taxonomy
from seg_ros.labels.things import things_of
from seg_ros.models.card import Card
from seg_ros.models.device import Placement, placement
from seg_ros.models.instance_networks import batch_proposals, instance_network
from seg_ros.models.instance_output import Proposals, Selection, instances_of
from seg_ros.models.networks import semantic_logits, semantic_network
from seg_ros.models.preprocess import network_size
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.tensor_output import TensorOutput
from seg_ros.models.tensors import to_network
from seg_ros.models.weights import load_weights
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size
from seg_ros.stages import stage

STRIDE = 16
PYRAMID_STRIDE = 32


def open_card(card: Card, weights: Path, settings: Settings) -> Segmenter:
    """
    Load a torchvision network and its weights onto its device.

    :raises ModelError: when the architecture is unknown or the weights are unusable.
    """
    where = placement(settings)
    taxonomy = load_taxonomy(settings.taxonomy)
    if card.kind == Mode.SEMANTIC.value:
        network = semantic_network(card.architecture, len(card.classes))
        load_weights(network, weights)
        return CardSemantic(card, where.place(network), where, taxonomy)
    detector = instance_network(card.architecture, len(card.classes), min(card.input_size), max(card.input_size))
    load_weights(detector, weights)
    return CardInstance(card, detector, where, things_of(taxonomy, card.classes))


class CardSemantic:
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
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return labels and confidence of each frame; frames of one network size share a forward pass."""
        answers: dict[int, Segmentation] = {}
        for chosen, batch in self.batches(frames):
            with stage('forward'):
                logits = semantic_logits(self._network, batch)
            with stage('output'):
                answers |= {k: self._output.answer(logits[row], frames[k], settings)
                            for row, k in enumerate(chosen)}
        return [answers[k] for k in range(len(frames))]

    def batches(self, frames: Sequence[Frame]) -> Iterator[tuple[list[int], Tensor]]:
        """Yield frames that are shown to the network at the same size: their indices, and the batch."""
        return _batches(frames, self._card, STRIDE, self._where)

    def close(self) -> None:
        """Forget the network and give its memory back to the device."""
        self._network = nn.Identity()
        self._where.give_back()


class CardInstance:
    """
    A Mask R-CNN with its card; see ``Segmenter``.

    Weights and boxes stay in single precision, for half a pixel is all that half precision can tell apart at
    column 1000; the backbone computes in the precision asked for (autocast).
    """

    modes = frozenset({Mode.INSTANCE})

    def __init__(self, card: Card, network: MaskRCNN, where: Placement, things: tuple[RobotClass, ...]) -> None:
        self.name, self.classes = card.name, things
        self.device, self.precision = str(where.device), where.precision
        self._card, self._where, self._exact = card, where, replace(where, precision='fp32')
        self._network: nn.Module = self._exact.place(network)
        self._class_ids = np.array([thing.id for thing in things], np.uint8)

    @torch.inference_mode()
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return the objects in each frame; frames of one network size share a forward pass."""
        answers: dict[int, Segmentation] = {}
        selection = Selection.of(settings, self.classes)
        for chosen, found in self.found(frames, selection.score_threshold, selection.max_instances):
            with stage('output'):
                for one, k in zip(found, chosen):
                    out = parse_size(settings.output_size) or frames[k].size
                    answers[k] = Segmentation(out, instances=instances_of(one, out, self._class_ids, selection))
        return [answers[k] for k in range(len(frames))]

    def found(self, frames: Sequence[Frame], min_score: float,
              most: int) -> Iterator[tuple[list[int], list[Proposals]]]:
        """Yield frames that are shown to the network at the same size: their indices, and what is found in each."""
        for chosen, batch in _batches(frames, self._card, PYRAMID_STRIDE, self._exact):
            with self.arithmetic():
                found = batch_proposals(cast(MaskRCNN, self._network), batch, most=most, min_score=min_score)
            yield chosen, found

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


def _batches(frames: Sequence[Frame], card: Card, stride: int,
             where: Placement) -> Iterator[tuple[list[int], Tensor]]:
    """Yield frames that are shown to the network at the same size: their indices, and the batch."""
    sizes = [network_size(frame.size, card.input_size, stride) for frame in frames]
    for size in dict.fromkeys(sizes):
        chosen = [k for k, other in enumerate(sizes) if other == size]
        yield chosen, to_network([frames[k].rgb for k in chosen], size, card.mean, card.std, where)
