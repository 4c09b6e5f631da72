"""From whole-picture masks at the network's resolution to objects with boolean crops, on the host, in bytes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from torchvision.ops import nms

from seg_ros.models.instance_output import Selection
from seg_ros.models.query_output import Found
from seg_ros.records import Instances


def instances_of_found(found: Found, size: tuple[int, int], class_ids: NDArray[np.uint8],
                       selection: Selection) -> Instances:
    """
    Return the selected objects in pixels of the output image, best first; a box is the rectangle around its mask.

    :param size: (width, height) of the output image. :param class_ids: (words,) the id announced for each word.
    """
    wanted = np.array([selection.class_ids is None or int(k) in selection.class_ids for k in class_ids], bool)
    kept = np.flatnonzero(wanted[found.words] & (found.scores >= selection.score_threshold))
    crops = list(full_size(found.masks[kept], size))
    areas = np.array([np.count_nonzero(mask) for _, mask in crops], np.int64)
    large = np.flatnonzero(areas >= max(1, selection.min_area))
    if not len(large):
        return Instances.none(size)
    corners = np.array([crops[k][0] for k in large], np.int32)
    sides = np.array([crops[k][1].shape[::-1] for k in large], np.int32)
    boxes = np.concatenate([corners, corners + sides], axis=1).astype(np.float32)
    scores = found.scores[kept[large]]
    every = Instances(size, boxes, scores, class_ids[found.words[kept[large]]], corners,
                      tuple(np.ascontiguousarray(crops[k][1]) for k in large), np.zeros(len(large), np.int64))
    return every.taken(_best(boxes, scores, selection))


def _best(boxes: NDArray[np.float32], scores: NDArray[np.float32], selection: Selection) -> NDArray[np.intp]:
    """Return the indices of the objects to keep, by descending score."""
    order = np.argsort(-scores, kind='stable')
    if selection.nms_iou < 1.0:
        order = nms(torch.from_numpy(boxes), torch.from_numpy(scores), selection.nms_iou).numpy()
    return order[:selection.max_instances]


def full_size(masks: NDArray[np.bool_], size: tuple[int, int]) -> Iterator[tuple[tuple[int, int], NDArray[np.bool_]]]:
    """
    Yield each mask at the size of the answer, each pixel the nearest one: its top left pixel and its crop.

    :param masks: (S, h, w). :param size: (width, height).
    """
    height, width = masks.shape[1:]
    columns, rows = _nearest(width, size[0]), _nearest(height, size[1])
    for mask in masks:
        across = np.flatnonzero(mask.any(axis=0)[columns])
        down = np.flatnonzero(mask.any(axis=1)[rows])
        if len(across) and len(down):
            left, top = int(across[0]), int(down[0])
            yield (left, top), mask[rows[top:down[-1] + 1]][:, columns[left:across[-1] + 1]]
        else:
            yield (0, 0), np.zeros((0, 0), np.bool_)


def _nearest(count: int, wanted: int) -> NDArray[np.int64]:
    """Return which of ``count`` samples torch's nearest resize takes for each of the wanted ones."""
    places = torch.arange(count, dtype=torch.float32)[None, None]
    return F.interpolate(places, wanted, mode='nearest')[0, 0].long().numpy()
