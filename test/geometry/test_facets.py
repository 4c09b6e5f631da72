# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Flat pieces face where the drawn planes face, and tell which way is up."""

from __future__ import annotations

import math

import numpy as np
from scenes.empty_room import parts_of, room_view
from scenes.raycast import FLOOR, noisy

from seg_ros.geometry.facets import up_of


def true_up(pitch_deg: float) -> np.ndarray:
    """Return up in the optical frame of a camera that looks down."""
    return np.array([0.0, -math.cos(math.radians(pitch_deg)), -math.sin(math.radians(pitch_deg))])


def test_a_facet_of_the_floor_faces_up_and_lies_on_it() -> None:
    view = room_view()
    _, facets = parts_of(view)
    on_floor = view.labels[facets.step // 2::facets.step, facets.step // 2::facets.step] == FLOOR
    faces_up = facets.along(true_up(12), math.radians(3))
    assert np.mean(faces_up[on_floor]) > 0.9
    assert np.mean(faces_up[~on_floor]) < 0.02
    heights = facets.points[on_floor & faces_up] @ true_up(12) + 1.0
    assert np.abs(heights).max() < 0.02


def test_what_is_not_flat_has_no_facet() -> None:
    view = room_view()
    depth = view.depth_mm
    depth[100:140, 150:190] = np.random.default_rng(0).integers(500, 4000, (40, 40))
    _, facets = parts_of(view, depth)
    assert not facets.is_flat[52:68, 77:93].any()


def test_up_is_found_from_level_and_upright_planes_also_with_noise() -> None:
    for pitch in (-5.0, 12.0, 35.0):
        view = room_view(pitch_deg=pitch)
        up = up_of(parts_of(view, noisy(view.depth_m, np.random.default_rng(1)))[1])
        assert up is not None
        assert math.degrees(math.acos(min(1.0, float(up @ true_up(pitch))))) < 1.5


def test_without_depth_there_is_no_up() -> None:
    view = room_view()
    assert up_of(parts_of(view, np.zeros_like(view.depth_mm))[1]) is None


def test_cells_become_pixels() -> None:
    _, facets = parts_of(room_view())
    cells = np.zeros(facets.is_flat.shape, np.bool_)
    cells[3, 5] = True
    pixels = facets.pixels(cells, (321, 240))
    assert pixels.shape == (240, 321)
    assert set(zip(*np.nonzero(pixels), strict=True)) == {
        (row, column) for row in (6, 7) for column in (10, 11)}
