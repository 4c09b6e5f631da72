# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""An obstacle that depth does not measure is never free: in the scan, and in the cloud that clears."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.raycast import CAMERA, FLOOR, IS_GROUND, IS_OBSTACLE, OBJECT, WALL, Scene, Solid, View, seen

from seg_ros.geometry.blind import Blind, blind_obstacles
from seg_ros.geometry.cloud import obstacle_pixels
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.scan import beams_of, scan_of_points
from seg_ros.geometry.spaces import Roles, Spaces
from seg_ros.geometry.surface import surface_of
from seg_ros.records import UNLABELLED, Segmentation
from seg_ros.settings import Settings
from seg_ros.space import Plane, Scan

Image = NDArray[np.uint8]
TALL, LOW = Solid(2.0, 0.0, (0.3, 0.5, 1.6)), Solid(1.8, 0.0, (0.3, 0.5, 0.2))
BACK = Solid(4.2, 0.0, (0.2, 6.0, 2.5), label=WALL)
PITCH = math.radians(10)
MOUNTED = plane_of_camera(1.0, PITCH)
SEES_PERSON = seen(Scene((TALL, BACK), 1.0, PITCH))
PERSON = SEES_PERSON.ids == 1
ROWS = np.arange(480)[:, None]
FEET = int(np.flatnonzero(PERSON.any(axis=1))[-1])


def found(view: View, depth: NDArray[np.uint16], plane: Plane | None,
          labels: Image | None = None) -> tuple[Scan, Blind]:
    """Return the scan of a view whose depth is this."""
    labels, surface = view.labels if labels is None else labels, surface_of(view.frame(depth))
    blocked = obstacle_pixels(surface, labels, IS_OBSTACLE, None if plane is None else surface.heights(plane))
    blind = blind_obstacles(CAMERA, surface, labels, blocked, is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)
    return scan_of_points(surface, blocked, plane, beams_of(CAMERA), blind), blind


def ahead(scan: Scan) -> NDArray[np.float32]:
    """Return the ranges well within the bearings of the person, 1.85 m ahead and 0.5 m wide."""
    bearings = scan.angle_min_rad + np.arange(len(scan.ranges)) * scan.angle_increment_rad
    return scan.ranges[np.abs(bearings) < 0.11]


def without(where: NDArray[np.bool_]) -> NDArray[np.uint16]:
    return np.where(where, 0, SEES_PERSON.depth_mm).astype(np.uint16)


@pytest.mark.parametrize(('meaning', 'hole'), [
    ('none of the person has depth', PERSON),
    ('the trousers have none', PERSON & (ROWS > 300)),
    ('the shoes alone have some', PERSON & (ROWS < FEET - 4)),
    ('the jacket has none', PERSON & (ROWS < 250)),
    ('all has depth', np.zeros_like(PERSON)),
])
def test_a_person_without_depth_stands_where_their_feet_are(meaning: str, hole: NDArray[np.bool_]) -> None:
    scan, _ = found(SEES_PERSON, without(hole), MOUNTED)
    np.testing.assert_allclose(ahead(scan), 1.85, rtol=0.03, err_msg=meaning)


def test_beside_the_person_the_wall_is_measured_as_ever() -> None:
    scan, _ = found(SEES_PERSON, without(PERSON), MOUNTED)
    whole, _ = found(SEES_PERSON, SEES_PERSON.depth_mm, MOUNTED)
    same = np.isclose(scan.ranges, whole.ranges, rtol=0.03)
    assert np.count_nonzero(~same) <= 4  # at the person's two sides


def test_unlabelled_pixels_under_the_feet_belong_to_the_person() -> None:
    gap = PERSON & (ROWS > FEET - 12)
    labels = np.where(gap, UNLABELLED, SEES_PERSON.labels).astype(np.uint8)
    scan, _ = found(SEES_PERSON, without(PERSON), MOUNTED, labels)
    np.testing.assert_allclose(ahead(scan), 1.85, rtol=0.03)


