# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth becomes metres at output size; mixtures of foreground and background are found, real things are not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.raycast import CAMERA, Scene, Solid, seen

from seg_ros.errors import ImageError
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.pinhole import rays_of
from seg_ros.geometry.surface import Surface, surface_of
from seg_ros.records import Frame, Intrinsics

SCENE = Scene((Solid(2.0, 0.3, (0.4, 0.3, 0.5), 0.4), Solid(1.9, -0.4, (0.3, 0.3, 0.4), is_round=True)), 1.0,
              math.radians(20), math.radians(3))


def frame(depth: NDArray[np.uint16] | NDArray[np.float32] | None, intrinsics: Intrinsics | None = CAMERA) -> Frame:
    return Frame('', 0, 'camera', np.zeros((480, 640, 3), np.uint8), depth, intrinsics)


def line(*depths: float) -> Surface:
    """Return a surface of five equal rows, with these depths along each."""
    z = np.repeat(np.array([depths], np.float32), 5, axis=0)
    return Surface(z, rays_of(Intrinsics(len(depths), 5, 500.0, 500.0, 3.0, 2.0)))


@pytest.mark.parametrize(('depth', 'metres'), [
    (np.full((480, 640), 1234, np.uint16), 1.234),
    (np.full((480, 640), 65535, np.uint16), 65.535),
    (np.full((480, 640), 1.234, np.float32), 1.234),
    (np.full((480, 640), 0, np.uint16), math.nan),
    (np.full((480, 640), 50, np.uint16), math.nan),  # no camera measures 5 cm
    (np.full((480, 640), math.nan, np.float32), math.nan),
    (np.full((480, 640), math.inf, np.float32), math.nan),
    (np.full((480, 640), -1, np.float32), math.nan),
])
def test_depth_is_metres_by_its_dtype(depth: NDArray[np.uint16] | NDArray[np.float32], metres: float) -> None:
    before = depth.copy()
    surface = surface_of(frame(depth))
    assert surface.z.dtype == np.float32
    assert np.allclose(surface.z, metres, rtol=1e-6, equal_nan=True)
    assert surface.usable.all() == (not math.isnan(metres))
    assert np.array_equal(depth, before, equal_nan=True)


@pytest.mark.parametrize(('nearest_m', 'depth_m', 'is_measured'), [
    (0.13, 0.12, False), (0.05, 0.12, True), (0.05, 0.051, True), (0.05, 0.049, False), (0.0, 0.01, True),
    (0.0, 0.0, False), (0.0, -0.1, False)])
def test_near_depth_counts_where_it_is_asked_for(nearest_m: float, depth_m: float, is_measured: bool) -> None:
    depths: list[NDArray[np.uint16] | NDArray[np.float32]] = [np.full((480, 640), depth_m, np.float32)]
    if depth_m >= 0:
        depths.append(np.full((480, 640), round(depth_m * 1000), np.uint16))
    for depth in depths:
        surface = surface_of(frame(depth), nearest_m=nearest_m)
        assert np.isfinite(surface.z).all() == surface.usable.all() == is_measured, depth.dtype


@pytest.mark.parametrize('size', [(640, 480), (320, 240), (424, 240), (1280, 960)])
def test_every_point_is_a_point_of_the_scene(size: tuple[int, int]) -> None:
    """At any output size the points are measured ones: none lies between two surfaces."""
    view = seen(SCENE)
    surface = surface_of(view.frame(), size)
    assert surface.size == size
    points = surface.points_at(np.flatnonzero(surface.usable)).T.astype(np.float64)
    world = SCENE.world(points)
    off_floor = np.abs(world[:, 2])
    off_solids = [_off_surface(solid, world) for solid in SCENE.solids]
    assert np.min([off_floor, *off_solids], axis=0).max() < 0.001
    assert len(points) > 0.75 * size[0] * size[1]


