# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth alone says what is floor, what rises and what is wall; what it cannot say it leaves out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.empty_room import BACK, CUPBOARD, LEFT, RIGHT, parts_of, room_view
from scenes.raycast import FLOOR, OBJECT, WALL, Solid, View, noisy

from seg_ros.geometry.bare_floor import find_floor
from seg_ros.geometry.facets import up_of
from seg_ros.geometry.structure import Structure, doubt_of, structure_of

PERSON = Solid(2.2, 0.5, (0.45, 0.45, 1.7), is_round=True)


def seen_in(view: View, depth: NDArray[np.uint16] | None = None) -> tuple[Structure | None, str]:
    """Return what depth says, and what is doubted."""
    surface, facets = parts_of(view, depth)
    up = up_of(facets)
    plane = None if up is None else find_floor(surface, facets, up)
    if plane is None:
        return None, 'no floor'
    return structure_of(surface, facets, plane), doubt_of(surface, facets, plane)


def shares(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> tuple[float, float]:
    """Return precision and recall."""
    hits = np.count_nonzero(found & true)
    return hits / max(1, np.count_nonzero(found)), hits / np.count_nonzero(true)


def test_every_pixel_that_is_called_something_is_it() -> None:
    view = room_view(CUPBOARD, PERSON)
    found, doubt = seen_in(view, noisy(view.depth_m, np.random.default_rng(0)))
    assert found is not None
    assert doubt == ''
    precision, recall = shares(found.floor != 0, view.labels == FLOOR)
    assert precision > 0.985
    assert recall > 0.85
    assert shares(found.rises != 0, np.isin(view.labels, [WALL, OBJECT])) > (0.999, 0.9)
    precision, recall = shares(found.walls != 0, view.labels == WALL)
    assert precision > 0.985
    assert recall > 0.6


@pytest.mark.parametrize('seed', range(3))
def test_a_drive_with_false_planes_and_a_person_is_still_labelled_rightly(seed: int) -> None:
    """Depth has noise, and 3 % of it lies on planes that are not there; a person walks through."""
    rng = np.random.default_rng(seed)
    view = room_view(CUPBOARD, Solid(1.8 + 0.5 * seed, 0.8 - 0.6 * seed, (0.45, 0.45, 1.7), is_round=True))
    depth = noisy(view.depth_m, rng, sigma_at_2m=0.02)
    for _ in range(3):
        top, left = rng.integers(0, 240 - 28), rng.integers(0, 320 - 28)
        depth[top:top + 28, left:left + 28] = rng.integers(600, 5000)
    found, _ = seen_in(view, depth)
    assert found is not None
    precision, recall = shares(found.floor != 0, view.labels == FLOOR)
    assert precision > 0.97
    assert recall > 0.6
    assert np.count_nonzero(found.rises[view.labels == FLOOR]) < 0.05 * np.count_nonzero(view.labels == FLOOR)


def test_holes_and_black_are_nothing() -> None:
    view = room_view()
    depth = view.depth_mm
    depth[150:190, 100:160] = 0
    found, _ = seen_in(view, depth)
    assert found is not None
    assert not (found.floor | found.rises)[150:190, 100:160].any()
    assert found.maybe[151, 130]
    assert not (found.maybe & (found.floor | found.rises)).any()


def test_a_wall_with_a_room_behind_it_as_in_a_mirror_is_none() -> None:
    """The mirrored floor goes on behind the wall, where there is none."""
    view = room_view(walls=(Solid(2.5, 1.4, (0.1, 1.4, 2.6), label=WALL), Solid(2.5, -1.4, (0.1, 1.4, 2.6), label=WALL),
                            Solid(5.0, 0.0, (0.1, 6.0, 2.6), label=WALL)))
    found, _ = seen_in(view)
    assert found is not None
    in_front = (view.ids == 1) | (view.ids == 2)
    assert not found.walls[in_front].any()


def test_a_low_cupboard_is_no_wall() -> None:
    view = room_view(Solid(2.5, 0.0, (0.5, 3.6, 1.1)), walls=(BACK, LEFT, RIGHT))
    found, _ = seen_in(view)
    assert found is not None
    assert not found.walls[view.labels == OBJECT].any()


def test_a_step_down_and_a_step_up_are_doubted() -> None:
    for step in (Solid(1.6, 0.0, (1.6, 3.8, 0.15)), Solid(3.6, 0.0, (1.7, 3.9, 0.15))):
        assert seen_in(room_view(step, pitch_deg=25.0))[1] == 'show two floors (a ramp, a step)'
    view = room_view(pitch_deg=25.0)
    depth = view.depth_mm
    depth[100:110] = np.where(view.labels[100:110] == FLOOR, depth[100:110] * 1.3, depth[100:110])
    assert seen_in(view, depth)[1].startswith('show something below')
