# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From outlined images to a network that finds objects and what trains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, cast

from torchvision.models.detection import MaskRCNN

from seg_ros.errors import SettingError
from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.checking import Checkable
from seg_ros.lab.datasets import image_files
from seg_ros.lab.instance_augmentation import ViewPlan
from seg_ros.lab.instance_training import InstanceTask
from seg_ros.lab.mask_head_training import MaskHeadTask
from seg_ros.lab.mask_rcnn_training import MaskRcnnTask, normalisation_of
from seg_ros.lab.recipe import Recipe, inherited
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.starting import start_card
from seg_ros.models.card import Card
from seg_ros.models.instance_networks import INSTANCE_NETWORKS, instance_network, load_instance_backbone
from seg_ros.models.yolox import YoloxNano

MASKS_ALONE = ('yolox_nano',)
"""The architectures of which boxes and classes stay as they are."""


@dataclass(frozen=True)
class InstanceRecipe(Recipe):
    """
    Outlined images, and what to train on them.

    :param more: folders of further images to learn from, each with its COCO instance file.
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
    more: tuple[tuple[Path, Path], ...] = ()
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
        for images, coco in self.more:
            learned.add(images, coco)
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
