# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the places that one image shows appear in another, by the poses of the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.pinhole import Rays, pixels_of_rays
from seg_ros.geometry.surface import Surface
from seg_ros.records import Intrinsics

SAME_M, SAME_PER_M = 0.03, 0.03  # depths that differ by less are of one place

Floats = NDArray[np.float64]


def seen_again(surface: Surface, other: Surface, other_from_this: Floats, camera: Intrinsics) -> NDArray[np.intp]:
    """
    Return (H, W), the flat index of the pixel of another image that shows the same place; -1 where none does.

    :param other_from_this: (4, 4), takes points of this optical frame into that of the other image.
    :param camera: of the other image.
    """
    points = np.stack([surface.rays.x * surface.z, surface.rays.y * surface.z, surface.z]).reshape(3, -1)
    x, y, z = other_from_this[:3, :3] @ points + other_from_this[:3, 3:]
    with np.errstate(divide='ignore', invalid='ignore'):
        z = np.where(z > 0, z, np.nan)
        columns, rows = pixels_of_rays(Rays((x / z).astype(np.float32), (y / z).astype(np.float32)), camera)
        inside = (columns >= 0) & (columns < other.size[0]) & (rows >= 0) & (rows < other.size[1])
        pixels = np.where(inside, rows * other.size[0] + columns, 0)
        is_same = inside & (np.abs(other.z.reshape(-1)[pixels] - z) < SAME_M + SAME_PER_M * z)
    return np.where(is_same, pixels, -1).reshape(surface.z.shape)
