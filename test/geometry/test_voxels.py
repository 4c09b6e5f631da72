# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Of the points in a cube one is kept, and no cube loses its last."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.geometry.pinhole import rays_of
from seg_ros.geometry.voxels import voxels_of
from seg_ros.records import Intrinsics

CAMERA = Intrinsics(160, 120, 100.0, 100.0, 79.5, 59.5)


@pytest.mark.parametrize(('side_m', 'farthest_m'), [
    (0.05, 5.0),
    (0.05, 60.0),  # too many cells for the short numbers
    (0.01, 5.0),
    (0.004, 3.0),  # nearly every point has its own cube: the table is crowded
    (2.0, 5.0),
])
def test_one_pixel_of_each_cube_is_kept(side_m: float, farthest_m: float) -> None:
    rng = np.random.default_rng(1)
    z = rng.uniform(0.2, farthest_m, (120, 160)).astype(np.float32)
    z[rng.random(z.shape) < 0.1] = np.nan
    pixels = (np.isfinite(z) & (rng.random(z.shape) < 0.7)).astype(np.uint8)
    rays = rays_of(CAMERA)
    kept = voxels_of(rays, z, side_m).thinned(pixels)
    points = np.stack([rays.x * z, rays.y * z, z], -1, dtype=np.float64).reshape(-1, 3)
    cubes = [set(map(tuple, np.floor(points[where] / side_m).astype(int)))
             for where in (kept, np.flatnonzero(pixels))]
    assert pixels.reshape(-1)[kept].all()
    assert (np.diff(kept) > 0).all()
    # a point within rounding of a cube's side may count to either
    assert len(cubes[1] - cubes[0]) <= 0.001 * len(cubes[1])
    assert len(kept) - len(cubes[0]) <= 0.001 * len(cubes[1])


def test_many_pixels_of_one_cube_become_one() -> None:
    z = np.full((120, 160), 1.02, np.float32)
    window = np.zeros((120, 160), np.uint8)
    window[60:64, 80:84] = 1  # 4 cm wide from 0 to the right and down
    assert len(voxels_of(rays_of(CAMERA), z, 0.05).thinned(window)) == 1


def test_cubes_left_and_right_of_the_axis_differ() -> None:
    z = np.full((120, 160), 1.02, np.float32)
    window = np.zeros((120, 160), np.uint8)
    window[60:62, 78:82] = 1
    assert len(voxels_of(rays_of(CAMERA), z, 0.05).thinned(window)) == 2


def test_without_depth_nothing_is_kept() -> None:
    z = np.full((120, 160), np.nan, np.float32)
    assert len(voxels_of(rays_of(CAMERA), z, 0.05).thinned(np.zeros((120, 160), np.uint8))) == 0
