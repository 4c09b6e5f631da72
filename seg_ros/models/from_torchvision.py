# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Models whose network and weights are torchvision's, run as torchvision's own transforms would have it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN

from seg_ros.labels.countable import things_among
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.labels.things import things_of
from seg_ros.models.card import Card, in_bytes
from seg_ros.models.card_instance import CardInstance
from seg_ros.models.card_semantic import CardSemantic
from seg_ros.models.device import Placement, placement
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.networks import semantic_network
from seg_ros.models.published import Published, published
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.tensors import as_the_library_does
from seg_ros.models.weights import fill
from seg_ros.records import UNLABELLED, Frame, Mode
from seg_ros.settings import Settings


def open_torchvision(reference: str, settings: Settings) -> Segmenter:
    """
    Load a network of torchvision with its published weights onto its device.

    :param reference: ``NAME``, or ``NAME@/folder`` with the folder of the weights.
    :raises ModelError: when there is none of that name, or its weights are not on this disk or are damaged.
    """
    model, where = published(reference), placement(settings)
    if settings.allow_download:
        model.fetch()
    network = built(model)
    fill(network, model.tensors(), f'{model.path} of {model.asked_for}')
    return TorchvisionSemantic(model, network, where, settings) if model.mode is Mode.SEMANTIC else \
        TorchvisionInstance(model, cast(MaskRCNN, network), where, settings)


def built(model: Published) -> nn.Module:
    """Return the network with random weights, as torchvision builds it for these weights."""
    if model.mode is Mode.SEMANTIC:
        return semantic_network(model.name, len(model.words))
    return instance_network(model.name, len(model.words) - 1, 800, 1333)


class TorchvisionSemantic(CardSemantic):
    """A semantic network: the shorter side as torchvision's transforms have it, logits upsampled; see ``Segmenter``."""

    def __init__(self, model: Published, network: nn.Module, where: Placement, settings: Settings) -> None:
        super().__init__(model.card, where.place(network), where, load_taxonomy(settings.taxonomy), in_logs=True)
        transforms: Any = model.weights.transforms()
        self.shorter_side = int(transforms.resize_size[0])

    @torch.inference_mode()
    def prepared(self, frame: Frame) -> Tensor:
        """Return the (1, 3, h, w) image that the network is shown."""
        shown = with_shorter_side(frame.size, self.shorter_side)
        return as_the_library_does([frame.rgb], shown, self._card.mean, self._card.std, self._where, antialias=True)


class TorchvisionInstance(CardInstance):
    """A Mask R-CNN: sizes, padding and interpolation as in torchvision's own transform; see ``Segmenter``."""

    def __init__(self, model: Published, network: MaskRCNN, where: Placement, settings: Settings) -> None:
        words = model.words[1:]
        named = things_among(words)
        things = things_of(load_taxonomy(settings.taxonomy), [words[k] for k in named])
        card = Card(model.asked_for, 'instance', model.name, tuple(words[k] for k in named), (800, 1333))
        super().__init__(card, network, where, things)
        self._class_ids = np.full(len(words), UNLABELLED, np.uint8)  # some of COCO's numbers have no name
        self._class_ids[list(named)] = [thing.id for thing in things]

    @torch.inference_mode()
    def prepared(self, frame: Frame) -> Tensor:
        """Return the (1, 3, h, w) image that the network is shown, before it is padded."""
        shapes = cast(MaskRCNN, self._network).transform
        mean, std = in_bytes(shapes.image_mean), in_bytes(shapes.image_std)
        shown = within(frame.size, shapes.min_size[-1], shapes.max_size)
        return as_the_library_does([frame.rgb], shown, mean, std, self._exact, antialias=False)


def with_shorter_side(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the (width, height) that torchvision's ``resize`` gives a picture for one number."""
    shorter, longer = sorted(size)
    long_side = int(side * longer / shorter)
    return (side, long_side) if size[0] <= size[1] else (long_side, side)


def within(size: tuple[int, int], least: int, most: int) -> tuple[int, int]:
    """Return the (width, height) to which torchvision's detectors resize a picture."""
    scale = min(least / min(size), most / max(size))
    return int(size[0] * scale), int(size[1] * scale)