@pytest.mark.parametrize(('meaning', 'plane', 'under'), [
    ('no floor is known', None, FLOOR), ('what is under it is no floor', MOUNTED, 77)])
def test_where_the_floor_does_not_tell_nothing_is_known(meaning: str, plane: Plane | None, under: int) -> None:
    labels = np.where(SEES_PERSON.labels == FLOOR, under, SEES_PERSON.labels).astype(np.uint8)
    scan, _ = found(SEES_PERSON, without(PERSON), plane, labels)
    assert np.isnan(ahead(scan)).all(), meaning


def test_an_obstacle_with_depth_before_it_counts() -> None:
    view = seen(Scene((replace(LOW, x=1.2), TALL, BACK), 1.0, PITCH))
    depth = np.where(view.ids == 2, 0, view.depth_mm).astype(np.uint16)
    for plane in (MOUNTED, None):
        scan, _ = found(view, depth, plane)
        assert np.isfinite(ahead(scan)).all()
        assert ahead(scan).max() < (1.35 if plane else 1.6)  # without a floor heights are not corrected for the pitch


def test_a_wall_beyond_the_reach_of_the_depth_camera_leaves_the_way_free() -> None:
    view = seen(Scene((replace(BACK, x=9.0, size=(0.2, 12.0, 2.5)),), 1.0, PITCH))
    depth = np.where(view.ids == 1, 0, view.depth_mm).astype(np.uint16)
    scan, _ = found(view, depth, MOUNTED)
    assert np.isposinf(ahead(scan)).all()


def test_holes_in_a_measured_obstacle_and_specks_are_no_blind_obstacles() -> None:
    holes = PERSON & (ROWS % 40 < 10) & (ROWS < 300)
    _, blind = found(SEES_PERSON, without(holes), MOUNTED)
    assert not len(blind.columns)
    labels = SEES_PERSON.labels.copy()
    labels[450:452, 300:340] = OBJECT
    depth = SEES_PERSON.depth_mm
    depth[440:460, 300:340] = 0
    assert not len(found(SEES_PERSON, depth, MOUNTED, labels)[1].columns)


def test_one_that_leaves_the_image_is_where_the_floor_does_or_nearer() -> None:
    view = seen(Scene((replace(TALL, x=1.0),), 1.0, PITCH))
    depth = np.where(view.ids == 1, 0, view.depth_mm).astype(np.uint16)
    scan, blind = found(view, depth, MOUNTED)
    assert (blind.edges[blind.edges > 479] == 479.5).all() and blind.on_floor.all()
    below = math.atan(240 / CAMERA.fy) + PITCH
    assert np.nanmax(ahead(scan)) == pytest.approx(1 / math.tan(below), rel=0.03)


def test_floor_behind_it_does_not_clear_through_it() -> None:
    view = seen(Scene((LOW, BACK), 1.0, PITCH))
    depth = np.where(view.ids == 1, 0, view.depth_mm).astype(np.uint16)
    segmentation = Segmentation((640, 480), view.labels, np.zeros_like(view.labels))
    clouds = []
    for given in (view.depth_mm, depth):
        space = Spaces().made(view.frame(given), segmentation, frozenset({'ground'}), Roles(IS_OBSTACLE, IS_GROUND),
                              Settings())
        assert space.ground is not None
        x, z = space.ground.xyz[:, 0], space.ground.xyz[:, 2]
        ahead_m = z * math.cos(PITCH)
        clouds.append((int(np.count_nonzero((np.abs(x / z) < 0.1) & (ahead_m > 2.2))),
                       int(np.count_nonzero((np.abs(x / z) < 0.1) & (ahead_m < 1.5))),
                       int(np.count_nonzero(np.abs(x / z) > 0.3))))
    (measured, before, beside), (behind, still_before, still_beside) = clouds
    assert measured > 100 and behind == 0
    assert (before, beside) == (still_before, still_beside)
