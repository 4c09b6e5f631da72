# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From labelled images to a model folder: what ``seg_ros train`` does, for models of both kinds."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

import cv2
import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN

from seg_ros.errors import DataError, SettingError
from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.blending import begun_weights
from seg_ros.lab.checking import Checkable, check
from seg_ros.lab.coco import CocoPixels
from seg_ros.lab.datasets import Joined, LabelFolder, image_files
from seg_ros.lab.instance_augmentation import ViewPlan
from seg_ros.lab.instance_training import InstanceTask
from seg_ros.lab.mask_head_training import MaskHeadTask
from seg_ros.lab.mask_rcnn_training import MaskRcnnTask, normalisation_of
from seg_ros.lab.results import Results
from seg_ros.lab.semantic_training import SemanticTask
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.starting import Start, begin_from, read_start, start_card, tensors_of
from seg_ros.lab.training import History, refuse_other_run, train
from seg_ros.lab.training_options import TrainingOptions
from seg_ros.lab.words import kept_words
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.device import placement
from seg_ros.models.instance_networks import INSTANCE_NETWORKS, instance_network, load_instance_backbone
from seg_ros.models.networks import SEMANTIC_NETWORKS, load_backbone, semantic_network
from seg_ros.models.transformers_networks import PREFIX
from seg_ros.models.weights import save_weights
from seg_ros.models.yolox import YoloxNano
from seg_ros.settings import Settings

log = logging.getLogger(__name__)

Task = SemanticTask | InstanceTask

MASKS_ALONE = ('yolox_nano',)
"""The architectures of which boxes and classes stay as they are."""


