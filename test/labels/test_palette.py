# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Each class and each track has its colour, the same in every run."""

from __future__ import annotations

import numpy as np

from seg_ros.labels.palette import class_colours, instance_colour
from seg_ros.labels.taxonomy import RobotClass, Role

FLOOR = RobotClass(0, 'floor', (128, 192, 96), Role.TRAVERSABLE)
WALL = RobotClass(1, 'wall', (174, 200, 232), Role.OBSTACLE)
OBJECT = RobotClass(9, 'object', (240, 200, 60), Role.OBSTACLE)


def test_each_label_byte_has_its_colour_and_the_rest_is_dark() -> None:
    colours = class_colours((FLOOR, WALL, OBJECT))
    assert colours.shape == (256, 3)
    assert colours.dtype == np.uint8
    assert [tuple(colours[k]) for k in (0, 1, 9)] == [FLOOR.colour, WALL.colour, OBJECT.colour]
    assert {tuple(colours[k]) for k in range(256) if k not in (0, 1, 9)} == {(48, 48, 48)}


def test_the_colour_of_a_track_is_fixed_forever() -> None:
    assert instance_colour(1) == (51, 96, 204)  # hue 0.618 of a turn, saturation 0.75, value 0.8
    assert instance_colour(2) == (158, 230, 57)  # hue 0.236, value 0.9


def test_tracks_near_each_other_in_number_are_told_apart() -> None:
    colours = np.array([instance_colour(k) for k in range(1, 13)], np.int32)
    apart = np.abs(colours[:, None] - colours[None]).sum(axis=2) + 999 * np.eye(12, dtype=np.int32)
    assert apart.min() > 40
