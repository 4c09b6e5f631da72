# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Teaching a trained network what depth shows, while it keeps what it knew: distillation (Hinton et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.checking import Checkable
from seg_ros.lab.datasets import Joined, PlainImages
from seg_ros.lab.recipe import Recipe, inherited
from seg_ros.lab.semantic_training import LEAST_LOGIT, SemanticTask, class_weights, divergence
from seg_ros.lab.starting import opened, start_card
from seg_ros.lab.taught_images import TaughtImages
from seg_ros.lab.taught_labels import MAYBE_FLOOR, Kinds
from seg_ros.lab.taught_scores import TaughtScorer, TaughtScores
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import Card
from seg_ros.models.networks import SEMANTIC_NETWORKS
from seg_ros.records import UNLABELLED
from seg_ros.share import share_directory

VIEWS = 320
"""What an epoch shows, however many images there are; half of them are other pictures."""

KEEP = 4.0
"""How much what was known counts beside what is learned, where nothing else is said."""

FROZEN = 4
"""Blocks at the beginning of the backbone that keep their weights."""


@dataclass
class TaughtTask(SemanticTask):
    """
    A trained network, learned from depth; see ``SemanticTask``.

    :param learned: how many of the images are of the drive, the first ones; of the others nothing is known, and the
        answers shall stay.
    """

    learned: int = 0

    @property
    def views_per_epoch(self) -> int:
        """How many views make an epoch."""
        return VIEWS

    def order(self, count: int, rng: np.random.Generator) -> Sequence[int]:
        """Return an image of the drive and another picture in turn, each about as often as the rest of its kind."""
        half, whole = -(-count // 2), len(self.train_data)
        pair = [_in_turn(np.arange(first, end), half, rng) for first, end in ((0, self.learned), (self.learned, whole))]
        return np.stack(pair, axis=1).reshape(-1)[:count].tolist()

    def loss(self, network: nn.Module, batch: tuple[Tensor, Tensor], device: torch.device) -> Tensor:
        """Return the loss, without the statistics of few crops, which would spoil those of many pictures."""
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eval()
        return super().loss(network, batch, device)

    def of_logits(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the cross entropy; of what may be floor nothing is learned."""
        return super().of_logits(logits, torch.where(labels == MAYBE_FLOOR, UNLABELLED, labels))

    def forgotten(self, logits: Tensor, images: Tensor, labels: Tensor) -> Tensor:
        """Return the divergence of the answers that depth leaves open: of what is no floor, those but floor."""
        told = torch.zeros_like(logits, dtype=torch.bool)
        told[:, self.kinds.floor] = labels != UNLABELLED
        both = logits, self.answered_before(images, labels.shape[-2:])
        apart = divergence(*(one.masked_fill(told, LEAST_LOGIT) for one in both))
        left_open = (labels != self.kinds.floor) & (labels != self.kinds.wall)
        return apart[left_open].sum() / left_open.sum().clamp(min=1)

    @property
    def kinds(self) -> Kinds:
        """The ids of floor and wall."""
        return Kinds.of(self.taxonomy)

    def scorer(self) -> Any:
        """Return what scores the held-out images."""
        return TaughtScorer(self.kinds)

    @property
    def per_class(self) -> dict[str, str]:
        """What the score is made of."""
        return {'floor IoU': 'floor_iou', 'walls': 'walls_found', 'kept': 'kept'}

    def row(self, scores: Any) -> dict[str, float]:
        """Return ``score`` and what it is made of."""
        assert isinstance(scores, TaughtScores)
        return {'score': scores.score, **asdict(scores)}

    def finished(self, network: nn.Module, device: torch.device) -> Card:
        """Return the card, with the temperature of the old network."""
        return self.card


@dataclass(frozen=True)
class TaughtRecipe(Recipe):
    """
    Images of a drive, and what to teach on them.

    :param folder: of the images. :param learned: the numbers of those to learn from. :param chosen: of those that
        choose the best epoch. :param pictures: a folder of others, on which the answers shall stay, besides those that
        come with the package. :param keep: see ``TaughtTask``.
    """

    kind: ClassVar[str] = 'semantic'
    architectures: ClassVar[tuple[str, ...]] = tuple(sorted(SEMANTIC_NETWORKS))
    views: ClassVar[int] = VIEWS
    batch: ClassVar[int] = 8

    taxonomy: str
    folder: Path
    learned: tuple[int, ...]
    chosen: tuple[int, ...]
    pictures: Path | None = None
    keep: float = KEEP

    @classmethod
    def of(cls, start: str, name: str, **rest: Any) -> TaughtRecipe:
        """
        Return the recipe with the sizes of the network to begin with.

        :raises ModelError: when it cannot be trained.
        """
        card = trainable_card(start)
        width, height = card.input_size
        crop = 32 * max(1, round(0.6 * width / 32)), 32 * max(1, round(0.6 * height / 32))
        return cls(name, card.architecture, start=start, input_size=card.input_size, crop=crop,
                   heights=(round(0.6 * height), round(1.2 * height)), **rest)

    def data(self) -> tuple[Joined, TaughtImages, Sequence[Checkable]]:
        """Open the images."""
        learned = TaughtImages(self.folder, self.learned)
        others = (rooms() / 'learned', self.pictures)
        parts: list[Any] = [learned, *(PlainImages(folder) for folder in others if folder)]
        return Joined(parts), TaughtImages(self.folder, self.chosen), parts

    def task(self, learned: Any, held_out: Any) -> TaughtTask:
        """Build the network and what teaches it."""
        taxonomy = load_taxonomy(self.taxonomy)
        weights = class_weights(learned.parts[0], len(taxonomy.classes))
        card, network = begun_network(self.start)
        card = replace(card, name=self.name, data=(), scores={}, recipe='', licence=inherited(card))
        return TaughtTask(network, learned, held_out, card, taxonomy, CropPlan(self.crop, self.heights),
                          (Kinds.of(taxonomy).floor,), frozen=FROZEN, old=deepcopy(network).eval(),
                          learned=len(self.learned), keep=self.keep, class_weights=weights)


def rooms() -> Path:
    """Return the folder of pictures that come with the package: ``learned`` from, and ``unseen`` with labels."""
    return share_directory() / 'recordings' / 'rooms'


def _in_turn(indices: NDArray[np.intp], count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return so many, in a new order each round."""
    return np.concatenate([rng.permutation(indices) for _ in range(-(-count // len(indices)))])[:count]


def begun_network(start: str) -> tuple[Card, nn.Module]:
    """
    Return the card and the network of a model to begin with.

    :raises ModelError: when there is none, or it has no network that can be trained.
    """
    trainable_card(start)
    card, network = opened(start)
    return card, network.eval()


def trainable_card(start: str) -> Card:
    """
    Return the card of a model to begin with.

    :raises ModelError: when there is none, or it has no network that can be trained.
    """
    card = start_card(start, 'semantic')
    if card is None or card.architecture not in SEMANTIC_NETWORKS:
        raise ModelError(f"'{start}' has no network that can be trained",
                         'begin with a shipped model, or one of seg_ros train')
    return card
