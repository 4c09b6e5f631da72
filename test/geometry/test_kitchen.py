# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Clouds of successive frames of a real sequence lie on each other, by the poses that came with it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.geometry.cloud import chosen_cloud, organised_cloud
from seg_ros.geometry.surface import Surface, surface_of
from seg_ros.records import Frame, Intrinsics

KITCHEN = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'rgbd_kitchen'
KINECT = Intrinsics(640, 480, 585.0, 585.0, 320.0, 240.0)

pytestmark = pytest.mark.skipif(not KITCHEN.is_dir(), reason='the data set rgbd_kitchen is not here')


def surface_and_pose(depth_path: Path) -> tuple[Surface, NDArray[np.float64]]:
    """Return the surface of a frame, and the (4, 4) pose of its camera in the world."""
    depth = cv2.imread(str(depth_path), cv2.IMREAD_UNCHANGED)
    depth[depth > 20_000] = 0  # no measurement
    frame = Frame('', 0, 'kinect', np.zeros((480, 640, 3), np.uint8), depth, KINECT)
    return surface_of(frame), np.loadtxt(str(depth_path).replace('.depth.png', '.pose.txt'))


def misfit_m(one: Surface, other: Surface, other_from_one: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far points of one surface, seen by the other camera, lie before or behind its own."""
    points = chosen_cloud(one, one.usable, voxel_m=0.03).xyz.astype(np.float64)
    points = points[points[:, 2] < 3.0] @ other_from_one[:3, :3].T + other_from_one[:3, 3]
    points = points[points[:, 2] > 0.3]
    columns = np.round(KINECT.fx * points[:, 0] / points[:, 2] + KINECT.cx).astype(int)
    rows = np.round(KINECT.fy * points[:, 1] / points[:, 2] + KINECT.cy).astype(int)
    inside = (columns >= 0) & (columns < 640) & (rows >= 0) & (rows < 480)
    cloud = organised_cloud(other, np.zeros((480, 640, 3), np.uint8)).xyz
    there = cloud[rows[inside], columns[inside], 2]
    return np.abs(there - points[inside, 2])[np.isfinite(there)]


def test_successive_frames_agree() -> None:
    frames = [surface_and_pose(path) for path in sorted(KITCHEN.glob('*.depth.png'))[:40]]
    medians, wrong = [], []
    for (one, pose), (other, next_pose) in pairwise(frames):
        off = misfit_m(one, other, np.linalg.inv(next_pose) @ pose)
        assert len(off) > 1000
        medians.append(np.median(off))
        wrong.append(np.median(misfit_m(one, other, np.diag([-1.0, -1.0, 1.0, 1.0]))))
    assert np.median(medians) < 0.02
    assert max(medians) < 0.05
    assert np.median(wrong) > 0.1  # a turned cloud is told apart
