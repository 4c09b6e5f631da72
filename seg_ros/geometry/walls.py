# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Walls found in depth alone: upright planes that are wide, tall, and have nothing behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.facets import Facets
from seg_ros.geometry.ground import level_from_optical
from seg_ros.space import Plane

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UPRIGHT_RAD = math.radians(12.0)  # facets so near to upright may be wall
FACING_RAD = math.radians(15.0)  # between a wall and a facet of it
BEARING_BIN_RAD, OFFSET_BIN_M = math.radians(5.0), 0.1
SKIN_M, SKIN_PER_M2 = 0.03, 0.012  # so far from a plane is on it; grows with the square of depth
LEAST_SHARE = 0.02  # of the cells of an image that a wall fills
LEAST_WIDTH_M, LEAST_TOP_M, LEAST_RISE_M = 1.0, 1.5, 0.8
BEHIND_M = 0.25  # what is measured so far behind a plane shows that it is no wall
MOST_BEHIND = 0.1  # of what is measured on the plane and behind it
MOST_WALLS = 8
LEAST_HEIGHT_M = 0.1  # lower down, the floor begins


def walls_of(facets: Facets, floor: Plane) -> NDArray[np.uint8]:
    """Return (h, w) uint8, the number of the wall that a cell of the facets lies on, from 1; 0 for none."""
    plan = _plan_of(facets, floor)
    found, left = np.zeros(plan.heights.shape, np.uint8), facets.across(np.array(floor.normal), UPRIGHT_RAD)
    may = (left | ~facets.is_flat) & (plan.heights > LEAST_HEIGHT_M)
    for number in range(1, 1 + MOST_WALLS):
        if np.count_nonzero(left) < LEAST_SHARE * left.size:
            break
        normal, offset = _strongest(plan.normals[left], plan.places[left])
        gap = plan.places @ normal - offset
        facing = np.nan_to_num(plan.normals @ normal, nan=1.0) > math.cos(FACING_RAD)
        on_it = _opened(may & (np.abs(gap) < plan.skin) & facing)
        if np.count_nonzero(on_it) >= LEAST_SHARE * left.size and _is_wall(plan, on_it, gap, normal):
            found[on_it] = number
            may &= ~on_it
        left &= ~(on_it | (np.abs(gap) < OFFSET_BIN_M) & facing)
    return found


@dataclass(frozen=True, eq=False)
class _Plan:
    """
    Facets as they are drawn on a plan of the floor, seen from above.

    :param places: (h, w, 2) metres to the right and ahead of the camera. :param normals: (h, w, 2) of length 1.
    :param heights: (h, w) metres above the floor. :param skin: (h, w) metres, how far from a wall is on it.
    """

    places: Floats
    normals: Floats
    heights: Floats
    skin: Floats


def _plan_of(facets: Facets, floor: Plane) -> _Plan:
    ahead, left, up = level_from_optical(floor).astype(np.float64)
    axes = np.stack([-left, ahead], -1)
    normals = facets.normals @ axes
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return _Plan(facets.points @ axes, normals, facets.points @ up + floor.camera_height_m,
                 SKIN_M + SKIN_PER_M2 * facets.points[..., 2] ** 2)


def _strongest(normals: Floats, places: Floats) -> tuple[Floats, float]:
    """Return the (2,) normal and the offset of the upright plane that most cells lie on."""
    bearing = np.arctan2(normals[:, 1], normals[:, 0])
    offset = np.einsum('ij,ij->i', normals, places)
    bins = np.stack([np.round(bearing / BEARING_BIN_RAD), np.round(offset / OFFSET_BIN_M)], -1)
    _, of_bin, counts = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
    best = of_bin.reshape(-1) == counts.argmax()
    for _ in range(3):
        mean = normals[best].mean(axis=0)
        normal = mean / np.linalg.norm(mean)
        at = float(np.median(places[best] @ normal))
        best = (normals @ normal > math.cos(FACING_RAD)) & (np.abs(places @ normal - at) < OFFSET_BIN_M)
    return normal, at


def _is_wall(plan: _Plan, on_it: Bools, gap: Floats, normal: Floats) -> bool:
    """Whether a plane is wide and tall and has nothing behind it."""
    along, away = plan.places @ np.array([-normal[1], normal[0]]), plan.places @ normal
    left, right = np.percentile(along[on_it], [5, 95])
    low, high = np.percentile(plan.heights[on_it], [2, 98])
    if right - left < LEAST_WIDTH_M or high < LEAST_TOP_M or high - low < LEAST_RISE_M:
        return False
    with np.errstate(divide='ignore', invalid='ignore'):
        met = along * float(np.median(away[on_it])) / away  # where the ray of a point meets the plane
        behind = (gap < -BEHIND_M - 2 * plan.skin) & (met > left) & (met < right) & (plan.heights > LEAST_HEIGHT_M)
    return np.count_nonzero(behind) < MOST_BEHIND * (np.count_nonzero(behind) + np.count_nonzero(on_it))


def _opened(cells: Bools) -> Bools:
    """Return the cells without what is narrow."""
    return np.asarray(cv2.morphologyEx(cells.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) != 0)
