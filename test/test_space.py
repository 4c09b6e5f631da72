# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Records in metres refuse what no stage could use, when they are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seg_ros.errors import ImageError
from seg_ros.space import XYZ, XYZ_LABELLED, Boxes3D, Cloud, Plane, Scan


@pytest.mark.parametrize(('dtype', 'size'), [(XYZ, 12), (XYZ_LABELLED, 20)])
def test_points_are_the_bytes_of_a_cloud_message(dtype: np.dtype[Any], size: int) -> None:
    points = np.zeros((2, 3), dtype)
    points['x'], points['y'], points['z'] = 1.0, 2.0, 3.0
    cloud = Cloud(points)
    assert (dtype.itemsize, len(cloud), cloud.is_organised) == (size, 6, True)
    assert cloud.xyz.shape == (2, 3, 3)
    assert cloud.xyz.tolist() == [[[1.0, 2.0, 3.0]] * 3] * 2
    assert np.shares_memory(cloud.xyz, points)
    assert not Cloud(points.reshape(-1)).is_organised


@pytest.mark.parametrize('points', [np.zeros((4, 3), np.float32), np.zeros((2, 2, 2), XYZ)])
def test_a_cloud_is_of_points(points: Any) -> None:
    with pytest.raises(ImageError, match='a cloud needs'):
        Cloud(points)


@pytest.mark.parametrize(('normal', 'pitch', 'roll'), [
    ((0.0, -1.0, 0.0), 0.0, 0.0),  # level
    ((0.0, 0.0, -1.0), np.pi / 2, None),  # looks straight down: up is against the view
    ((0.0, -np.sqrt(0.5), np.sqrt(0.5)), -np.pi / 4, 0.0),  # looks up by 45 degrees
    ((-np.sqrt(0.5), -np.sqrt(0.5), 0.0), 0.0, np.pi / 4),  # leans to its right: up is to its left
])
def test_the_floor_says_how_the_camera_is_held(normal: tuple[float, float, float], pitch: float,
                                               roll: float | None) -> None:
    plane = Plane(normal, 1.0)
    assert plane.pitch_rad == pytest.approx(pitch)
    assert roll is None or plane.roll_rad == pytest.approx(roll)


def test_boxes_of_objects_without_depth_are_unknown() -> None:
    centres = np.array([[1, 2, 3], [np.nan] * 3], np.float32)
    boxes = Boxes3D(centres, np.ones((2, 3), np.float32), np.ones((2, 4), np.float32))
    assert (len(boxes), boxes.known.tolist()) == (2, [True, False])
    with pytest.raises(ImageError, match='3-D boxes came with arrays of shapes'):
        Boxes3D(centres, np.ones((2, 3), np.float32), np.ones((2, 3), np.float32))


def test_a_scan_ends_at_its_last_ray() -> None:
    scan = Scan(np.zeros(5, np.float32), angle_min_rad=-0.2, angle_increment_rad=0.1, range_min_m=0.1, range_max_m=5.0)
    assert scan.angle_max_rad == pytest.approx(0.2)
