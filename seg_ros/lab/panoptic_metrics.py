# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Panoptic quality: how well every pixel is told which class and which object it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seg_ros.errors import SettingError
from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.metrics import mean_of
from seg_ros.labels.taxonomy import MAX_CLASSES, RobotClass
from seg_ros.records import UNLABELLED, Instances
from seg_ros.tracking.overlap import id_image

OPEN, NOT_TOLD = MAX_CLASSES + 1, MAX_CLASSES + 2
"""Pixels a model leaves open, which count against it, and pixels of which the truth says nothing, which do not."""

_Counts = NDArray[np.float64]


class PanopticQuality:
    """
    PQ = SQ * RQ by class (Kirillov et al. 2019), counted by torchmetrics image by image.

    :param things: classes of which each object is a segment. :param stuff: classes of which all pixels of an image
        are one segment. A class may not be both.
    :raises SettingError: when torchmetrics is not installed.
    """

    def __init__(self, things: Sequence[RobotClass], stuff: Sequence[RobotClass]) -> None:
        self.classes = (*sorted(things, key=lambda c: c.id), *sorted(stuff, key=lambda c: c.id))
        self._things, self._stuff = {c.id for c in things}, {c.id for c in stuff}
        self.counts = np.zeros((4, len(self.classes)))

    def add(self, predicted: NDArray[np.int32], true: NDArray[np.int32]) -> float:
        """
        Count one image and return its mean PQ, NaN when nothing is in it.

        :param predicted: (H, W, 2) class id and object number of each pixel, 0 for stuff; class ``OPEN`` where the
            model says nothing. :param true: likewise; class ``NOT_TOLD`` does not count.
        """
        metric = _metric(self._things, self._stuff | {OPEN})
        metric.update(torch.from_numpy(predicted)[None], torch.from_numpy(true)[None])
        states = (metric.iou_sum, metric.true_positives, metric.false_positives, metric.false_negatives)
        counts = np.stack([state.double().numpy()[:len(self.classes)] for state in states])  # OPEN comes last
        self.counts += counts
        return mean_of(qualities(counts)[0])

    def by_class(self) -> _Counts:
        """Return (3, classes) PQ, SQ and RQ, NaN for a class that is neither true nor predicted."""
        return qualities(self.counts)

    def means(self, things: bool | None = None) -> tuple[float, float, float]:
        """Return mean PQ, SQ and RQ over the classes that occur: all, or things or stuff alone."""
        chosen = [things is None or (c.id in self._things) is things for c in self.classes]
        pq, sq, rq = (mean_of(row[chosen]) for row in self.by_class())
        return pq, sq, rq


def qualities(counts: _Counts) -> _Counts:
    """Return (3, classes) PQ, SQ, RQ of (4, classes) summed IoU, hits, false alarms and misses; NaN of nothing."""
    iou, hits, alarms, misses = counts
    total = hits + alarms / 2 + misses / 2
    rq = np.divide(hits, total, out=np.full_like(hits, np.nan), where=total > 0)
    sq = np.divide(iou, hits, out=np.where(total > 0, 0.0, np.nan), where=hits > 0)
    return np.stack([sq * rq, sq, rq])


def found_segments(labels: NDArray[np.uint8], instances: Instances, things: Sequence[RobotClass]) -> NDArray[np.int32]:
    """
    Return (H, W, 2) class and object of each pixel of what a model says; whoever is in front has the pixel.

    :param labels: (H, W) uint8. Pixels of a thing's class that no object covers are left open.
    """
    segments = _stuff_segments(labels, things, OPEN)
    ids = id_image(instances)
    covered = ids > 0
    segments[covered, 0] = instances.class_ids[ids[covered] - 1]
    segments[covered, 1] = ids[covered]
    return segments


def true_segments(labels: NDArray[np.uint8], sample: OutlinedImage, things: Sequence[RobotClass]) -> NDArray[np.int32]:
    """
    Return (H, W, 2) class and object of each pixel of the truth; small objects lie over large ones.

    :param labels: (H, W) uint8. Pixels of a thing's class that no outline covers, and crowds, are not told.
    :param things: in the order of the sample's class numbers.
    """
    segments = _stuff_segments(labels, things, NOT_TOLD)
    areas = sample.masks.sum(axis=(1, 2), dtype=np.int64)
    for k in sorted(range(len(areas)), key=lambda k: (not sample.crowd[k], -areas[k])):
        kind = (NOT_TOLD, 0) if sample.crowd[k] else (things[sample.classes[k]].id, k + 1)
        segments[sample.masks[k] > 0] = kind
    return segments


def _stuff_segments(labels: NDArray[np.uint8], things: Sequence[RobotClass], nothing: int) -> NDArray[np.int32]:
    segments = np.zeros((*labels.shape, 2), np.int32)
    segments[..., 0] = labels
    segments[np.isin(labels, [UNLABELLED, *(c.id for c in things)]), 0] = nothing
    return segments


def _metric(things: set[int], stuff: set[int]) -> Any:
    """
    Return torchmetrics' counter.

    What a model leaves open is a class of its own to it: as an unknown class it would be forgiven.
    """
    try:
        from torchmetrics.detection import PanopticQuality as Counter
    except ModuleNotFoundError as error:
        raise SettingError('panoptic quality needs the Python package torchmetrics, which is not installed',
                           'type: pip install torchmetrics') from error
    return Counter(things=things, stuffs=stuff)
