"""From whole-picture masks at the network's resolution to objects with boolean crops, on the host, in bytes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from seg_ros.models.instance_output import Selection
from seg_ros.models.query_output import Crop, Found
from seg_ros.records import Instances


def instances_of_found(found: Found, size: tuple[int, int], class_ids: NDArray[np.uint8],
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


@lru_cache(maxsize=16)
def _nearest(count: int, wanted: int) -> NDArray[np.int64]:
    """Return which of ``count`` samples is the nearest of each of the wanted ones; none is ever skipped backwards."""
    return np.minimum(np.arange(wanted) * count // wanted, count - 1)
