# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Poses that are not level are levelled by the floor that is seen; a real kitchen is the same in both halves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scenes.drawn_floor import FLOOR, OBSTACLE, drawn_classes, drawn_view
from scipy.spatial.transform import Rotation

from seg_ros.geometry.surface import surface_of
from seg_ros.mapping.charts import OCCUPIED, UNKNOWN, Chart
from seg_ros.mapping.levelling import MOST_HELD, Levelling
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.view import View
from seg_ros.recordings.posed_frames import posed_frames
from seg_ros.space import Plane

KITCHEN = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'rgbd_kitchen'
LEVEL = Plane((0.0, -1.0, 0.0), 0.4, 0.9)


def tilted(view: View) -> View:
    """Return the view with its pose in a world that lies askew."""
    world = np.eye(4)
    world[:3, :3], world[:3, 3] = Rotation.from_euler('xyz', (40, 30, 20), degrees=True).as_matrix(), (1, 2, 3)
    return replace(view, map_from_camera=world @ view.map_from_camera)


def test_views_wait_for_a_floor_and_are_then_level() -> None:
    levelling, view = Levelling(), tilted(drawn_view(box_at=2.0))
    assert levelling.levelled(view) == []
    assert levelling.levelled(replace(view, floor=replace(LEVEL, trust=0.2))) == []
    assert levelling.waiting == 2
    first, _, third = levelling.levelled(replace(view, floor=LEVEL))
    assert levelling.waiting == 0
    for one in (first, third):
        assert one.map_from_camera == pytest.approx(drawn_view(box_at=2.0).map_from_camera, abs=1e-6)
    assert len(levelling.levelled(view)) == 1


def test_not_more_than_some_views_wait() -> None:
    levelling, view = Levelling(), tilted(drawn_view(box_at=2.0))
    for _ in range(MOST_HELD + 10):
        levelling.levelled(view)
    assert levelling.waiting == MOST_HELD


@pytest.mark.skipif(not KITCHEN.is_dir(), reason='the data set rgbd_kitchen is not here')
def test_two_halves_of_a_real_sequence_give_maps_that_agree() -> None:
    """What rises from the floor, seen in every other image, is where the images between see it."""
    level = np.eye(4)
    level[:3, :3], level[2, 3] = [[-0.02, -0.44, 0.9], [-1.0, 0.01, -0.02], [0.0, -0.9, -0.44]], 1.35
    left, _, right = np.linalg.svd(level[:3, :3])
    level[:3, :3] = left @ right  # the floor of the first images; their world is the camera's
    halves = Mapper(drawn_classes()), Mapper(drawn_classes())
    for number, posed in enumerate(posed_frames(KITCHEN).frames()):
        view = View(0, surface_of(posed.frame), posed.frame.intrinsics, level @ posed.map_from_camera)
        heights = view.surface.heights(view.ground)
        labels = np.where(np.abs(heights) < 0.08, FLOOR, OBSTACLE).astype(np.uint8)
        halves[number % 2].update(replace(view, labels=labels))
    one, other = aligned(halves[0].chart(), halves[1].chart())
    both = (one != UNKNOWN) & (other != UNKNOWN)
    assert both.sum() > 2000
    assert (one == other)[both].mean() > 0.95
    assert ((one == OCCUPIED) & (other == OCCUPIED)).sum() > 0.9 * ((one == OCCUPIED) & both).sum()


def aligned(one: Chart, other: Chart) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Return the occupancy of two maps over the cells that both cover."""
    low = np.maximum(one.origin_m, other.origin_m)
    tops = [np.add(c.origin_m, np.multiply(c.occupancy.shape[::-1], c.resolution_m)) for c in (one, other)]
    width, height = np.rint((np.minimum(*tops) - low) / one.resolution_m).astype(int)
    parts = []
    for chart in (one, other):
        column, row = np.rint(np.subtract(low, chart.origin_m) / chart.resolution_m).astype(int)
        parts.append(chart.occupancy[row:row + height, column:column + width])
    return parts[0], parts[1]
