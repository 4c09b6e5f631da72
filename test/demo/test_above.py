# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The view from above puts what is ahead above and what is right to the right, whichever way the camera looks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scenes.raycast import Scene, Solid, seen

from seg_ros.demo.above import EDGE, GROUND, OBSTACLE, Bounds, bounds_of, fitted_up, top_view
from seg_ros.labels.palette import instance_colour

LEVEL = np.array([0.0, -1.0, 0.0])


def middle_of(picture: np.ndarray, colour: tuple[int, int, int]) -> tuple[float, float]:
    """Return column and row of the middle of what has a colour."""
    rows, columns = np.nonzero((picture == colour).all(axis=2))
    return float(columns.mean()), float(rows.mean())


@pytest.mark.parametrize('pitch_deg', [0, 35, 80])
def test_a_place_is_drawn_where_it_is(pitch_deg: float) -> None:
    scene = Scene((), 1.0, math.radians(pitch_deg))
    place = scene.optical(np.array([[2.0, -1.0, 0.3]])).astype(np.float32)  # 2 m ahead, 1 m to the right
    up = scene.world_from_optical.T @ [0, 0, 1]
    picture = top_view(np.repeat(place, 9, 0), None, {}, up, (640, 480))
    scale = (480 - 2 * EDGE) / 5
    column, row = middle_of(picture, OBSTACLE)
    assert column == pytest.approx(320 + scale, abs=1.5)
    assert row == pytest.approx(480 - EDGE - 2 * scale, abs=1.5)


def test_floor_and_obstacles_have_their_colours_and_objects_their_names() -> None:
    ground, obstacle = np.array([[0.0, 1.0, 2.0]], np.float32), np.array([[0.0, 0.0, 3.0]], np.float32)
    plain = top_view(obstacle, ground, {}, LEVEL, (640, 480))
    assert middle_of(plain, GROUND)[1] > middle_of(plain, OBSTACLE)[1]
    named = top_view(obstacle, ground, {3: ('hammer', (0.5, 0.0, 1.0))}, LEVEL, (640, 480))
    assert (named != plain).any(axis=2).sum() > 300
    assert (named != plain).any(axis=2)[:, :300].sum() == 0  # on the right


def test_the_view_is_filled_by_what_there_is() -> None:
    """Tools half a metre ahead are not a heap at the foot of five metres."""
    tools = {k: ('hammer', (0.1 * k, 0.0, 0.5 + 0.1 * k)) for k in range(3)}
    view = bounds_of(None, None, tools, LEVEL, (640, 480))
    assert (view.near_m, view.far_m) == pytest.approx((0.45, 0.75))  # 0.2 m deep, and 0.28 m high for 0.2 m aside
    wall = np.array([[x, 0.0, 2.5] for x in np.linspace(-1, 1, 50)], np.float32)
    floor = np.array([[0.0, 1.0, z] for z in np.linspace(0.8, 2.5, 50)], np.float32)
    assert bounds_of(wall, floor, {}, LEVEL, (640, 480)) == Bounds(0.0, 3.0)
    assert bounds_of(None, None, {}, LEVEL, (640, 480)) == Bounds(0.0, 5.0)


def test_a_view_moves_only_when_it_must() -> None:
    view = Bounds(0.0, 4.0)
    assert view.kept_for(Bounds(0.0, 3.0)) is view
    assert view.kept_for(Bounds(0.0, 5.0)) == Bounds(0.0, 5.0)  # it does not hold that
    assert view.kept_for(Bounds(1.0, 2.0)) == Bounds(1.0, 2.0)  # three quarters of it would be empty


def test_names_of_objects_side_by_side_do_not_lie_on_each_other() -> None:
    together = {k: ('screwdriver', (0.02 * k, 0.0, 1.0)) for k in range(1, 7)}
    picture = top_view(None, None, together, LEVEL, (400, 300), Bounds(0.0, 2.0))
    areas = [int((picture == instance_colour(k)).all(axis=2).sum()) for k in together]
    assert min(areas) > 0.75 * max(areas) > 500


def test_up_is_found_from_the_floor() -> None:
    scene = Scene((Solid(3.0, 0.0, (0.5, 0.5, 0.5)),), 0.5, 0.2, 0.05)
    view = seen(scene)
    floor = view.points[(view.labels == 0) & np.isfinite(view.depth_m)].astype(np.float32)
    up = fitted_up(floor)
    assert up is not None
    np.testing.assert_allclose(up, scene.world_from_optical.T @ [0, 0, 1], atol=0.01)
    assert fitted_up(floor[:20]) is None
    assert fitted_up(None) is None
    line = np.tile(np.float32([[0, 1, 1]]), (200, 1)) * np.linspace(1, 2, 200, dtype=np.float32)[:, None]
    assert fitted_up(line) is None
