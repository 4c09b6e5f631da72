# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A model's own sure answers as label images to train on: pseudo labels (Lee 2013), at several sizes and mirrored."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros.errors import ModelError
from seg_ros.lab.coco import CocoPixels
from seg_ros.lab.datasets import NONE_OF_COMPLETE, image_files
from seg_ros.lab.starting import opened
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import Card
from seg_ros.models.device import Placement, placement
from seg_ros.models.networks import semantic_logits
from seg_ros.models.preprocess import network_size
from seg_ros.models.tensors import to_network
from seg_ros.picture_files import read_rgb
from seg_ros.records import UNLABELLED, Mode
from seg_ros.settings import Settings

_Progress = Callable[[Iterable[Path]], Iterable[Path]]

SCALES = (0.75, 1.0, 1.5)
"""The sizes at which a picture is looked at, each as it is and mirrored, relative to the size of the card."""


def write_pseudo_labels(teacher: Teacher, images: Path, out: Path, *, at_least: float, every: int = 1,
                        truth: CocoPixels | None = None, progress: _Progress = lambda files: files) -> int:
    """
    Fill the folders ``images`` and ``labels`` with the pictures of a folder and what is sure of them.

    Pictures of which nothing is sure are left out; those that are there already stay.

    :param at_least: the mean probability that is sure enough, 0..1; pixels of less are 255.
    :param every: of the pictures, in the order of their names, every so many-th is taken.
    :param truth: outlined objects of the same pictures; what they show is not asked.
    :return: how many pictures were added.
    :raises DataError: when a picture or an outline cannot be read.
    """
    for name in ('images', 'labels'):
        (out / name).mkdir(parents=True, exist_ok=True)
    known = {truth.file(k).name: k for k in range(len(truth))} if truth is not None else {}
    files = [path for path in image_files(images)[::every]
             if not (out / 'labels' / f'{path.stem}.png').exists()]
    added = 0
    for path in progress(files):
        labels = teacher.sure(read_rgb(path), at_least)
        if truth is not None and path.name in known:
            outlined = truth.read(known[path.name]).labels
            labels = np.where(outlined < NONE_OF_COMPLETE, outlined, labels)
        if (labels != UNLABELLED).any():
            shutil.copyfile(path, out / 'images' / path.name)
            _write_whole(out / 'labels' / f'{path.stem}.png', labels)
            added += 1
    return added


def open_teacher(name: str, taxonomy: str) -> Teacher:
    """
    Load a semantic model to ask.

    :param name: as a training begins from.
    :raises ModelError: when there is none, or it is of another kind.
    :raises TaxonomyError: when the taxonomy does not know a word of it.
    """
    card, network = opened(name)
    if card.kind != Mode.SEMANTIC.value:
        raise ModelError(f"'{name}' is a model of kind {card.kind}: it labels no pixels", 'name a semantic one')
    return teacher_of(card, network, taxonomy)


def teacher_of(card: Card, network: nn.Module, taxonomy: str) -> Teacher:
    """
    Return a network that can be asked.

    :raises TaxonomyError: when the taxonomy does not know a word of it.
    """
    robot, where = load_taxonomy(taxonomy), placement(Settings(device='cpu'))
    return Teacher(card, where.place(network), torch.from_numpy(robot.merge_matrix(card.classes)), robot.ids,
                   where)


@dataclass(frozen=True)
class Teacher:
    """
    A semantic model that is asked several times about a picture.

    :param merge: (classes, words) float32 of 0 and 1. :param ids: (classes,) uint8, the id of each row.
    """

    card: Card
    network: nn.Module
    merge: Tensor
    ids: NDArray[np.uint8]
    where: Placement

    def sure(self, rgb: NDArray[np.uint8], at_least: float) -> NDArray[np.uint8]:
        """
        Return the (H, W) uint8 class of each pixel of an (H, W, 3) uint8 image; 255 where the teacher is less sure.

        :param at_least: the mean probability over all looks that is sure enough, 0..1.
        """
        return self.surest(self.probabilities(rgb), at_least)

    def surest(self, probabilities: NDArray[np.float32], at_least: float) -> NDArray[np.uint8]:
        """Return the (H, W) uint8 class of each pixel; 255 where its probability is lower."""
        sure = probabilities.max(0) >= at_least
        return np.where(sure, self.ids[probabilities.argmax(0)], UNLABELLED).astype(np.uint8)

    @torch.inference_mode()
    def probabilities(self, rgb: NDArray[np.uint8], scales: Sequence[float] = SCALES) -> NDArray[np.float32]:
        """
        Return the (classes, H, W) float32 probabilities of an (H, W, 3) uint8 image, the mean over all looks.

        :param scales: the sizes at which it is looked at, as it is and mirrored.
        """
        looks = torch.stack([self._look(rgb, scale) for scale in scales]).mean(0)
        whole: NDArray[np.float32] = F.interpolate(looks, rgb.shape[:2], mode='bilinear',
                                                   align_corners=False)[0].numpy()
        return whole

    def _look(self, rgb: NDArray[np.uint8], scale: float) -> Tensor:
        """Return the (1, classes, h, w) probabilities of two looks at one size, on the same grid for all sizes."""
        grid, size = (network_size((rgb.shape[1], rgb.shape[0]), self._area(one), 32) for one in (0.5, scale))
        shown = to_network([rgb, rgb[:, ::-1]], size, self.card.mean, self.card.std, self.where)
        words = torch.softmax(semantic_logits(self.network, shown).float() / self.card.temperature, dim=1)
        classes = torch.einsum('rw,nwyx->nryx', self.merge, words)
        both = (classes[:1] + classes[1:].flip(-1)) / 2
        return F.interpolate(both, grid[::-1], mode='bilinear', align_corners=False)

    def _area(self, scale: float) -> tuple[int, int]:
        width, height = self.card.input_size
        return round(width * scale), round(height * scale)


def _write_whole(path: Path, labels: NDArray[np.uint8]) -> None:
    """Write to a file beside it and rename, so that a kill never leaves half an image that would stay."""
    part = path.with_suffix('.part')
    part.write_bytes(cv2.imencode('.png', labels)[1].tobytes())
    part.replace(path)
