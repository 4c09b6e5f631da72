# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scans agree with what is seen from above, to the error that is derived; what is not known is not called free."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.floor_error import floor_range_error
from scenes.raycast import (
    CAMERA,
    FLOOR,
    IS_GROUND,
    IS_OBSTACLE,
    NOTHING,
    OBJECT,
    WALL,
    Scene,
    Solid,
    View,
    noisy,
    seen,
)

from seg_ros.errors import ImageError
from seg_ros.geometry.cloud import obstacle_pixels
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.pinhole import rays_of
from seg_ros.geometry.scan import Beams, beams_of, scan_of_labels, scan_of_points
from seg_ros.geometry.surface import surface_of
from seg_ros.records import Intrinsics
from seg_ros.space import Plane, Scan

SOLIDS = (Solid(2.0, 0.5, (0.4, 0.3, 0.5), 0.4), Solid(1.6, -0.3, (0.3, 0.3, 0.4), is_round=True),
          Solid(3.8, 0.0, (0.2, 1.5, 2.5), label=WALL), Solid(3.0, -1.2, (0.1, 0.1, 1.0)))
MOUNTINGS = [(1.0, 20, 0), (0.35, 0, 0), (0.6, 10, 3), (1.4, 35, -4)]  # height, pitch, roll
LEVEL = Plane((0.0, -1.0, 0.0), 0.5)


def mounted(height: float, pitch: float, roll: float) -> tuple[View, Plane]:
    angles = math.radians(pitch), math.radians(roll)
    return seen(Scene(SOLIDS, height, *angles)), plane_of_camera(height, *angles)


def bearings(scan: Scan) -> NDArray[np.float64]:
    return scan.angle_min_rad + np.arange(len(scan.ranges)) * scan.angle_increment_rad


