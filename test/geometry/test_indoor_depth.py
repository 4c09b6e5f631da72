# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""On real rooms the floor is where a hand-held camera has it."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.geometry.ground import fit_floor
from seg_ros.geometry.surface import Surface, surface_of
from seg_ros.records import Frame, Intrinsics
from seg_ros.space import Plane

ROOMS = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'indoor' / 'dev'
KINECT = Intrinsics(640, 480, 518.858, 519.470, 325.582, 253.736)
ENOUGH_FLOOR = 640 * 480 // 20

pytestmark = pytest.mark.skipif(not (ROOMS / 'depth').is_dir(), reason='the data set indoor/dev is not here')


@pytest.fixture(scope='module')
def rooms() -> list[tuple[Surface, NDArray[np.bool_]]]:
    """Depth and labelled floor of every room with enough floor."""
    found = []
    for path in sorted((ROOMS / 'depth').glob('*.png')):
        floor = cv2.imread(str(ROOMS / 'label' / path.name), cv2.IMREAD_UNCHANGED) == 0
        if np.count_nonzero(floor) >= ENOUGH_FLOOR:
            depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            rgb = np.zeros((480, 640, 3), np.uint8)
            found.append((surface_of(Frame('', 0, 'kinect', rgb, depth, KINECT)), floor))
    return found


def test_the_camera_is_held_at_a_persons_height_and_nearly_upright(
        rooms: list[tuple[Surface, NDArray[np.bool_]]]) -> None:
    planes = [fit_floor(surface, floor) for surface, floor in rooms]
    trusted = [p for p in planes if p is not None and p.trust > 0.3]
    assert len(rooms) > 30
    assert len(trusted) > 0.85 * len(rooms)
    assert all(0.7 < p.camera_height_m < 2.0 for p in trusted)
    assert all(abs(math.degrees(p.roll_rad)) < 10 and -10 < math.degrees(p.pitch_rad) < 45 for p in trusted)


def test_the_plane_stays_when_the_outline_of_the_floor_is_uncertain(
        rooms: list[tuple[Surface, NDArray[np.bool_]]]) -> None:
    """Without its rim of 7 pixels, and with as much too much around it, the floor is the same."""
    square, stays = np.ones((15, 15), np.uint8), []
    for surface, floor in rooms:
        pixels = floor.astype(np.uint8)
        inner, outer = (fit_floor(surface, change(pixels, square)) for change in (cv2.erode, cv2.dilate))
        if inner is not None and outer is not None:
            stays.append(abs(inner.camera_height_m - outer.camera_height_m) < 0.05 and tilt_deg(inner, outer) < 2)
    assert np.count_nonzero(stays) >= 0.9 * len(rooms)


def tilt_deg(one: Plane, other: Plane) -> float:
    return math.degrees(math.acos(min(1.0, float(np.dot(one.normal, other.normal)))))
