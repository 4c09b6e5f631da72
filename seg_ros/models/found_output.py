# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From whole-picture masks at the network's resolution to objects with boolean crops, on the host, in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.models.instance_output import Selection
from seg_ros.records import Instances


class Crop(NamedTuple):
    """The (h, w) bool part of a mask that holds all of it, and its top left pixel; (0, 0) of an empty mask."""

    left: int
    top: int
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class FoundCrops:
    """
    Objects or segments, none of them chosen yet, best first.

    :param words: (S,) index of the word of each. :param scores: (S,) float32 in 0..1.
    :param masks: of each, on a grid of the image's shape; segments share no pixel.
    :param grid: (width, height) of that grid.
    """

    words: NDArray[np.int64]
    scores: NDArray[np.float32]
    masks: tuple[Crop, ...]
    grid: tuple[int, int]


def instances_of_found(found: FoundCrops, size: tuple[int, int], class_ids: NDArray[np.uint8],
                       selection: Selection) -> Instances:
    """
    Return the selected objects in pixels of the output image, best first; a box is the rectangle around its mask.

    :param size: (width, height) of the output image. :param class_ids: (words,) the id announced for each word.
    """
    kept = np.flatnonzero(selection.wants(class_ids)[found.words] & (found.scores >= selection.score_threshold))
    crops = [full_size(found.masks[k], found.grid, size) for k in kept]
    areas = np.array([np.count_nonzero(crop.mask) for crop in crops], np.int64)
    large = np.flatnonzero(areas >= max(1, selection.min_area))
    if not len(large):
        return Instances.none(size)
    corners = np.array([crops[k][:2] for k in large], np.int32)
    sides = np.array([crops[k].mask.shape[::-1] for k in large], np.int32)
    boxes = np.concatenate([corners, corners + sides], axis=1).astype(np.float32)
    scores = found.scores[kept[large]]
    every = Instances(size, boxes, scores, class_ids[found.words[kept[large]]], corners,
                      tuple(crops[k].mask for k in large), np.zeros(len(large), np.int64))
    return every.taken(selection.best(boxes, scores))


def full_size(crop: Crop, grid: tuple[int, int], size: tuple[int, int]) -> Crop:
    """
    Return a mask at the size of the answer, each pixel the nearest one.

    :param grid: (width, height) the crop lies in; likewise ``size``.
    """
    columns, rows = _nearest(grid[0], size[0]), _nearest(grid[1], size[1])
    height, width = crop.mask.shape
    left, right = np.searchsorted(columns, [crop.left, crop.left + width])
    top, bottom = np.searchsorted(rows, [crop.top, crop.top + height])
    mask = crop.mask[rows[top:bottom] - crop.top][:, columns[left:right] - crop.left]
    return Crop(int(left), int(top), np.ascontiguousarray(mask))


def crop_of(mask: NDArray[np.bool_]) -> Crop:
    """Return what there is of an (h, w) mask."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    return Crop(left, top, mask[top:top + height, left:left + width].copy())


@lru_cache(maxsize=16)
def _nearest(count: int, wanted: int) -> NDArray[np.int64]:
    """Return which of ``count`` samples is the nearest of each of the wanted ones; none is ever skipped backwards."""
    return np.minimum(np.arange(wanted) * count // wanted, count - 1)
