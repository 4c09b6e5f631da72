# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures for a person: camera, truth and prediction side by side, and a sheet of the worst of them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.instance_augmentation import boxes_of
from seg_ros.labels.overlay import overlay
from seg_ros.labels.plates import FONT
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.picture_files import write_pixels
from seg_ros.records import Instances, Segmentation

Picture = NDArray[np.uint8]

PANEL_WIDTH = 480
"""Pixels; wider images are shown smaller."""

CAPTION_HEIGHT = 22


def side_by_side(rgb: Picture, truth: Segmentation, found: Segmentation, classes: Sequence[RobotClass]) -> Picture:
    """
    Return camera, truth and prediction as one (h, 3 * w, 3) uint8 picture, no panel wider than ``PANEL_WIDTH``.

    :param rgb: (H, W, 3) uint8, of the size of both segmentations.
    """
    panels = [rgb, overlay(rgb, truth, classes, is_true=True), overlay(rgb, found, classes)]
    return np.concatenate([_at_most(panel, PANEL_WIDTH) for panel in panels], axis=1)


def true_objects(sample: OutlinedImage, class_ids: Sequence[int]) -> Instances:
    """
    Return the outlined objects of an image as the record a model gives, each of score 1; crowds are left out.

    :param class_ids: the id of each of the data's classes.
    """
    kept = np.flatnonzero(~sample.crowd & sample.masks.any(axis=(1, 2)))
    masks = sample.masks[kept]
    boxes = boxes_of(masks)
    crops = tuple(mask[int(y0):int(y1), int(x0):int(x1)].astype(bool)
                  for mask, (x0, y0, x1, y1) in zip(masks, boxes, strict=True))
    return Instances((sample.rgb.shape[1], sample.rgb.shape[0]), boxes, np.ones(len(kept), np.float32),
                     np.array(class_ids, np.uint8)[sample.classes[kept]], boxes[:, :2].astype(np.int32), crops,
                     np.zeros(len(kept), np.int64))


class Worst:
    """The pictures with the lowest scores, kept while images go by and written as one sheet."""

    def __init__(self, most: int = 12) -> None:
        self._most, self._order = most, count()
        self._kept: list[tuple[float, int, str, Picture]] = []

    def add(self, score: float, name: str, picture: Callable[[], Picture]) -> None:
        """Keep a picture if it is among the worst; it is drawn only then. One without a score is none of them."""
        full = len(self._kept) == self._most
        if math.isnan(score) or (full and -score <= self._kept[0][0]):
            return
        (heapq.heapreplace if full else heapq.heappush)(
            self._kept, (-score, -next(self._order), name, picture()))

    def write(self, path: Path, words: str) -> None:
        """Write the sheet, worst first, each picture below its name and score; nothing when none was added."""
        rows = [_captioned(picture, f'{name}   {words} {-negative:.2f}')
                for negative, _, name, picture in sorted(self._kept, reverse=True)]
        if rows:
            width = max(row.shape[1] for row in rows)
            write_picture(path, np.concatenate([_padded(row, width) for row in rows]))


def write_picture(path: Path, rgb: Picture) -> None:
    """
    Write an (H, W, 3) uint8 rgb picture as an image file, in a folder that is made if need be.

    :raises DataError: when it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_pixels(path, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))


def _at_most(picture: Picture, width: int) -> Picture:
    if picture.shape[1] <= width:
        return picture
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _captioned(picture: Picture, text: str) -> Picture:
    bar = np.full((CAPTION_HEIGHT, picture.shape[1], 3), 255, np.uint8)
    cv2.putText(bar, text, (6, CAPTION_HEIGHT - 7), FONT, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([bar, picture])


def _padded(picture: Picture, width: int) -> Picture:
    return np.pad(picture, ((0, 0), (0, width - picture.shape[1]), (0, 0)), constant_values=255)