def nearest_and_farthest(scene: Scene, scan: Scan, slack_rad: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the nearest and farthest true distance within each beam, widened by a pixel's worth."""
    half = scan.angle_increment_rad / 2 + slack_rad
    near_by = bearings(scan)[:, None] + np.linspace(-half, half, 15)
    distances = scene.free_distances(near_by)
    return distances.min(axis=1), distances.max(axis=1)


def labels_scan(view: View, labels: NDArray[np.uint8], plane: Plane, beams: Beams) -> Scan:
    return scan_of_labels(labels, view.scene.camera, plane, beams, is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)


@pytest.mark.parametrize(('height', 'pitch', 'roll'), MOUNTINGS)
def test_the_scan_of_points_is_the_view_from_above(height: float, pitch: float, roll: float) -> None:
    view, plane = mounted(height, pitch, roll)
    surface = surface_of(view.frame(noisy(view.depth_m, np.random.default_rng(0), sigma_at_2m=0.006)))
    beams = beams_of(CAMERA, plane, range_max_m=5.0)
    scan = scan_of_points(surface, obstacle_pixels(surface, view.labels, IS_OBSTACLE, surface.heights(plane)), plane,
                          beams)
    near, far = nearest_and_farthest(view.scene, scan, 2 / CAMERA.fx)
    hit = np.isfinite(scan.ranges)
    # the nearest of some hundred noisy points, and the lip of an edge
    noise = 5 * 0.006 * (np.where(hit, scan.ranges, 0) / 2) ** 2 + 0.02
    assert np.count_nonzero(hit) > 100
    assert (scan.ranges >= near - noise)[hit].all()
    assert (scan.ranges <= far + noise)[hit].all()


@pytest.mark.parametrize(('height', 'pitch', 'roll'), MOUNTINGS)
def test_the_scan_of_labels_is_right_to_the_derived_error(height: float, pitch: float, roll: float) -> None:
    view, plane = mounted(height, pitch, roll)
    beams = beams_of(CAMERA, plane, range_max_m=5.0)
    scan = labels_scan(view, view.labels, plane, beams)
    near, far = nearest_and_farthest(view.scene, scan, 1.5 / CAMERA.fx)
    hit = np.isfinite(scan.ranges)
    sees_foot = hit & (near > 1.01 * nearest_floor_m(view, plane))
    assert np.count_nonzero(sees_foot) > 80
    for k in np.flatnonzero(sees_foot):
        error = floor_range_error(float(near[k]), height, focal_px=CAMERA.fy)
        assert near[k] - error <= scan.ranges[k] <= far[k] + floor_range_error(float(far[k]), height, focal_px=521.0), k


def test_an_image_of_one_column_has_one_beam() -> None:
    camera = Intrinsics(1, 1, 250.0, 250.0, 0.0, 0.0)
    labels = np.full((1, 1), FLOOR, np.uint8)
    scan = scan_of_labels(labels, camera, LEVEL, beams_of(camera), is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)
    assert scan.ranges.tolist() == [math.inf]


@pytest.mark.filterwarnings('error')
def test_a_lens_that_leaves_no_ray_makes_no_bearings_that_are_no_numbers() -> None:
    beams = beams_of(replace(CAMERA, distortion=(300.0, 2.0, 3.0, 4.0, 5.0)))
    assert math.isfinite(beams.angle_min_rad) and beams.angle_increment_rad > 0


def nearest_floor_m(view: View, plane: Plane) -> float:
    """Return the farthest that floor on the lower edge of the image lies away."""
    edge = view.scene.world_from_optical @ np.array([[(u - CAMERA.cx) / CAMERA.fx, (479.5 - CAMERA.cy) / CAMERA.fy, 1]
                                                     for u in (-0.5, 639.5)]).T
    return float(max(np.hypot(edge[0], edge[1]) / -edge[2]) * plane.camera_height_m)


def test_free_ways_and_unknown_ones() -> None:
    """Where only floor is seen the way is free; where nothing is known the range is NaN."""
    view, plane = mounted(0.35, 0, 0)
    labels = view.labels.copy()
    labels[:, 600:] = NOTHING  # unlabelled throughout
    beams = beams_of(CAMERA)
    scan = labels_scan(view, labels, plane, beams)
    true = view.scene.free_distances(bearings(scan))
    columns = CAMERA.cx - np.tan(bearings(scan)) * CAMERA.fx
    assert np.isnan(scan.ranges[(columns > 620)]).all()
    free = (true == np.inf) & (columns > 150) & (columns < 500)
    assert np.isposinf(scan.ranges[free]).mean() > 0.9


@pytest.mark.parametrize(('column', 'range_m', 'meaning'), [
    # H = 0.5, f = 521: the floor at row v lies 0.5 * 521 / (v - 242.5) ahead; edges are half a pixel up
    ([FLOOR] * 180 + [OBJECT] * 300, 0.5 * 521 / 237, 'goes on below the image: where the floor leaves it'),
    ([WALL] * 342 + [FLOOR] * 138, 0.5 * 521 / (341.5 - 242.5), 'stands on the floor'),
    ([WALL] * 342 + [NOTHING] * 20 + [FLOOR] * 118, 0.5 * 521 / (361.5 - 242.5), 'unlabelled beneath it is its own'),
    ([WALL] * 300 + [FLOOR] * 10 + [OBJECT] * 40 + [FLOOR] * 130, 0.5 * 521 / (349.5 - 242.5), 'the nearer counts'),
    ([WALL] * 342 + [FLOOR] * 60 + [OBJECT] * 2 + [FLOOR] * 76, 0.5 * 521 / (341.5 - 242.5), 'a speck is not one'),
    ([NOTHING] * 242 + [FLOOR] * 238, math.inf, 'free floor'),
    ([WALL] * 100 + [FLOOR] * 380, math.inf, 'its edge is above the horizon'),
    ([NOTHING] * 480, math.nan, 'nothing known'),
    ([WALL] * 255 + [FLOOR] * 225, math.inf, 'farther than the scan reaches'),
])
def test_columns_and_their_ranges(column: list[int], range_m: float, meaning: str) -> None:
    labels = np.repeat(np.array(column, np.uint8)[:, None], 640, axis=1)
    beams = beams_of(CAMERA)
    scan = scan_of_labels(labels, CAMERA, LEVEL, beams, is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)
    ahead = np.abs(bearings(scan)) < beams.angle_increment_rad
    assert scan.ranges[ahead].tolist() == pytest.approx([range_m] * 2, rel=1e-4, nan_ok=True), meaning


def test_too_near_is_minus_infinity() -> None:
    labels = np.full((480, 640), WALL, np.uint8)
    scan = scan_of_labels(labels, CAMERA, Plane((0.0, -1.0, 0.0), 0.2), beams_of(CAMERA, range_min_m=0.6),
                          is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)
    middle = np.abs(bearings(scan)) < 0.1
    assert np.isneginf(scan.ranges[middle]).all()  # 0.2 * 521 / 237 = 0.44 m


@pytest.mark.parametrize(('meaning', 'under', 'expected'), [
    ('over a window, say', 77, math.nan), ('over floor that is seen to the horizon', FLOOR, math.inf)])
def test_what_hangs_above_the_horizon_is_free_over_floor_alone(meaning: str, under: int, expected: float) -> None:
    labels = np.full((480, 640), FLOOR, np.uint8)
    labels[:230] = under
    labels[:200] = WALL
    scan = scan_of_labels(labels, CAMERA, LEVEL, beams_of(CAMERA), is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)
    np.testing.assert_array_equal(scan.ranges, np.full(len(scan.ranges), expected, np.float32), err_msg=meaning)


@pytest.mark.filterwarnings('error')
def test_columns_without_a_ray_are_in_no_beam() -> None:
    fisheye = Intrinsics(640, 480, 200.0, 200.0, 319.5, 239.5, (0.01, 0.0, 0.0, 0.0), is_fisheye=True)
    labels = np.full((480, 640), FLOOR, np.uint8)
    labels[:300] = WALL
    beams = Beams(-1.5, 0.05, 61)
    scan = scan_of_labels(labels, fisheye, LEVEL, beams, is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)
    assert np.isnan(scan.ranges[[0, -1]]).all()  # beyond what the lens sees
    assert scan.ranges[30] == pytest.approx(0.5 / math.tan(60 / 200), rel=0.02)


def test_without_depth_nothing_is_known() -> None:
    view, plane = mounted(1.0, 20, 0)
    blind = surface_of(view.frame(np.zeros((480, 640), np.uint16)))
    scan = scan_of_points(blind, np.zeros((480, 640), np.uint8), plane, beams_of(CAMERA))
    assert np.isnan(scan.ranges).all()


def test_where_depth_is_missing_the_way_is_not_called_free() -> None:
    view, plane = mounted(1.0, 20, 0)
    depth = view.depth_mm
    depth[:, :200] = 0
    surface = surface_of(view.frame(depth))
    scan = scan_of_points(surface, np.zeros((480, 640), np.uint8), plane, beams_of(CAMERA))
    columns = CAMERA.cx - np.tan(bearings(scan)) * CAMERA.fx
    assert np.isnan(scan.ranges[columns < 50]).all()
    assert np.isposinf(scan.ranges[columns > 250]).all()


def test_a_point_to_the_left_has_a_positive_bearing() -> None:
    view = seen(Scene((Solid(2.0, 0.8, (0.1, 0.1, 1.0)),), 1.0, math.radians(15)))
    surface, plane = surface_of(view.frame()), plane_of_camera(1.0, math.radians(15))
    scans = [scan_of_points(surface, (view.ids == 1).astype(np.uint8), plane, beams_of(CAMERA)),
             labels_scan(view, view.labels, plane, beams_of(CAMERA))]
    for scan in scans:
        hits = bearings(scan)[np.isfinite(scan.ranges)]
        assert hits.mean() == pytest.approx(math.atan2(0.8, 2.0), abs=0.01)
        assert np.nanmin(scan.ranges) == pytest.approx(math.hypot(1.95, 0.75), abs=0.02)


@pytest.mark.parametrize(('pitch', 'widest_deg'), [(0, 31.7), (30, 43.5), (60, 80.2)])
def test_beams_cover_the_image_also_when_it_looks_down(pitch: float, widest_deg: float) -> None:
    beams = beams_of(CAMERA, plane_of_camera(1.0, math.radians(pitch)))
    assert beams.count == 320
    edge = -beams.angle_min_rad + beams.angle_increment_rad / 2
    assert math.degrees(edge) == pytest.approx(widest_deg, abs=1.0)
    assert beams.angle_min_rad + 319 * beams.angle_increment_rad == pytest.approx(-beams.angle_min_rad)


@pytest.mark.parametrize(('range_m', 'error_m'), [(1.0, 0.0048), (2.0, 0.0164), (4.0, 0.0624)])
def test_the_error_grows_with_the_square_of_the_range(range_m: float, error_m: float) -> None:
    """To first order (r^2 + h^2) / h * 1 / f, with h = 0.5 and f = 521."""
    assert (range_m ** 2 + 0.25) / 0.5 / 521 == pytest.approx(error_m, rel=0.02)
    assert floor_range_error(range_m, 0.5, focal_px=521.0) == pytest.approx(error_m, rel=0.03)


def test_the_error_of_pitch_and_height() -> None:
    none = floor_range_error(3.0, 0.5, focal_px=521.0, edge_px=0.0)
    assert none == pytest.approx(0.0, abs=1e-12)
    tilted = floor_range_error(3.0, 0.5, focal_px=521.0, edge_px=0.0, pitch_error_rad=math.radians(1))
    assert tilted == pytest.approx(0.5 / math.tan(math.atan2(0.5, 3.0) - math.radians(1)) - 3.0)
    assert floor_range_error(3.0, 0.5, focal_px=521.0, edge_px=0.0, height_error_m=0.05) == pytest.approx(0.3)
    assert floor_range_error(50.0, 0.5, focal_px=521.0, pitch_error_rad=math.radians(1)) == math.inf


def test_a_wrong_pitch_is_within_its_error() -> None:
    view, _ = mounted(1.0, 20, 0)
    wrong = plane_of_camera(1.0, math.radians(19.5))  # too far by the most it can be
    scan = labels_scan(view, view.labels, wrong, beams_of(CAMERA))
    true = view.scene.free_distances(bearings(scan))
    hit = np.isfinite(scan.ranges) & np.isfinite(true)
    allowed = np.array([floor_range_error(float(r), 1.0, focal_px=521.0, pitch_error_rad=math.radians(0.5))
                        for r in true[hit]])
    off = np.abs(scan.ranges[hit] - true[hit])
    assert np.mean(off <= allowed) > 0.93  # the others touch an edge
    assert np.median(off) > 0.02


def test_a_camera_of_another_size_is_refused() -> None:
    with pytest.raises(ImageError, match='mask of 640x480 came with a camera of 320x240'):
        scan_of_labels(np.zeros((480, 640), np.uint8), CAMERA.scaled_to(320, 240), LEVEL, beams_of(CAMERA),
                       is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)


def test_a_distorted_lens_gives_the_same_ranges() -> None:
    """A straight wall foot, drawn as the lens shows it, is as far as without the lens."""
    lens = Intrinsics(640, 480, 520.0, 521.0, 318.5, 242.5, (-0.25, 0.06, 0.0, 0.0, 0.0))
    floor = rays_of(lens).y > 0.5 / 2.0  # the floor nearer than a wall 2 m ahead, from 0.5 m
    labels = np.where(floor, FLOOR, WALL).astype(np.uint8)
    scan = scan_of_labels(labels, lens, LEVEL, beams_of(lens), is_obstacle=IS_OBSTACLE, is_ground=IS_GROUND)
    met = np.isfinite(scan.ranges)
    ahead = scan.ranges * np.cos(bearings(scan))
    assert met.mean() > 0.95
    assert ahead[met] == pytest.approx(np.full(np.count_nonzero(met), 2.0), abs=0.03)
