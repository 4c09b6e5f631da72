# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rays meet the pixels OpenCV says they meet, at any size and through a distorted lens."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.errors import ImageError
from seg_ros.geometry.pinhole import (
    KEPT_RANGES,
    Optics,
    camera_of_points,
    depth_camera,
    rays_at,
    rays_of,
    sampling_of,
)
from seg_ros.records import Intrinsics

CAMERA = Intrinsics(640, 480, 520.0, 521.0, 318.5, 242.5)
LENS = (-0.28, 0.07, 0.001, -0.0005, 0.0)  # a wide-angle webcam


def test_a_ray_is_the_pixel_over_the_focal_length() -> None:
    rays = rays_of(CAMERA)
    assert rays.x.shape == rays.y.shape == (480, 640)
    assert rays.x.dtype == rays.y.dtype == np.float32
    assert rays.x[7, 600] == pytest.approx((600 - 318.5) / 520)
    assert rays.y[7, 600] == pytest.approx((7 - 242.5) / 521)


def test_a_camera_keeps_what_it_computed_until_it_changes() -> None:
    optics, other = Optics(), Optics()
    sampling = optics.sampling(CAMERA, CAMERA)
    assert optics.sampling(Intrinsics(640, 480, 520.0, 521.0, 318.5, 242.5), CAMERA) is sampling
    assert other.sampling(CAMERA, CAMERA) is not sampling
    small = CAMERA.scaled_to(320, 240)
    assert optics.sampling(small, CAMERA).rays.x.shape == (240, 320)
    assert optics.sampling(CAMERA, CAMERA) is not sampling  # of one camera one is kept


def test_a_range_in_depth_is_shorter_at_the_edges() -> None:
    rays = rays_of(CAMERA)
    depths = rays.depths_at(2.0)
    assert depths[242, 318] == pytest.approx(2.0, abs=1e-4)
    assert depths[0, 0] * np.sqrt(1 + rays.x[0, 0] ** 2 + rays.y[0, 0] ** 2) == pytest.approx(2.0, abs=1e-5)
    assert rays.depths_at(2.0) is depths
    for k in range(KEPT_RANGES):
        rays.depths_at(3.0 + k)
    assert rays.depths_at(2.0) is not depths  # few are kept


def test_depth_of_the_same_shape_has_the_scaled_camera() -> None:
    assert depth_camera(CAMERA, (640, 480)) is CAMERA
    assert depth_camera(CAMERA, (320, 240)) == CAMERA.scaled_to(320, 240)


def test_depth_of_another_shape_is_refused() -> None:
    with pytest.raises(ImageError, match='depth has 424x240, the image 640x480'):
        depth_camera(CAMERA, (424, 240))


@pytest.mark.parametrize(('output', 'row', 'column', 'taken'), [
    (CAMERA.scaled_to(320, 240), 10, 20, (21, 41)),  # the middle of four pixels: always the same one
    (CAMERA.scaled_to(1280, 960), 11, 21, (5, 10)),
    (Intrinsics(640, 480, 520.0, 521.0, 298.5, 242.5), 10, 20, (10, 40)),  # shifted by 20 columns
])
def test_an_output_pixel_takes_the_nearest_depth_pixel_and_its_ray(output: Intrinsics, row: int, column: int,
                                                                   taken: tuple[int, int]) -> None:
    sampling = sampling_of(output, CAMERA)
    assert sampling.pixels is not None
    assert sampling.pixels[row, column].tolist() == [taken[1], taken[0]]
    assert sampling.rays.x[row, column] == rays_of(CAMERA).x[taken]
    assert sampling.rays.y[row, column] == rays_of(CAMERA).y[taken]


def test_outside_the_depth_image_there_is_nothing() -> None:
    narrow = Intrinsics(640, 480, 1040.0, 1042.0, 318.5, 242.5)
    sampling = sampling_of(CAMERA, narrow)
    assert sampling.pixels is not None
    assert sampling.pixels[0, 0].tolist() == [-1, -1]
    assert np.isnan(sampling.rays.x[0, 0])
    assert sampling.pixels[242, 318].min() >= 0


def test_rays_between_pixels() -> None:
    x, y = rays_at(CAMERA, np.array([318.5]), np.array([479.5]))
    assert (x[0], y[0]) == (0.0, pytest.approx((479.5 - 242.5) / 521))


def test_a_camera_is_told_by_its_organised_points() -> None:
    camera = Intrinsics(64, 48, 50.0, 52.0, 30.5, 22.0)
    rays = rays_of(camera)
    z = np.where(np.arange(48 * 64).reshape(48, 64) % 7 == 0, np.nan, 2.0).astype(np.float32)
    xyz = np.stack([rays.x * z, rays.y * z, z], -1)
    found = camera_of_points(xyz)
    assert (found.width, found.height) == (64, 48)
    assert (found.fx, found.fy, found.cx, found.cy) == pytest.approx((50.0, 52.0, 30.5, 22.0), abs=1e-3)
    with pytest.raises(ImageError, match='too few'):
        camera_of_points(np.full_like(xyz, np.nan))
    bent = rays_of(Intrinsics(64, 48, 50.0, 52.0, 30.5, 22.0, (-0.3, 0.1, 0.0, 0.0)))
    with pytest.raises(ImageError, match='beside those of a pinhole camera'):
        camera_of_points(np.stack([bent.x, bent.y, np.ones_like(bent.x)], -1))
