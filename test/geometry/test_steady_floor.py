# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A drive has one floor; what is another is left out, and two are told."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.steady_floor import steady_floor

LOOKING_AHEAD = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
LEVEL = np.eye(3)


def pose(x: float, z: float, turn: np.ndarray = LEVEL) -> np.ndarray:
    """Return the pose of a level camera, in a world that is turned."""
    found = np.eye(4)
    found[:3, :3], found[:3, 3] = turn @ LOOKING_AHEAD, turn @ np.array([x, 0.0, z])
    return found


def test_without_poses_the_height_of_the_camera_decides() -> None:
    planes = [plane_of_camera(h, 0.1) for h in (0.4, 0.41, 0.39, 0.25, 0.4)]
    found = steady_floor(planes, None)
    assert found.agrees == (True, True, True, False, True)
    assert found.heights_m == pytest.approx((-0.4,), abs=0.01)


def test_with_poses_a_camera_may_rise_and_the_world_be_turned() -> None:
    turn = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    heights = (0.4, 0.8, 1.2, 0.5, 0.6)
    planes = [plane_of_camera(h, 0.0) for h in (*heights[:-1], 0.2)]
    found = steady_floor(planes, [pose(k, h, turn) for k, h in enumerate(heights)])
    assert found.agrees == (True, True, True, True, False)
    assert found.heights_m == pytest.approx((0.0,), abs=0.01)


def test_a_tilted_plane_is_left_out() -> None:
    planes = [plane_of_camera(0.5, 0.0), plane_of_camera(0.5, 0.2), plane_of_camera(0.5, 0.0)]
    assert steady_floor(planes, [pose(k, 0.5) for k in range(3)], np.array([0.0, 0, 1])).agrees == (True, False, True)


def test_two_floors_are_told() -> None:
    planes = [plane_of_camera(0.5, 0.0)] * 10
    found = steady_floor(planes, [pose(k, 0.5 if k < 6 else 0.9) for k in range(10)], np.array([0.0, 0, 1]))
    assert found.heights_m == pytest.approx((0.0, 0.4))


def test_of_nothing_nothing_is_known() -> None:
    assert steady_floor([], None).agrees == ()
