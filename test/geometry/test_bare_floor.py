# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor is the lowest large level plane, without a label."""

from __future__ import annotations

import numpy as np
import pytest
from scenes.empty_room import parts_of, room_view
from scenes.raycast import Solid, View, noisy

from seg_ros.geometry.bare_floor import find_floor
from seg_ros.geometry.facets import up_of
from seg_ros.space import Plane

TABLE = Solid(1.9, 0.0, (1.4, 2.4, 0.06), bottom=0.7)


def floor_of(view: View, depth: np.ndarray | None = None) -> Plane | None:
    surface, facets = parts_of(view, depth)
    up = up_of(facets)
    assert up is not None
    return find_floor(surface, facets, up)


@pytest.mark.parametrize('height', [0.4, 1.3])
def test_the_floor_is_as_far_below_as_it_was_drawn(height: float) -> None:
    view = room_view(height_m=height)
    plane = floor_of(view, noisy(view.depth_m, np.random.default_rng(0)))
    assert plane is not None
    assert plane.camera_height_m == pytest.approx(height, rel=0.02)


def test_a_table_over_the_floor_is_not_the_floor() -> None:
    plane = floor_of(room_view(TABLE, height_m=1.3, pitch_deg=25.0))
    assert plane is not None
    assert plane.camera_height_m == pytest.approx(1.3, rel=0.02)


def test_walls_alone_have_no_floor() -> None:
    assert floor_of(room_view(pitch_deg=-30.0)) is None
