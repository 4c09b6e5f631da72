# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training networks that find objects: batches of views with boxes and masks, and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seg_ros.lab.coco import InstanceData, OutlinedImage
from seg_ros.lab.instance_augmentation import ViewPlan, boxes_of, training_view
from seg_ros.lab.instance_evaluation import ObjectScorer, ObjectScores
from seg_ros.lab.task import SegmentationTask
from seg_ros.labels.palette import instance_colour
from seg_ros.labels.taxonomy import RobotClass, Role
from seg_ros.models.card import Card
from seg_ros.models.card_instance import CardInstance
from seg_ros.models.device import Placement
from seg_ros.models.instance_networks import InstanceNetwork
from seg_ros.records import Mode
from seg_ros.settings import Settings

TrainingView = tuple[Tensor, dict[str, Tensor]]


@dataclass
class InstanceTask(SegmentationTask[OutlinedImage, ObjectScores]):
    """
    A network that finds objects, and its outlined images.

    :param network: one of ``models.instance_networks`` with an output for each of the card's classes.
    :param card: the network as a model.
    :param view_plan: how training views are made.
    :param repeats: how many times as many views as images make an epoch.
    :param rare_share: images of classes that fewer than this share of the images show are seen more often.
    """

    mode: ClassVar[Mode] = Mode.INSTANCE

    network: InstanceNetwork
    train_data: InstanceData
    card: Card
    view_plan: ViewPlan
    repeats: int = field(default=1, kw_only=True)
    rare_share: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        factors = repeat_factors(self.train_data.presence(), self.rare_share)
        self._chance = factors / factors.sum()

    @property
    def classes(self) -> tuple[RobotClass, ...]:
        """The network's classes, by their position."""
        return tuple(RobotClass(k, name, instance_colour(k + 1), Role.OBSTACLE)
                     for k, name in enumerate(self.card.classes))

    @property
    def views_per_epoch(self) -> int:
        """How many views make an epoch."""
        return len(self.train_data) * self.repeats

    def order(self, count: int, rng: np.random.Generator) -> Sequence[int]:
        """Return images of rare classes more often than others."""
        return drawn(self._chance * count, rng).tolist()

    def view(self, index: int, rng: np.random.Generator) -> TrainingView:
        """Return a (3, h, w) uint8 view with its boxes, labels (1 for the first class) and masks."""
        plan = self.view_plan
        donor = int(rng.choice(len(self._chance), p=self._chance)) if rng.random() < plan.paste else None
        view = training_view(self._read(index), None if donor is None else self._read(donor), plan, rng)
        target = {'boxes': torch.from_numpy(boxes_of(view.masks)),
                  'labels': torch.from_numpy(view.classes + 1), 'masks': torch.from_numpy(view.masks)}
        return torch.from_numpy(view.rgb).permute(2, 0, 1), target

    def _read(self, index: int) -> OutlinedImage:
        return self.train_data.read(index, least_height=self.view_plan.crop.heights[1])

    def joined(self, views: list[TrainingView]) -> list[TrainingView]:
        """Return the views: they have different numbers of objects."""
        return views

    def segmenter(self, network: nn.Module, where: Placement) -> CardInstance:
        """Return the model that the node will open."""
        return CardInstance(self.card, cast(InstanceNetwork, network), where, self.classes)

    def scorer(self) -> ObjectScorer:
        """Return what scores the held-out images."""
        return ObjectScorer(self.classes, Settings(score_threshold=0.5))

    @property
    def per_class(self) -> dict[str, str]:
        """The AP50 of each class."""
        return {name: f'AP50_{name}' for name in self.card.classes}

    def row(self, scores: ObjectScores) -> dict[str, float]:
        """Return ``score``, which is AP50, ``AP``, ``AP75``, ``AP50_<class>``, and ``wrong_class`` at score 0.5."""
        of_class = {key: scores.ap50_of[name] for name, key in self.per_class.items()}
        return {'score': scores.ap50, 'wrong_class': scores.wrong_class, 'AP': scores.ap, 'AP50': scores.ap50,
                'AP75': scores.ap75} | of_class


def repeat_factors(presence: NDArray[np.bool_], rare_share: float) -> NDArray[np.float64]:
    """
    Return (images,) how often each image is to be seen relative to an image of common classes.

    An image counts as its rarest class does: the square root of how far that class's share of the images
    lies below ``rare_share`` (Gupta et al. 2019).
    """
    share = np.maximum(presence.mean(axis=0), 1e-9)
    of_class = np.maximum(1.0, np.sqrt(rare_share / share))
    return np.where(presence, of_class, 1.0).max(axis=1)


def drawn(expected: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return indices in random order, each as often as expected, rounded up or down at random, in total the sum."""
    edges = np.floor(np.concatenate([[0.0], np.cumsum(expected)]) + rng.random()).astype(np.int64)
    edges[-1] = edges[0] + round(expected.sum())
    return rng.permutation(np.repeat(np.arange(len(expected)), np.maximum(np.diff(edges), 0)))
