"""Training Mask R-CNN: batches of views with boxes and masks, validation by mask average precision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN

from seg_ros.lab.coco import InstanceData
from seg_ros.lab.instance_augmentation import ViewPlan, boxes_of, training_view
from seg_ros.lab.instance_metrics import InstanceScores, wrong_class_share
from seg_ros.lab.loading import grouped, in_order
from seg_ros.lab.training import TrainingOptions
from seg_ros.models.instance_networks import instance_proposals
from seg_ros.models.instance_output import Selection, instances_of
from seg_ros.records import Instances

Views = list[tuple[Tensor, dict[str, Tensor]]]


@dataclass
class InstanceTask:
    """
    A Mask R-CNN, its outlined images and its losses.

    :param network: one of ``models.instance_networks`` with an output for each of the data's classes.
    :param train_data: images to learn from. :param held_out: images that choose the best epoch.
    :param view: how training views are made.
    :param input_size: (width, height) to which held-out images are scaled, as the robot will.
    :param frozen: how many of the first backbone blocks keep their weights.
        Their batch statistics are kept as well: small batches of views would spoil them. 0 trains all.
    :param repeats: how many times as many views as images make an epoch.
    :param rare_share: images of classes that fewer than this share of the images show are seen more often.
    :param head_epochs: epochs at the beginning in which heads and pyramid learn, and the backbone does not.
    """

    network: MaskRCNN
    train_data: InstanceData
    held_out: InstanceData
    view: ViewPlan
    input_size: tuple[int, int]
    frozen: int = 0
    repeats: int = 1
    rare_share: float = 0.0
    head_epochs: int = 0
    selection: Selection = field(default_factory=lambda: Selection(score_threshold=0.05))

    def __post_init__(self) -> None:
        for block in list(self.network.backbone.body.children())[:self.frozen]:
            block.requires_grad_(False)
        self._late = [p for p in self.network.backbone.body.parameters() if p.requires_grad]
        self.network.transform._skip_resize = True  # in training only: views have their size already
        factors = repeat_factors(self.train_data.presence(), self.rare_share)
        self._chance = factors / factors.sum()

    def parameter_groups(self, lr: float) -> list[dict[str, Any]]:
        """Train the heads and the pyramid at the full rate and the backbone at a third of it."""
        body = [p for p in self.network.backbone.body.parameters() if p.requires_grad]
        known = {id(p) for p in self.network.backbone.body.parameters()}
        heads = [p for p in self.network.parameters() if id(p) not in known]
        return [{'params': heads, 'lr': lr}, {'params': body, 'lr': lr / 3}]

    def begin_epoch(self, epoch: int) -> None:
        """Let the backbone rest in the first epochs: new heads would only spoil it."""
        for parameter in self._late:
            parameter.requires_grad_(epoch >= self.head_epochs)

    def steps_per_epoch(self, options: TrainingOptions) -> int:
        """Return the number of full batches in the data."""
        return max(1, len(self.train_data) * self.repeats // options.batch)

    def batches(self, epoch: int, options: TrainingOptions) -> Iterable[Views]:
        """Yield batches of (3, h, w) uint8 views, each with its boxes, labels (1 for the first class) and masks."""
        count = self.steps_per_epoch(options) * options.batch
        order = spread(self._chance * count, np.random.default_rng((options.seed, epoch)))
        views = in_order(lambda k: self._view(int(order[k]), (options.seed, epoch, 1 + k)), count,
                         workers=options.workers, ahead=3 * options.batch)
        yield from grouped(views, options.batch)

    def _view(self, index: int, seed: tuple[int, int, int]) -> tuple[Tensor, dict[str, Tensor]]:
        rng = np.random.default_rng(seed)
        donor = int(rng.choice(len(self._chance), p=self._chance)) if rng.random() < self.view.paste else None
        view = training_view(self.train_data.read(index),
                             None if donor is None else self.train_data.read(donor), self.view, rng)
        target = {'boxes': torch.from_numpy(boxes_of(view.masks)),
                  'labels': torch.from_numpy(view.classes + 1), 'masks': torch.from_numpy(view.masks)}
        return torch.from_numpy(view.rgb).permute(2, 0, 1), target

    def loss(self, network: nn.Module, batch: Views, device: torch.device) -> Tensor:
        """Return the sum of the five losses of Mask R-CNN (He et al. 2017)."""
        if self.frozen:
            cast(MaskRCNN, network).backbone.body.eval()
        images = [image.to(device).float() / 255.0 for image, _ in batch]
        targets = [{key: value.to(device) for key, value in target.items()} for _, target in batch]
        losses: dict[str, Tensor] = network(images, targets)
        return torch.stack(list(losses.values())).sum()

    def validate(self, network: nn.Module, epoch: int, device: torch.device) -> dict[str, float]:
        """
        Return mask average precision on the held-out images, by the code path of the robot.

        ``score`` is AP50. ``wrong_class`` is the share of objects found at score 0.5 that have another class.
        """
        network.eval()
        scores = InstanceScores(self.held_out.class_names)
        for index in range(len(self.held_out)):
            sample = self.held_out.read(index)
            scores.add(sample, found_in(network, sample.rgb, self.input_size, len(self.held_out.class_names),
                                        self.selection, device))
        precision = scores.average_precision()
        return {'score': precision['AP50'], 'wrong_class': wrong_class_share(scores.confusion())} | precision


def found_in(network: nn.Module, rgb: NDArray[np.uint8], input_size: tuple[int, int], n_classes: int,
             selection: Selection, device: torch.device) -> Instances:
    """Return the objects of an (H, W, 3) uint8 image in its own pixels; class ids are the output's positions."""
    small = cv2.resize(rgb, input_size, interpolation=cv2.INTER_AREA)
    with torch.inference_mode():
        image = torch.from_numpy(small).to(device).permute(2, 0, 1).float() / 255.0
        found = instance_proposals(network, [image], min_score=selection.score_threshold)[0]
        return instances_of(found, (rgb.shape[1], rgb.shape[0]), np.arange(n_classes, dtype=np.uint8), selection)


def repeat_factors(presence: NDArray[np.bool_], rare_share: float) -> NDArray[np.float64]:
    """
    Return (images,) how often each image is to be seen relative to an image of common classes.

    An image counts as its rarest class does: the square root of how far that class's share of the images
    lies below ``rare_share`` (Gupta et al. 2019).
    """
    share = np.maximum(presence.mean(axis=0), 1e-9)
    of_class = np.maximum(1.0, np.sqrt(rare_share / share))
    return np.where(presence, of_class, 1.0).max(axis=1)


def spread(expected: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return indices in random order, each as often as expected, rounded up or down at random, in total the sum."""
    edges = np.floor(np.concatenate([[0.0], np.cumsum(expected)]) + rng.random()).astype(np.int64)
    edges[-1] = edges[0] + round(expected.sum())
    return rng.permutation(np.repeat(np.arange(len(expected)), np.maximum(np.diff(edges), 0)))
