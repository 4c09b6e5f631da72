# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The flat pieces of a surface, and which way is up among them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.ground import NOISE_FLOOR_M, NOISE_PER_M2
from seg_ros.geometry.surface import Surface

Floats = NDArray[np.float64]

ACROSS = 160  # facets along the width of an image
WINDOW = 4  # cells along a side of the window that a facet is fitted through
LEAST_MEASURED = 0.6  # of the pixels of a window
FLAT_SIGMAS = 3.0  # of noise that the depth of a flat piece may leave
UPRIGHT = np.array([0.0, -1.0, 0.0])  # what is up for a camera that is held level
NEAR_UP_RAD = math.radians(45.0), math.radians(15.0)  # what counts as level or upright while up is sought
LEAST_FACETS = 30


@dataclass(frozen=True, eq=False)
class Facets:
    """
    The planes through small windows of depth, on a coarse grid of (h, w) cells.

    :param normals: (h, w, 3) float64 in the optical frame, towards the camera; NaN where depth is not flat, or missing.
    :param points: (h, w, 3) float64 metres, in the middle of each.
    :param step: pixels between two cells; the first lies ``step // 2`` within the image.
    """

    normals: Floats
    points: Floats
    step: int

    @cached_property
    def is_flat(self) -> NDArray[np.bool_]:
        """(h, w), where there is a plane."""
        return np.isfinite(self.normals[..., 0])

    def along(self, direction: Floats, within_rad: float) -> NDArray[np.bool_]:
        """Return (h, w), where a plane faces so nearly in a direction."""
        return np.nan_to_num(self.normals @ direction, nan=-1.0) > math.cos(within_rad)

    def across(self, direction: Floats, within_rad: float) -> NDArray[np.bool_]:
        """Return (h, w), where a plane faces so nearly at a right angle to a direction."""
        return np.abs(np.nan_to_num(self.normals @ direction, nan=1.0)) < math.sin(within_rad)

    def pixels(self, cells: NDArray[np.bool_] | NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return an image of a (width, height) in which each pixel has the value of its cell."""
        large = np.repeat(np.repeat(cells.view(np.uint8), self.step, axis=0), self.step, axis=1)
        missing = max(0, size[1] - large.shape[0]), max(0, size[0] - large.shape[1])
        return np.pad(large, ((0, missing[0]), (0, missing[1])), 'edge')[:size[1], :size[0]]


def facets_of(surface: Surface) -> Facets:
    """
    Return the flat pieces of a surface.

    A plane is linear in inverse depth, so each is a least squares fit of 1/z over a window, by its moments.
    """
    step = max(1, round(surface.size[0] / ACROSS))
    usable = surface.usable != 0
    inverse = np.where(usable, 1.0 / np.where(usable, surface.z, 1.0), 0.0)
    x, y = (np.where(usable, axis, 0.0) for axis in (surface.rays.x, surface.rays.y))
    side, cells = WINDOW * step + 1 - step % 2, np.s_[step // 2::step, step // 2::step]

    def mean(image: Floats) -> Floats:
        return np.asarray(cv2.boxFilter(image, -1, (side, side), borderType=cv2.BORDER_CONSTANT)[cells])

    share = mean(usable.astype(np.float64))
    with np.errstate(divide='ignore', invalid='ignore'):
        gradients, points, rest = _fitted(x, y, inverse, lambda image: mean(image) / share)
        normals = -gradients / np.linalg.norm(gradients, axis=-1, keepdims=True)
        noise = NOISE_FLOOR_M / points[..., 2] ** 2 + NOISE_PER_M2
    normals[(share <= LEAST_MEASURED) | ~(rest < FLAT_SIGMAS * noise)] = np.nan
    return Facets(normals, points, step)


def _fitted(x: Floats, y: Floats, inverse: Floats, mean: Callable[[Floats], Floats]) -> tuple[Floats, Floats, Floats]:
    """Return (h, w, 3) planes in inverse depth, (h, w, 3) points on them, and (h, w) what they leave of it."""
    xm, ym, qm = (mean(v) for v in (x, y, inverse))
    sxx, sxy, syy, sxq, syq, sqq = (mean(a * b) - am * bm for a, b, am, bm in (
        (x, x, xm, xm), (x, y, xm, ym), (y, y, ym, ym), (x, inverse, xm, qm), (y, inverse, ym, qm),
        (inverse, inverse, qm, qm)))
    det = sxx * syy - sxy * sxy
    gx, gy = (sxq * syy - syq * sxy) / det, (syq * sxx - sxq * sxy) / det
    gradients = np.stack([gx, gy, qm - gx * xm - gy * ym], -1)
    points = np.stack([xm, ym, np.ones_like(xm)], -1) / qm[..., None]
    return gradients, points, np.sqrt(np.maximum(0.0, sqq - gx * sxq - gy * syq))


def up_of(facets: Facets, guess: Floats = UPRIGHT) -> Floats | None:
    """
    Return the (3,) direction that is up: to it most planes are level or upright (Gupta, Arbelaez and Malik 2013).

    :param guess: what it is to within 45 degrees. :return: None where too little is flat.
    """
    normals = facets.normals[facets.is_flat]
    up = guess
    for within in (NEAR_UP_RAD[0],) * 4 + (NEAR_UP_RAD[1],) * 4:
        cosines = normals @ up
        level, upright = np.abs(cosines) > math.cos(within), np.abs(cosines) < math.sin(within)
        if np.count_nonzero(level) + np.count_nonzero(upright) < LEAST_FACETS:
            return None
        spread = normals[upright].T @ normals[upright] - normals[level].T @ normals[level]
        found = np.linalg.eigh(spread)[1][:, 0]
        up = found if found @ guess > 0 else -found
    return np.asarray(up, np.float64)
