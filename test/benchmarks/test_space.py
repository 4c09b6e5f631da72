# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The benchmark compares like with like: its plain version finds what seg_ros finds."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'benchmarks'))

from space import Desk, timed


@pytest.fixture(scope='module')
def desk() -> Desk:
    desk = Desk((640, 480), 4)
    for stages in (desk.fast(), desk.plain()):
        for stage in stages.values():
            stage()
    return desk


def test_both_versions_measure_the_same_points(desk: Desk) -> None:
    for name in 'xyz':
        assert np.allclose(desk.cloud.points[name], desk.plain_cloud[name], atol=1e-5, equal_nan=True)
    for name in ('rgb', 'label', 'instance'):
        assert np.array_equal(desk.cloud.points[name], desk.plain_cloud[name])
    assert np.mean((desk.surface.usable != 0) != desk.good) < 0.002  # int16 against float64 at the thresholds
    assert np.mean((desk.blocked != 0) != desk.plain_blocked) < 0.002


def test_both_versions_make_the_same_clouds_boxes_and_scan(desk: Desk) -> None:
    for fast, slow in ((desk.obstacles, desk.plain_obstacle_points), (desk.ground, desk.plain_ground_points),
                       (desk.scene, desk.plain_scene_points), (desk.target, desk.plain_target_points)):
        assert len(fast) == pytest.approx(len(slow), rel=0.03)
    hit = np.isfinite(desk.scan.ranges) & np.isfinite(desk.plain_ranges)
    assert hit.sum() > 100
    assert np.median(np.abs(desk.scan.ranges[hit] - desk.plain_ranges[hit])) < 0.005
    plain_sizes = np.array(desk.plain_sizes)[:, 3:]
    assert np.sort(desk.boxes.sizes[:, :2]) == pytest.approx(np.sort(plain_sizes[:, :2]), abs=0.03)
    assert desk.boxes.sizes[:, 2] == pytest.approx(plain_sizes[:, 2], abs=0.03)


def test_every_stage_is_timed_in_both_versions(desk: Desk) -> None:
    rows = timed(desk, 1)
    assert list(rows) == list(desk.fast()) == list(desk.plain())
    assert all(fast > 0 and slow > 0 for fast, slow in rows.values())