@dataclass(frozen=True)
class Recipe(ABC):
    """
    What to train on and what to train; the words are those of ``seg_ros train --help``.

    :ivar views: how many views a training shows where epochs are left open. :ivar batch: the largest batch then.
    :ivar score_of: the score of each class in a row of the history.
    :param start: a trained model to begin with (``--from``). :param backbone: weights of a MobileNetV2 to begin with.
    :param head_epochs: epochs in which the backbone rests; None for a fifth of all where there is a start.
    :param heights: smallest and largest height in pixels to which images are scaled before cutting.
    """

    kind: ClassVar[str]
    architectures: ClassVar[tuple[str, ...]]
    views: ClassVar[int]
    batch: ClassVar[int]

    name: str
    architecture: str
    backbone: Path | None = field(default=None, kw_only=True)
    start: str = field(default='', kw_only=True)
    head_epochs: int | None = field(default=None, kw_only=True)
    input_size: tuple[int, int] = field(default=(384, 288), kw_only=True)
    crop: tuple[int, int] = field(default=(320, 256), kw_only=True)
    heights: tuple[int, int] = field(default=(240, 480), kw_only=True)

    @abstractmethod
    def data(self) -> tuple[Any, Any, Sequence[Checkable]]:
        """
        Open what is learned from, what is held out, and the parts of the former.

        :raises DataError: when it is missing or malformed.
        """

    @abstractmethod
    def task(self, learned: Any, held_out: Any) -> Task:
        """
        Build the network and what trains it.

        :raises ModelError: when the weights to begin with do not fit.
        """

    @abstractmethod
    def per_class(self, task: Task) -> dict[str, str]:
        """Return the score of each class in a row of the history, by its name."""

    def knows(self) -> bool:
        """Whether the network begins with weights that have seen something."""
        return bool(self.start) or self.backbone is not None

    def filled(self, network: nn.Module, class_names: Sequence[str], build: Callable[[int], nn.Module],
               load: Callable[[Any, Any], None]) -> Start | None:
        """Fill a network with what the recipe begins with, and return the model it begins with."""
        if self.backbone is not None:
            load(network, tensors_of(self.backbone))
        if not self.start:
            return None
        start = read_start(self.start, self.kind, self.architecture)
        begin_from(start, network, build, class_names)
        return start

    def resting(self, options: TrainingOptions) -> int:
        """Return the epochs in which the backbone rests."""
        usual = max(1, options.epochs // 5) if self.start else 0
        return usual if self.head_epochs is None else self.head_epochs


@dataclass(frozen=True)
class SemanticRecipe(Recipe):
    """
    Folders of images and label images, and what to train on them.

    :param hold_out: so many of the images are held out where there is no ``val_images``; 0 for a fifth of them.
    :param more: further folders of images with folders of their label images, which hold ids of the taxonomy.
    :param keep_words: whether the network keeps the words of ``start``; each class whose name is none becomes one.
    :param paste: share of the crops into which objects of ``coco`` are pasted.
    :param blend: share of the trained weights in the model, 0..1; the rest is ``start``.
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

    def data(self) -> tuple[Joined, LabelFolder, Sequence[Checkable]]:
        """Open the folders."""
        taxonomy = trainable_taxonomy(self.taxonomy)
        learned = held_out = LabelFolder(self.images, self.labels, taxonomy, self.label_words)
        if self.val_images is not None and self.val_labels is not None:
            held_out = LabelFolder(self.val_images, self.val_labels, taxonomy, self.label_words)
            held_out.pairs = held_out.pairs[::self.val_every]
        else:
            learned, held_out = (held_out.part(self.hold_out, split) for split in ('train', 'val'))
        parts: list[LabelFolder | CocoPixels] = [learned]
        parts += [LabelFolder(images, labels, taxonomy) for images, labels in self.more]
        if self.coco is not None:
            parts.append(CocoPixels(*self.coco, taxonomy, self.coco_classes, self.coco_complete))
        elif self.paste:
            raise SettingError('there are no objects to paste', 'give --coco')
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
                            frozen=4 if self.knows() and not self.architecture.startswith(PREFIX) else 0)

    def _words(self, taxonomy: Taxonomy) -> tuple[str, ...]:
        if not self.keep_words:
            return taxonomy.names
        card = start_card(self.start, self.kind) if self.start else None
        if card is None:
            raise SettingError('there are no words to keep', 'give --from a model that has a card')
        return kept_words(card.classes, taxonomy)

    def per_class(self, task: Task) -> dict[str, str]:
        """Return the IoU of each class."""
        assert isinstance(task, SemanticTask)
        return {c.name: f'iou_{c.id}' for c in task.taxonomy.classes}


@dataclass(frozen=True)
class InstanceRecipe(Recipe):
    """
    Outlined images, and what to train on them.

    :param empty: folders of images to learn from that show no object of the classes.
    :param turn_deg: views are turned by at most this angle. :param upside_down: views may be upside down.
    :param paste: share of the views into which objects of another image are pasted.
    :param repeats: how many times as many views as images make an epoch.
    :param rare_share: images of classes rarer than this share are seen more often.
    """

    kind: ClassVar[str] = 'instance'
    architectures: ClassVar[tuple[str, ...]] = tuple(sorted(INSTANCE_NETWORKS))
    views: ClassVar[int] = 12_700
    batch: ClassVar[int] = 4

    train: ObjectSource
    val: ObjectSource
    empty: tuple[Path, ...] = ()
    input_size: tuple[int, int] = field(default=(576, 432), kw_only=True)
    crop: tuple[int, int] = field(default=(512, 384), kw_only=True)
    heights: tuple[int, int] = field(default=(320, 560), kw_only=True)
    turn_deg: float = 15.0
    upside_down: bool = False
    paste: float = 0.3
    repeats: int = 1
    rare_share: float = 0.1

    def data(self) -> tuple[Any, Any, Sequence[Checkable]]:
        """Open the annotations; the held-out ones must know some of the classes."""
        learned = self.train.opened()
        learned.add_empty([file for folder in self.empty for file in image_files(folder)])
        return learned, self.val.opened(self._classes(learned)), [learned]

    def task(self, learned: Any, held_out: Any) -> InstanceTask:
        """Build a network with an output for each class, and what trains it."""
        classes, sides = self._classes(learned), (min(self.input_size), max(self.input_size))
        network = instance_network(self.architecture, len(classes), *sides)
        start = self.filled(network, classes, lambda n: instance_network(self.architecture, n, *sides),
                            load_instance_backbone)
        shown = (start.mean, start.std) if start else normalisation_of(cast(MaskRCNN, network))
        card = Card(self.name, self.kind, self.architecture, classes, self.input_size, *shown,
                    licence=inherited(start.card if start else None))
        plan = ViewPlan(CropPlan(self.crop, self.heights), turn_deg=self.turn_deg, upside_down=self.upside_down,
                        paste=self.paste)
        how: dict[str, Any] = {'repeats': self.repeats, 'rare_share': self.rare_share}
        if isinstance(network, YoloxNano):
            return MaskHeadTask(network, learned, held_out, card, plan, **how)
        return MaskRcnnTask(network, learned, held_out, card, plan, **how, frozen=7 if self.knows() else 0)

    def _classes(self, learned: Any) -> tuple[str, ...]:
        """Return what the network is to find: the data's classes, or where masks alone are learned those it knows."""
        if self.architecture not in MASKS_ALONE:
            return tuple(learned.class_names)
        card = start_card(self.start, self.kind) if self.start else None
        if card is None:
            raise SettingError(f'{self.architecture} learns masks alone, and must know how to find objects',
                               'give --from everyday, or --from the published file (.onnx)')
        return card.classes

    def per_class(self, task: Task) -> dict[str, str]:
        """Return the AP50 of each class."""
        assert isinstance(task, InstanceTask)
        return {name: f'AP50_{name}' for name in task.card.classes}


def trainable_taxonomy(name: str) -> Taxonomy:
    """
    Return a taxonomy whose ids number the outputs of a network.

    :raises DataError: when they do not.
    """
    taxonomy = load_taxonomy(name)
    ids = [c.id for c in taxonomy.classes]
    if ids != list(range(len(ids))):
        raise DataError(f"taxonomy '{taxonomy.name}' has the ids {ids}", 'for training, number them from 0')
    return taxonomy


def inherited(card: Card | None) -> str:
    """Return the terms that weights bring with them from those they began with, given the card of these."""
    return f'begun from {card.name}, {card.licence}' if card and card.licence else ''


def train_model(recipe: Recipe, options: TrainingOptions, folder: Path, *, resume: bool) -> Path:
    """
    Train a model and return the folder that holds its card and weights.

    :raises DataError: when data is missing or malformed, or the folder cannot take this run.
    :raises ModelError: when the weights to begin with do not fit, or the input size is out of bounds.
    :raises SettingError: when the device is not there.
    """
    device = placement(Settings().changed({'device': options.device, 'precision': 'fp32',
                                           'cpu_threads': torch.get_num_threads()})).device
    refuse_other_run(folder, resume=resume)
    cv2.setNumThreads(0)  # the loading threads are the parallelism; OpenCV's own would fight torch's
    learned, held_out, parts = recipe.data()
    torch.manual_seed(options.seed)  # the first weights of the head are part of what the seed decides
    task = recipe.task(learned, held_out)
    check(parts, held_out, workers=options.workers)
    options = replace(options.for_images(task.views_per_epoch, views=recipe.views, most=recipe.batch),
                      device=str(device))
    task.head_epochs = recipe.resting(options)
    if not recipe.knows():
        log.warning('The network begins with random weights and needs thousands of images so: --from a trained model, '
                    'or a --backbone, needs tens')
    log.info('%d images and %d held out, %d epochs in batches of %d', len(learned), len(held_out), options.epochs,
             options.batch)
    results = Results(folder, recipe.per_class(task), lambda network: task.pictures(network, device))

    def on_epoch(history: History, network: nn.Module) -> None:
        _say(history[-1], results.per_class)
        results.add(history, network)

    best = train(task, options, folder, resume=resume, recipe={'kind': recipe.kind, **asdict(recipe)},
                 on_epoch=on_epoch)
    return _write_model(task, best, device, folder / 'model')


def _say(row: dict[str, float], per_class: Mapping[str, str]) -> None:
    whole = {name: value for name, value in row.items() if name not in (*per_class.values(), 'epoch')}
    of_class = {name: row[key] for name, key in per_class.items()}
    log.info('epoch %d: %s  (%s)', row['epoch'] + 1, _listed(whole), _listed(of_class))


def _listed(values: Mapping[str, float]) -> str:
    return '  '.join(f'{name} {value:.3f}' for name, value in values.items())


def _write_model(task: Task, network: nn.Module, device: torch.device, folder: Path) -> Path:
    card = task.finished(network, device)
    save_weights(network, folder / WEIGHTS)
    write_card(folder, card)
    return folder
