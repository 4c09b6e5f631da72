# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What depth alone says of a frame: which pixels are floor, which rise from it, which lie on a wall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.facets import Facets
from seg_ros.geometry.surface import Surface
from seg_ros.geometry.walls import walls_of
from seg_ros.space import Plane

Image = NDArray[np.uint8]

SKIN_M, SKIN_PER_M = 0.015, 0.012  # so near to its plane is floor; grows with depth, as the doubt of its tilt does
RISE_M = 0.02  # more than twice the skin and this above the floor is no floor
FACING_RAD = math.radians(30.0)  # between the floor and a facet of it
FARTHEST_M = 6.0  # floor farther off is left out
MARGIN_PX, OPENING_PX = 5, 5  # beside what rises, and narrower than this, floor is left out
AROUND_PX = 31  # holes so near to the floor may be floor
LEAST_PART = 0.003  # of the image, of a connected piece of floor or of what rises
MOST_BELOW = 0.03  # of what was measured, that may lie below the floor
BELOW_M = 0.08
LOW_M = 0.3  # so low, a level or gently sloping piece is another floor: a step, a ramp
SLOPE_RAD = math.radians(15.0)
MOST_SECOND = 0.04  # of the facets that may be such


@dataclass(frozen=True, eq=False)
class Structure:
    """
    What is known of the pixels of a frame; of the rest nothing is.

    :param floor: (H, W) uint8, 1 where the floor is. :param rises: (H, W) uint8, 1 where something stands on it.
    :param maybe: (H, W) uint8, 1 where the floor may be as well, but is left out: its edges, its holes, the far.
    :param walls: (H, W) uint8, the number of the wall that a pixel lies on, from 1; 0 for none.
    """

    floor: Image
    rises: Image
    maybe: Image
    walls: Image


def structure_of(surface: Surface, facets: Facets, floor: Plane) -> Structure:
    """
    Return what depth says of each pixel.

    Edges, holes, and what is far or narrow are left out. Glass is what is behind it or nothing; a mirror is a room
    behind the wall, whose floor is not connected, and a wall that has a room behind it is none; black is nothing.
    """
    heights, usable = surface.heights(floor), surface.usable != 0
    skin = _skin(surface)
    with np.errstate(invalid='ignore'):
        rises = usable & (heights > 2 * skin + np.float32(RISE_M))
        level = usable & (np.abs(heights) < 2 * skin + np.float32(RISE_M))
        near = level & (np.abs(heights) < skin) & (surface.z < FARTHEST_M)
    flat = facets.pixels(facets.along(np.array(floor.normal), FACING_RAD), surface.size)
    beside = cv2.dilate(rises.view(np.uint8), np.ones((MARGIN_PX, MARGIN_PX), np.uint8))
    found, stands = _whole(near & (flat != 0) & (beside == 0)), _whole(rises)
    around = cv2.dilate(found, np.ones((AROUND_PX, AROUND_PX), np.uint8))
    maybe = (level | ((around != 0) & ~usable)) & (found == 0) & (stands == 0)
    return Structure(found, stands, maybe.astype(np.uint8), facets.pixels(walls_of(facets, floor), surface.size))


def doubt_of(surface: Surface, facets: Facets, floor: Plane) -> str:
    """Return why a plane may not be the floor, or not the only one; empty for no reason."""
    heights, usable = surface.heights(floor), surface.usable != 0
    with np.errstate(invalid='ignore'):
        below = usable & (heights < -_skin(surface) - np.float32(BELOW_M))
    if np.count_nonzero(below) > MOST_BELOW * np.count_nonzero(usable):
        return 'show something below the floor (stairs, a table, a mirror image)'
    over = facets.points @ np.array(floor.normal) + floor.camera_height_m
    skin = SKIN_M + SKIN_PER_M * facets.points[..., 2]
    second = facets.along(np.array(floor.normal), SLOPE_RAD) & (over > 2 * skin) & (over < LOW_M)
    if np.count_nonzero(second) > MOST_SECOND * second.size:
        return 'show two floors (a ramp, a step)'
    return ''


def _skin(surface: Surface) -> NDArray[np.float32]:
    return np.float32(SKIN_M) + np.float32(SKIN_PER_M) * surface.z


def _whole(pixels: NDArray[np.bool_]) -> Image:
    """Return the pixels without what is narrow or small."""
    opened = cv2.morphologyEx(pixels.view(np.uint8), cv2.MORPH_OPEN, np.ones((OPENING_PX, OPENING_PX), np.uint8))
    _, pieces, facts, _ = cv2.connectedComponentsWithStats(opened)
    large = facts[:, cv2.CC_STAT_AREA] >= LEAST_PART * opened.size
    large[0] = False
    return large[pieces].astype(np.uint8)