def _off_surface(solid: Solid, world: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far points lie from a solid's surface."""
    x, y, z = (world - solid.centre).T
    cos, sin = math.cos(solid.yaw_rad), math.sin(solid.yaw_rad)
    ahead, left = np.abs(cos * x + sin * y), np.abs(cos * y - sin * x)
    sides = np.stack([np.hypot(x, y) - solid.size[0] / 2, np.abs(z) - solid.size[2] / 2]) if solid.is_round else \
        np.stack([ahead - solid.size[0] / 2, left - solid.size[1] / 2, np.abs(z) - solid.size[2] / 2])
    return np.where((sides <= 0).all(axis=0), -sides.max(axis=0), np.linalg.norm(np.maximum(sides, 0), axis=0))


def test_depth_of_another_size_is_read_through_the_scaled_intrinsics() -> None:
    depth_camera = CAMERA.scaled_to(424, 318)
    surface = surface_of(frame(seen(replace(SCENE, camera=depth_camera)).depth_mm))
    exact = seen(SCENE)
    points = surface.points_at(np.arange(480 * 640)).T.reshape(480, 640, 3)
    inside = np.isfinite(surface.z) & (exact.ids == 0) & np.isfinite(exact.depth_m)
    heights = SCENE.world(points[inside].astype(np.float64))[:, 2]
    assert np.median(np.abs(heights)) < 0.001
    sideways = points[inside][:, :2] / points[inside][:, 2:] - exact.points[inside][:, :2] / exact.points[inside][:, 2:]
    assert np.abs(sideways).max() <= 0.5 / depth_camera.fx + 1e-5  # half a pixel of depth off the ray at most


@pytest.mark.parametrize(('broken', 'reason'), [
    (frame(None), 'no depth'),
    (frame(np.ones((480, 640), np.uint16), None), 'no camera_info'),
    (frame(np.ones((480, 640), np.uint16), CAMERA.scaled_to(1280, 960)), 'camera_info is for 1280x960'),
    (frame(np.ones((240, 424), np.uint16)), 'depth has 424x240'),
])
def test_frames_that_cannot_be_measured_are_refused_with_the_reason(broken: Frame, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        surface_of(broken)


@pytest.mark.parametrize(('depths', 'mixed'), [
    ((1, 1, 1, 1.7, 2.5, 2.5, 2.5), [3]),
    ((2.5, 2.5, 2.5, 1.7, 1, 1, 1), [3]),
    ((1, 1, 1, 1.25, 1.67, 2.5, 2.5, 2.5), [3, 4]),  # two pixels wide
    ((1, 1, 1, 2.5, 2.5, 2.5), []),  # a clean edge
    ((2.5, 2.5, 2.5, 1, 2.5, 2.5, 2.5), []),  # a chair's leg, one pixel wide
    ((2.5, 2.5, 1, 1.01, 2.5, 2.5), []),
    ((1.0, 1 / .92, 1 / .84, 1 / .76, 1 / .68, 1 / .60), []),  # a steep plane: 1/z falls evenly
    ((2.0, 2.01, 1.99, 2.0, 2.02, 2.0), []),  # noise
    ((0.02, 0.02, 0.02, 0.5, 1, 1, 1), [3]),  # however near
    ((0.01, 0.03, 0.01, 0.02, 0.03, 0.02, 0.05), []),  # nearer than 0.13 m all depth is alike
])
def test_mixed_pixels_are_found_and_nothing_else(depths: tuple[float, ...], mixed: list[int]) -> None:
    across = line(*depths)
    assert np.flatnonzero(across.usable[2] == 0).tolist() == mixed
    upright = Surface(np.ascontiguousarray(across.z.T), across.rays)
    assert np.flatnonzero(upright.usable[:, 2] == 0).tolist() == mixed


def test_a_grazing_floor_has_no_mixed_pixels() -> None:
    view = seen(Scene((), camera_height_m=0.2, reach_m=8.0))
    surface = surface_of(view.frame())
    farthest = np.isfinite(surface.z).argmax(axis=0)  # beside it there is no depth, and its row may go
    assert (surface.usable != 0)[farthest.max() + 1:].all()


def test_heights_are_above_the_floor() -> None:
    view = seen(SCENE)
    heights = surface_of(view.frame()).heights(plane_of_camera(1.0, SCENE.pitch_rad, SCENE.roll_rad))
    exact = SCENE.world(view.points)[..., 2]
    assert heights.dtype == np.float32
    assert np.nanmax(np.abs(heights - exact)) < 0.001
    assert np.isnan(heights[np.isnan(view.depth_m)]).all()


@pytest.mark.parametrize('shape', [(1, 1), (3, 640), (480, 2)])
def test_images_too_small_for_neighbours_are_kept(shape: tuple[int, int]) -> None:
    camera = Intrinsics(shape[1], shape[0], 500.0, 500.0, 0.0, 0.0)
    assert Surface(np.ones(shape, np.float32), rays_of(camera)).usable.all()


@pytest.mark.parametrize('size', [(640, 480), (320, 240)])
def test_depth_of_a_pixel_without_a_ray_is_no_measurement(size: tuple[int, int]) -> None:
    fisheye = Intrinsics(640, 480, 200.0, 200.0, 319.5, 239.5, (0.01, 0.0, 0.0, 0.0), is_fisheye=True)
    camera = replace(frame(np.full((480, 640), 1.5, np.float32)), intrinsics=fisheye)
    surface = surface_of(camera, size)
    assert np.isnan(surface.rays.x[0, 0])
    assert np.array_equal(np.isnan(surface.z), np.isnan(surface.rays.x))
    assert np.isfinite(surface.z[size[1] // 2, size[0] // 2])


def test_a_thinned_surface_knows_what_was_a_mixture_before() -> None:
    whole = line(1.0, 1.0, 1.0, 1.0, 1.5, 2.0, 2.0, 2.0, 2.0)
    thin = whole.thinned(2)
    assert thin.z.tolist() == [[1.0, 1.0, 1.5, 2.0, 2.0]] * 3
    assert thin.usable.tolist() == [[1, 1, 0, 1, 1]] * 3
    assert (thin.rays.x == whole.rays.x[::2, ::2]).all() and (thin.rays.y == whole.rays.y[::2, ::2]).all()
    assert whole.rays.thinned(2) is thin.rays
    assert whole.thinned(1) is whole
