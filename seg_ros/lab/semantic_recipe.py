# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From folders of images and label images to a network of classes and what trains it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from seg_ros.errors import DataError, SettingError
from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.blending import begun_weights
from seg_ros.lab.checking import Checkable
from seg_ros.lab.coco import CocoPixels
from seg_ros.lab.datasets import Joined, LabelFolder, PlainImages
from seg_ros.lab.recipe import Recipe, inherited
from seg_ros.lab.semantic_training import SemanticTask
from seg_ros.lab.starting import Start, rows_of, start_card
from seg_ros.lab.words import kept_words
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy, plain_word
from seg_ros.models.card import Card
from seg_ros.models.networks import SEMANTIC_NETWORKS, load_backbone, semantic_network
from seg_ros.models.transformers_networks import PREFIX


@dataclass(frozen=True)
class SemanticRecipe(Recipe):
    """
    Folders of images and label images, and what to train on them.

    :param hold_out: so many of the images are held out where there is no ``val_images``; 0 for a fifth of them.
    :param more: further folders of images with folders of their label images, which hold ids of the taxonomy.
    :param keep_words: whether the network keeps the words of ``start``; each class whose name is none becomes one.
    :param paste: share of the crops into which objects of ``coco`` are pasted.
    :param blend: share of the trained weights in the model, 0..1; the rest is ``start``.
    :param pictures: folders of pictures of which nothing is known.
    :param keep: how much the answers of ``start`` count where nothing is labelled, beside the labels.
    """

    kind: ClassVar[str] = 'semantic'
    architectures: ClassVar[tuple[str, ...]] = tuple(sorted(SEMANTIC_NETWORKS))
    views: ClassVar[int] = 32_000
    batch: ClassVar[int] = 8

    taxonomy: str
    images: Path
    labels: Path
    val_images: Path | None = None
    val_labels: Path | None = None
    hold_out: int = 0
    val_every: int = 1
    label_words: str = ''
    coco: tuple[Path, Path] | None = None
    coco_classes: tuple[str, ...] = ()
    coco_complete: tuple[str, ...] = ()
    more: tuple[tuple[Path, Path], ...] = ()
    paste: float = 0.0
    keep_words: bool = False
    blend: float = 1.0
    pictures: tuple[Path, ...] = ()
    keep: float = 0.0

    def data(self) -> tuple[Joined, LabelFolder, Sequence[Checkable]]:
        """Open the folders."""
        taxonomy = trainable_taxonomy(self.taxonomy)
        learned = held_out = LabelFolder(self.images, self.labels, taxonomy, self.label_words)
        if self.val_images is not None and self.val_labels is not None:
            held_out = LabelFolder(self.val_images, self.val_labels, taxonomy, self.label_words)
            held_out.pairs = held_out.pairs[::self.val_every]
        else:
            learned, held_out = (held_out.part(self.hold_out, split) for split in ('train', 'val'))
        parts: list[LabelFolder | CocoPixels | PlainImages] = [learned]
        parts += [LabelFolder(images, labels, taxonomy) for images, labels in self.more]
        if self.coco is not None:
            parts.append(CocoPixels(*self.coco, taxonomy, self.coco_classes, self.coco_complete))
        elif self.paste:
            raise SettingError('there are no objects to paste', 'give --coco')
        if self.pictures and not self.keep:
            raise SettingError('pictures without labels teach nothing by themselves', 'give --keep 8 with --pictures')
        parts += [PlainImages(folder) for folder in self.pictures]
        return Joined(parts), held_out, parts

    def task(self, learned: Joined, held_out: LabelFolder) -> SemanticTask:
        """Build a network with an output for each class of the taxonomy, or for each word that is kept."""
        taxonomy, build = load_taxonomy(self.taxonomy), partial(semantic_network, self.architecture)
        card = Card(self.name, self.kind, self.architecture, self._words(taxonomy), self.input_size)
        network, begun = build(len(card.classes)), dict[str, Tensor]()
        start = self.filled(network, card.classes, build, load_backbone)
        if start is not None:
            card = replace(card, mean=start.mean, std=start.std, licence=inherited(start.card))
            if self.blend < 1.0:
                begun = begun_weights(network, build, start.card.classes if start.card else (), card.classes)
        complete = tuple(c.id for c in taxonomy.classes if c.name in self.coco_complete)
        donors = next((part for part in learned.parts if isinstance(part, CocoPixels)), None)
        return SemanticTask(network, learned, held_out, card, taxonomy, CropPlan(self.crop, self.heights), complete,
                            donors, self.paste, begun=begun, share=self.blend,
                            frozen=4 if self.knows() and not self.architecture.startswith(PREFIX) else 0,
                            **self._kept(network, start, card.classes, taxonomy))

    def _kept(self, network: nn.Module, start: Start | None, words: Sequence[str],
              taxonomy: Taxonomy) -> dict[str, Any]:
        """Return what a task needs to keep the answers of the network to begin with."""
        if not self.keep:
            return {}
        if start is None or start.card is None:
            raise SettingError('there are no answers to keep', 'give --from a model that has a card')
        if more := [word for word in start.card.classes if word not in words]:
            raise SettingError(f"'{start.name}' answers with {more[0]} too, which would not be kept",
                               'give --keep-words with --keep')
        begun_with = rows_of(start.card.classes)
        known = taxonomy.merge_matrix(words)[:, [plain_word(word) in begun_with for word in words]].any(axis=1)
        return {'keep': self.keep, 'old': deepcopy(network).eval(), 'known': torch.from_numpy(known)}

    def _words(self, taxonomy: Taxonomy) -> tuple[str, ...]:
        if not self.keep_words:
            return taxonomy.names
        card = start_card(self.start, self.kind) if self.start else None
        if card is None:
            raise SettingError('there are no words to keep', 'give --from a model that has a card')
        return kept_words(card.classes, taxonomy)


def trainable_taxonomy(name: str) -> Taxonomy:
    """
    Return a taxonomy whose ids number the outputs of a network.

    :raises DataError: when they do not.
    """
    taxonomy = load_taxonomy(name)
    ids = taxonomy.ids.tolist()
    if ids != list(range(len(ids))):
        raise DataError(f"taxonomy '{taxonomy.name}' has the ids {ids}", 'for training, number them from 0')
    return taxonomy
