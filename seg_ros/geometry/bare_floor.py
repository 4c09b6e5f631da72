# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor found in depth alone: of all that is level, the lowest that is large."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.facets import Facets
from seg_ros.geometry.ground import fit_floor
from seg_ros.geometry.surface import Surface
from seg_ros.space import Plane

LEVEL_RAD = math.radians(15.0)  # facets so near to level may be floor
TILT_RAD = math.radians(8.0)  # between a floor and what is level in the picture
LEAST_SHARE = 0.025  # of the cells of an image that a floor fills
SKIN_M, SKIN_PER_M = 0.02, 0.015  # so far from a plane is on it; grows with depth, as the doubt of its tilt does
LOWER_M = 0.05  # so much farther down begins another plane
LEVELS = 4  # that may lie above each other: floor, chair, table, shelf


def find_floor(surface: Surface, facets: Facets, up: NDArray[np.float64]) -> Plane | None:
    """
    Return the lowest large plane that is level; None where too little is.

    :param up: (3,) in the optical frame, to within a few degrees.
    """
    level, found = facets.along(up, LEVEL_RAD), None
    for _ in range(LEVELS):
        if np.count_nonzero(level) < LEAST_SHARE * level.size:
            break
        plane = fit_floor(surface, facets.pixels(level, surface.size))
        if plane is None:
            break
        height = facets.points @ np.array(plane.normal) + plane.camera_height_m
        skin = SKIN_M + SKIN_PER_M * facets.points[..., 2]
        on_it = level & (np.abs(height) < skin)
        if float(up @ np.array(plane.normal)) > math.cos(TILT_RAD) and \
                np.count_nonzero(on_it) >= LEAST_SHARE * level.size:
            found = plane
        level = level & (height < -skin - LOWER_M)
    return found
