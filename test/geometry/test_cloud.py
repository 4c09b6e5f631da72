# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Clouds hold the points they should and no others, on scenes whose every point is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.raycast import (
    CAMERA,
    FLOOR,
    IS_GROUND,
    IS_OBSTACLE,
    WALL,
    Scene,
    Solid,
    View,
    instances_of,
    seen,
)

from seg_ros.errors import ImageError
from seg_ros.geometry.cloud import (
    Band,
    chosen_cloud,
    ground_pixels,
    obstacle_pixels,
    organised_cloud,
    rising_pixels,
    scene_cloud,
    target_cloud,
    target_pixels,
)
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.surface import Surface, surface_of
from seg_ros.records import UNLABELLED
from seg_ros.space import XYZ, XYZ_LABELLED

BOX = Solid(2.0, 0.4, (0.4, 0.3, 0.5), 0.4)
ROUND = Solid(1.9, -0.4, (0.3, 0.3, 0.4), is_round=True)
BACK_WALL = Solid(4.0, 0.0, (0.2, 8.0, 2.5), label=WALL)
SCENE = Scene((BOX, ROUND, BACK_WALL), 1.0, math.radians(15), math.radians(2))
PLANE = plane_of_camera(1.0, SCENE.pitch_rad, SCENE.roll_rad)


@pytest.fixture(scope='module')
def view() -> View:
    return seen(SCENE)


@pytest.fixture(scope='module')
def surface(view: View) -> Surface:
    return surface_of(view.frame())


