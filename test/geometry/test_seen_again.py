# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A place that two images show is found in both, and what only one of them shows is not."""

from __future__ import annotations

import numpy as np
from scenes.raycast import Solid
from scenes.taught_drive import SMALL, image_at, view_at

from seg_ros.geometry.seen_again import seen_again
from seg_ros.geometry.surface import surface_of

PILLAR = Solid(1.5, 0.0, (0.3, 0.3, 1.2))


def test_a_place_is_found_again_where_the_camera_has_moved_to() -> None:
    first, second = view_at(0.0, PILLAR), view_at(0.2, PILLAR)
    one, other = image_at(0, 0.0, first), image_at(1, 0.2, second)
    other_from_one = np.linalg.inv(other.map_from_camera) @ one.map_from_camera
    pixels = seen_again(surface_of(one.frame), surface_of(other.frame), other_from_one, SMALL)
    found = pixels >= 0
    assert found.mean() > 0.6
    assert (second.labels.reshape(-1)[pixels[found]] == first.labels[found]).mean() > 0.98
    without = seen_again(surface_of(one.frame), surface_of(image_at(1, 0.2, view_at(0.2)).frame), other_from_one, SMALL)
    assert (without[first.ids == 5] == -1).all()


def test_what_lies_behind_the_other_camera_is_not_seen() -> None:
    one = image_at(0, 0.0, view_at(0.0))
    turned = np.diag([-1.0, 1.0, -1.0, 1.0])
    assert (seen_again(surface_of(one.frame), surface_of(one.frame), turned, SMALL) == -1).all()
    there = seen_again(surface_of(one.frame), surface_of(one.frame), np.eye(4), SMALL)
    measured = np.isfinite(surface_of(one.frame).z)
    assert (there[measured] == np.flatnonzero(measured)).all()
