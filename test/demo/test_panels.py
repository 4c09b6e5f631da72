"""The view from above puts what is ahead above and what is right to the right, whichever way the camera looks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scenes.raycast import Scene, Solid, seen

from seg_ros.demo.panels import BACK, GROUND, OBSTACLE, SHOWN_WIDTH, four_panels, top_view, up_of

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
    scale = (480 - 30) / 5
    column, row = middle_of(picture, OBSTACLE)
    assert column == pytest.approx(320 + scale, abs=1.5)
    assert row == pytest.approx(480 - 16 - 2 * scale, abs=1.5)


def test_floor_and_obstacles_have_their_colours_and_objects_their_names() -> None:
    ground, obstacle = np.array([[0.0, 1.0, 2.0]], np.float32), np.array([[0.0, 0.0, 3.0]], np.float32)
    plain = top_view(obstacle, ground, {}, LEVEL, (640, 480))
    assert middle_of(plain, GROUND)[1] > middle_of(plain, OBSTACLE)[1]
    named = top_view(obstacle, ground, {3: ('hammer', (0.5, 0.0, 1.0))}, LEVEL, (640, 480))
    assert (named != plain).any(axis=2).sum() > 300
    assert (named != plain).any(axis=2)[:, :300].sum() == 0  # on the right


def test_up_is_found_from_the_floor() -> None:
    scene = Scene((Solid(3.0, 0.0, (0.5, 0.5, 0.5)),), 0.5, 0.2, 0.05)
    view = seen(scene)
    floor = view.points[(view.labels == 0) & np.isfinite(view.depth_m)].astype(np.float32)
    up = up_of(floor)
    assert up is not None
    np.testing.assert_allclose(up, scene.world_from_optical.T @ [0, 0, 1], atol=0.01)
    assert up_of(floor[:20]) is None
    assert up_of(None) is None
    assert up_of(np.tile(np.float32([[0, 1, 1]]), (200, 1)) * np.linspace(1, 2, 200, dtype=np.float32)[:, None]) is None


def test_four_panels_stand_two_by_two_and_one_without_a_picture_rests() -> None:
    red = np.full((48, 64, 3), (200, 0, 0), np.uint8)
    whole = four_panels({'camera': red, 'semantic': None, 'instances': red // 2, 'above': red}, (64, 48))
    assert whole.shape == (2 * (480 + 30), 2 * SHOWN_WIDTH, 3)
    assert (whole[200, 320] == (200, 0, 0)).all()
    assert (whole[100, 960] == BACK).all()
    assert (whole[700, 320] == (100, 0, 0)).all()