def pixels_of(surface: Surface, xyz: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns that points of the scene project to."""
    columns = np.rint(xyz[:, 0] / xyz[:, 2] * CAMERA.fx + CAMERA.cx).astype(np.int64)
    rows = np.rint(xyz[:, 1] / xyz[:, 2] * CAMERA.fy + CAMERA.cy).astype(np.int64)
    return rows, columns


def test_the_organised_cloud_is_the_scene_pixel_by_pixel(view: View, surface: Surface) -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[..., 0], rgb[..., 1], rgb[..., 2] = 250, np.arange(480)[:, None] % 256, np.arange(640) % 256
    cloud = organised_cloud(surface, rgb, view.labels, view.ids)
    assert cloud.is_organised
    assert cloud.points.shape == (480, 640)
    assert cloud.points.dtype == XYZ_LABELLED
    off = np.linalg.norm(cloud.xyz - view.points, axis=-1)
    assert np.nanmax(off) < 0.001
    assert np.array_equal(np.isnan(cloud.points['z']), np.isnan(view.depth_m))
    assert np.array_equal(np.isnan(cloud.points['x']), np.isnan(view.depth_m))
    assert np.array_equal(cloud.points['label'], view.labels)
    assert np.array_equal(cloud.points['instance'], view.ids)
    assert int(cloud.points['rgb'][100, 300]) == 250 << 16 | 100 << 8 | 300 - 256
    assert len(cloud.points.tobytes()) == 640 * 480 * 20


def test_colours_read_as_floats_are_never_nan(surface: Surface) -> None:
    white = organised_cloud(surface, np.full((480, 640, 3), 255, np.uint8))
    assert np.isfinite(white.points['rgb'].view(np.float32)).all()


def test_without_labels_points_are_unlabelled_and_nobodys(surface: Surface) -> None:
    cloud = organised_cloud(surface, np.zeros((240, 320, 3), np.uint8))  # a smaller picture is resized
    assert (cloud.points['label'] == UNLABELLED).all()
    assert (cloud.points['instance'] == 0).all()


def test_obstacles_are_what_stands_in_the_band(view: View, surface: Surface) -> None:
    band = Band(max_range_m=3.0, min_height_m=0.05, max_height_m=0.3)
    pixels = obstacle_pixels(surface, view.labels, IS_OBSTACLE, surface.heights(PLANE), band)
    world, distance = SCENE.world(view.points), np.linalg.norm(view.points, axis=-1)
    expected = (view.ids > 0) & (world[..., 2] >= 0.05) & (world[..., 2] <= 0.3) & (distance <= 3.0)
    assert set(np.unique(pixels)) == {0, 1}
    assert np.count_nonzero(expected) > 5000
    # within a millimetre of a limit either is right
    assert np.count_nonzero((pixels != 0) != expected) < 0.01 * np.count_nonzero(expected)
    assert set(np.unique(view.ids[pixels != 0])) == {1, 2}  # the wall is too far


def test_an_unlabelled_thing_on_the_floor_is_an_obstacle(view: View, surface: Surface) -> None:
    labels = view.labels.copy()
    labels[view.ids == 1] = UNLABELLED
    labels[(view.ids == 0) & (np.arange(640) < 320)] = UNLABELLED  # unlabelled floor is not
    pixels = rising_pixels(surface, labels, IS_GROUND, surface.heights(PLANE))
    height = SCENE.world(view.points)[..., 2]
    rises = (view.ids == 1) & (height > 0.101)
    assert np.count_nonzero(rises) > 5000
    assert pixels[rises].mean() > 0.99
    assert not pixels[view.ids == 0].any()


def test_what_is_called_floor_and_is_higher_than_a_ramp_is_an_obstacle(view: View, surface: Surface) -> None:
    labels = np.where(view.ids < 3, FLOOR, view.labels).astype(np.uint8)  # both boxes are called floor
    pixels = rising_pixels(surface, labels, IS_GROUND, surface.heights(PLANE))
    over_ramp = SCENE.world(view.points)[..., 2] - 0.1 * view.points[..., 2]
    assert np.count_nonzero(over_ramp > 0.101) > 3000
    assert pixels[(over_ramp > 0.101) & (view.ids > 0) & (view.ids < 3)].mean() > 0.99
    assert not pixels[(over_ramp < 0.099) | (view.ids == 0)].any()


def test_a_floor_that_rises_like_a_ramp_is_no_obstacle(view: View, surface: Surface) -> None:
    labels = np.full_like(view.labels, FLOOR)
    tilted = plane_of_camera(1.0, SCENE.pitch_rad - math.radians(5), SCENE.roll_rad)
    floor = view.ids == 0
    heights = surface.heights(tilted)  # the floor seems to rise by 5 degrees
    assert heights[floor].max() > 0.2
    assert not rising_pixels(surface, labels, IS_GROUND, heights)[floor].any()
    assert not rising_pixels(surface, labels, IS_GROUND, None).any()


def test_without_a_floor_the_class_decides(view: View, surface: Surface) -> None:
    labels = view.labels.copy()
    labels[view.ids == 1] = UNLABELLED
    obstacles = obstacle_pixels(surface, labels, IS_OBSTACLE, None)
    ground = ground_pixels(surface, labels, IS_GROUND, None)
    assert set(np.unique(view.ids[obstacles != 0])) == {2, 3}
    assert set(np.unique(view.ids[ground != 0])) == {0}


def test_ground_is_floor_that_lies_on_the_plane(view: View, surface: Surface) -> None:
    labels = view.labels.copy()
    labels[view.ids == 1] = FLOOR  # a box mistaken for floor must not clear a costmap
    pixels = ground_pixels(surface, labels, IS_GROUND, surface.heights(PLANE), Band(max_range_m=4.0))
    height, distance = SCENE.world(view.points)[..., 2], np.linalg.norm(view.points, axis=-1)
    assert not pixels[height > 0.051].any()
    assert pixels[(view.ids == 0) & (distance < 3.999)].mean() > 0.995


def test_a_cloud_of_pixels_has_their_points_and_no_nan(view: View, surface: Surface) -> None:
    pixels = obstacle_pixels(surface, view.labels, IS_OBSTACLE, surface.heights(PLANE))
    cloud = chosen_cloud(surface, pixels)
    assert cloud.points.dtype == XYZ
    assert len(cloud) == np.count_nonzero(pixels)
    assert np.linalg.norm(cloud.xyz - view.points[pixels != 0], axis=-1).max() < 0.001


def test_thinning_keeps_one_measured_point_per_cube(view: View, surface: Surface) -> None:
    pixels = obstacle_pixels(surface, view.labels, IS_OBSTACLE, surface.heights(PLANE))
    whole, thin = (chosen_cloud(surface, pixels, voxel_m).xyz for voxel_m in (0.0, 0.1))
    cubes = [set(map(tuple, np.floor(xyz.astype(np.float64) / 0.1).astype(int))) for xyz in (whole, thin)]
    assert len(thin) < len(whole) / 20
    assert abs(len(thin) - len(cubes[0])) <= 0.01 * len(thin)
    assert len(cubes[0] - cubes[1]) <= 0.01 * len(thin)
    assert set(map(tuple, thin)) <= set(map(tuple, whole))


def test_the_target_is_one_object_with_its_colours(view: View, surface: Surface) -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[view.ids == 2] = (10, 20, 30)
    cloud = target_cloud(surface, view.instances, [1], rgb, view.labels, view.ids)
    assert np.isfinite(cloud.xyz).all()
    rows, columns = pixels_of(surface, cloud.xyz)
    assert (view.ids[rows, columns] == 2).all()
    assert len(cloud) > 0.99 * np.count_nonzero(view.ids == 2)
    assert (cloud.points['rgb'] == 10 << 16 | 20 << 8 | 30).all()
    assert (cloud.points['instance'] == 2).all()


def test_background_under_a_sloppy_mask_is_not_the_target(view: View, surface: Surface) -> None:
    high = view.ids == 1
    sloppy = instances_of([np.roll(high, -12, axis=0) | high])  # 12 rows of what is behind it
    cloud = target_cloud(surface, sloppy, [0], np.zeros((480, 640, 3), np.uint8))
    rows, columns = pixels_of(surface, cloud.xyz)
    leaked = np.count_nonzero(sloppy.masks[0]) - np.count_nonzero(high)
    assert leaked > 500
    assert np.count_nonzero(view.ids[rows, columns] != 1) < 0.05 * leaked


def test_the_scene_is_everything_but_the_target(view: View, surface: Surface) -> None:
    targets = target_pixels(view.instances, [0])
    assert np.array_equal(targets != 0, view.ids == 1)
    cloud = scene_cloud(surface, targets, margin_px=3, max_range_m=6.0)
    rows, columns = pixels_of(surface, cloud.xyz)
    assert set(np.unique(view.ids[rows, columns])) == {0, 2, 3}
    everything = scene_cloud(surface, None, max_range_m=6.0)
    missing = len(everything) - len(cloud)
    area = np.count_nonzero(view.ids == 1)
    assert area < missing < 1.2 * area  # the box and a rim of 3 pixels


def test_a_vanished_target_leaves_an_empty_cloud_and_the_whole_scene(view: View, surface: Surface) -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    empty = target_cloud(surface, view.instances, [], rgb)
    assert (len(empty), empty.points.dtype, empty.is_organised) == (0, XYZ_LABELLED, False)
    assert len(scene_cloud(surface, target_pixels(view.instances, []))) == len(scene_cloud(surface, None))


def test_without_any_depth_clouds_are_empty(view: View) -> None:
    blind = surface_of(view.frame(np.zeros((480, 640), np.uint16)))
    rgb = np.zeros((480, 640, 3), np.uint8)
    heights = blind.heights(PLANE)
    assert np.isnan(organised_cloud(blind, rgb, view.labels).xyz).all()
    for pixels in (obstacle_pixels(blind, view.labels, IS_OBSTACLE, heights),
                   ground_pixels(blind, view.labels, IS_GROUND, heights)):
        assert len(chosen_cloud(blind, pixels, 0.05)) == len(chosen_cloud(blind, pixels)) == 0
    assert len(target_cloud(blind, view.instances, [0], rgb)) == 0
    assert len(scene_cloud(blind, None, voxel_m=0.05)) == 0


def test_labels_of_another_size_are_refused(view: View) -> None:
    small = surface_of(view.frame(), (320, 240))
    with pytest.raises(ImageError, match='640x480 came with depth at 320x240'):
        obstacle_pixels(small, view.labels, IS_OBSTACLE, None)
    with pytest.raises(ImageError, match='640x480 came with depth at 320x240'):
        target_cloud(small, view.instances, [0], np.zeros((480, 640, 3), np.uint8))
