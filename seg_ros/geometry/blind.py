# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Obstacles that the labels show and depth does not: glass, black cloth, what is too near or too far."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.surface import Surface
from seg_ros.records import UNLABELLED, Intrinsics

Image = NDArray[np.uint8]

MIN_RUN_PX = 3  # an obstacle less high in the image is taken for a speck


@dataclass(frozen=True, eq=False)
class Blind:
    """
    The columns of an image in which an obstacle without depth is the lowest; K of them.

    One that goes on in the image below as an obstacle with depth is not among them: that says where it is.

    :param camera: of the image.
    :param columns: (K,) their numbers.
    :param edges: (K,) float64, the row of its lower edge, halfway between two pixels.
    :param on_floor: (K,) whether it ends at the floor or with the image; else where it stands is not known.
    :param is_behind: (K,) whether an obstacle with depth lies lower in the column.
    """

    camera: Intrinsics
    columns: NDArray[np.intp]
    edges: NDArray[np.float64]
    on_floor: NDArray[np.bool_]
    is_behind: NDArray[np.bool_]

    def cleared(self, pixels: Image) -> Image:
        """Return the (H, W) image without what lies behind the obstacles: higher in their columns."""
        limits = np.full(pixels.shape[1], -1.0, np.float32)
        limits[self.columns] = self.edges
        return np.where(np.arange(pixels.shape[0], dtype=np.float32)[:, None] < limits, np.uint8(0), pixels)


def blind_obstacles(camera: Intrinsics, surface: Surface, labels: Image, measured: Image, *,
                    is_obstacle: NDArray[np.bool_], is_ground: NDArray[np.bool_]) -> Blind:
    """
    Return the obstacles of the labels that have no depth.

    :param camera: of the labels' size.
    :param measured: (H, W), not 0 where depth shows an obstacle (``obstacle_pixels``).
    :param is_obstacle: (256,) per label byte; likewise ``is_ground``.
    """
    obstacle = cv2.LUT(labels, is_obstacle.astype(np.uint8))
    unseen = cv2.bitwise_and(obstacle, np.isnan(surface.z).view(np.uint8))
    unseen = cv2.morphologyEx(unseen, cv2.MORPH_OPEN, np.ones((MIN_RUN_PX, 1), np.uint8))
    columns = np.flatnonzero(unseen.any(axis=0))
    height, some = labels.shape[0], np.arange(len(columns))
    below, has_depth = labels[:, columns], measured[:, columns] != 0
    ends = has_depth | ((below != UNLABELLED) & (obstacle[:, columns] == 0))
    # the row at which each pixel's obstacle ends: the next that is something else, or an obstacle with depth
    rows = np.where(ends, np.arange(height, dtype=np.int32)[:, None], np.int32(height))
    rows = np.minimum.accumulate(rows[::-1], axis=0)[::-1]
    goes_on = np.concatenate([has_depth, np.zeros((1, len(columns)), np.bool_)])[rows, some]
    standing = (unseen[:, columns] != 0) & ~goes_on
    kept = standing.any(axis=0)
    lowest = height - 1 - standing[::-1].argmax(axis=0)
    ends_at = rows[lowest, some] if len(columns) else np.zeros(0, np.int32)
    under = np.concatenate([is_ground[below], np.ones((1, len(columns)), np.bool_)])[ends_at, some]
    depth_from = np.where(has_depth.any(axis=0), height - 1 - has_depth[::-1].argmax(axis=0), -1)
    return Blind(camera, columns[kept], ends_at[kept] - 0.5, under[kept], (depth_from > lowest)[kept])
