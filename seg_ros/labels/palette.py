# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Colours that stay the same from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from colorsys import hsv_to_rgb

import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.taxonomy import RobotClass

Colour = tuple[int, int, int]
Image = NDArray[np.uint8]

UNLABELLED_COLOUR: Colour = (48, 48, 48)
GOLDEN_RATIO = 0.618033988749895  # a turn of this share of the circle never comes near an earlier hue soon


def class_colours(classes: Sequence[RobotClass]) -> Image:
    """Return the (256, 3) uint8 colours of all label bytes; ids without a class, and 255, are dark grey."""
    colours = np.full((256, 3), UNLABELLED_COLOUR, np.uint8)
    for robot_class in classes:
        colours[robot_class.id] = robot_class.colour
    return colours


def instance_colour(track_id: int) -> Colour:
    """Return the (r, g, b) of a track, the same in every run; ids that follow each other differ most."""
    hue = (track_id * GOLDEN_RATIO) % 1.0
    value = (1.0, 0.8, 0.9)[track_id % 3]
    red, green, blue = hsv_to_rgb(hue, 0.75, value)
    return round(red * 255), round(green * 255), round(blue * 255)
