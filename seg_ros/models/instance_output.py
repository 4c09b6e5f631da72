# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From boxes with small masks to objects with boolean crops, by OpenCV on the host: masks are small until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import Instances
from seg_ros.settings import Settings

MOST_UNSEEN = 4
"""A mask is enlarged whole and cut to the image, unless it has more than so many times the pixels of any in sight."""


@dataclass(frozen=True)
class Proposals:
    """
    What a network finds in one image, best first, before masks meet pixels.

    :param size: (width, height) of the image that was given to the network; ``boxes`` are in its pixels.
    :param boxes: (N, 4) float32 left, top, right, bottom.
    :param scores: (N,) float32 in 0..1, descending.
    :param labels: (N,) int64 index of the class, 0 for the first class (no background).
    :param masks: (N, m, m) float32 probability of each cell of the box to belong to the object.
    """

    size: tuple[int, int]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]
    masks: NDArray[np.float32]


@dataclass(frozen=True)
class Selection:
    """
    Which of the found objects are kept.

    :param score_threshold: objects of at least this score. :param max_instances: at most this many, best first.
    :param nms_iou: of two boxes of any class that overlap more than this, only the better; 1 keeps both.
    :param min_area: objects of at least this many pixels of the output image.
    :param class_ids: only these ids; None keeps every class.
    """

    score_threshold: float = 0.5
    max_instances: int = 100
    nms_iou: float = 1.0
    min_area: int = 1
    class_ids: frozenset[int] | None = None

    @classmethod
    def of(cls, settings: Settings, things: Sequence[RobotClass]) -> Selection:
        """Return what the settings ask for, of a model that finds these classes and no others."""
        kept = settings.kept_classes
        ids = frozenset(thing.id for thing in things if kept is None or thing.name in kept)
        return cls(settings.detection_threshold, settings.max_instances, settings.nms_iou, settings.min_area, ids)

    def wants(self, class_ids: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Return for each class id whether objects of it are kept."""
        return np.array([self.class_ids is None or int(k) in self.class_ids for k in class_ids], np.bool_)

    def best(self, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the indices of the objects to keep of (N, 4) boxes, by descending score."""
        order = np.argsort(-scores, kind='stable')
        if self.nms_iou < 1.0 and len(order):
            sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)[order]
            chosen = cv2.dnn.NMSBoxes(sides.astype(np.float64), scores[order], 0.0, self.nms_iou)
            order = order[np.asarray(chosen, np.intp)]
        return order[:self.max_instances]


def instances_of(found: Proposals, size: tuple[int, int], class_ids: NDArray[np.uint8],
                 selection: Selection) -> Instances:
    """
    Return the selected objects in pixels of the output image, best first.

    A mask is resized within its own box and cut at probability 0.5, as torchvision's
    ``paste_masks_in_image`` does, but a full-frame mask never exists. Objects without a pixel are dropped.

    :param size: (width, height) of the output image, of which the network saw a scaled copy.
    :param class_ids: (classes,) the id announced in LabelInfo for each class of the network.
    """
    bounds = np.tile(np.array(size, np.float32), 2)
    boxes = (found.boxes * (bounds / np.tile(np.array(found.size, np.float32), 2))).astype(np.float32)
    good = np.flatnonzero((found.scores >= selection.score_threshold) & selection.wants(class_ids)[found.labels])
    kept = good[selection.best(boxes[good], found.scores[good])]
    if not len(kept):
        return Instances.none(size)
    corners, masks = mask_crops(found.masks[kept], boxes[kept], size)
    areas = np.array([np.count_nonzero(mask) for mask in masks])
    every = Instances(size, boxes[kept].clip(0, bounds), found.scores[kept], class_ids[found.labels[kept]], corners,
                      tuple(masks), np.zeros(len(masks), np.int64))
    return every.taken(np.flatnonzero(areas >= max(1, selection.min_area)))


def mask_crops(masks: NDArray[np.float32], boxes: NDArray[np.float32],
               size: tuple[int, int]) -> tuple[NDArray[np.int32], list[NDArray[np.bool_]]]:
    """
    Resize each small mask to its box and cut it at 0.5.

    :param masks: (N, m, m) probabilities. :param boxes: (N, 4) in pixels of an image of ``size``.
    :return: (N, 2) column and row of each crop's top left pixel, and N boolean crops within the image.
    """
    spans = _pixel_spans(boxes, masks.shape[-1])
    low, high = (spans[:, part].clip(0, size) for part in (slice(0, 2), slice(2, 4)))
    extents = np.maximum(high - low, 0)
    paper = np.empty(MOST_UNSEEN * int(extents.prod(axis=1).max(initial=0)), np.float32)
    padded = np.pad(np.asarray(masks, np.float32), ((0, 0), (1, 1), (1, 1)))
    crops = [_crop(*each, paper) for each in zip(padded, spans, low, extents, strict=True)]
    return low.astype(np.int32), crops


def _pixel_spans(boxes: NDArray[np.float32], cells: int) -> NDArray[np.int64]:
    """Return (N, 4) left, top, right, bottom (exclusive) of boxes widened by the mask's rim of zeros."""
    centre = (boxes[:, :2] + boxes[:, 2:]) * np.float32(0.5)
    half = (boxes[:, 2:] - boxes[:, :2]) * np.float32(0.5) * np.float32((cells + 2) / cells)
    low, high = (centre - half).astype(np.int64), (centre + half).astype(np.int64)
    return np.concatenate([low, np.maximum(high, low) + 1], axis=1)


def _crop(mask: NDArray[np.float32], span: NDArray[np.int64], low: NDArray[np.int64], extent: NDArray[np.int64],
          paper: NDArray[np.float32]) -> NDArray[np.bool_]:
    """
    Return the part of a mask, resized to its span, that lies in the image: ``extent`` pixels from ``low`` on.

    :param paper: memory for the floats of one mask; to get fresh one for each takes longer than resizing them.
    """
    full, offset = span[2:] - span[:2], low - span[:2]
    if not extent.all():
        return np.zeros(extent[::-1], np.bool_)
    if full.prod() <= len(paper):
        whole = paper[:full.prod()].reshape(full[::-1])
        cv2.resize(mask, (int(full[0]), int(full[1])), dst=whole, interpolation=cv2.INTER_LINEAR)
        return whole[offset[1]:offset[1] + extent[1], offset[0]:offset[0] + extent[0]] > 0.5
    columns, rows = (_bilinear(full[axis], offset[axis], extent[axis], len(mask)) for axis in (0, 1))
    return rows @ mask @ columns.T > 0.5


def _bilinear(full: int, offset: int, count: int, cells: int) -> NDArray[np.float32]:
    """Return the (count, cells) matrix that resizes ``cells`` values to ``full`` pixels, from ``offset`` on."""
    source = ((np.arange(count) + offset + 0.5) * (cells / full) - 0.5).clip(0, cells - 1)
    weights = 1.0 - np.abs(source[:, None] - np.arange(cells))
    return np.asarray(weights.clip(min=0.0), np.float32)
