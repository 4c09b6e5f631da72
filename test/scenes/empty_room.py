# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A drawn room with three walls, as the geometry of a floor sees it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scenes.raycast import CAMERA, WALL, Scene, Solid, View, seen

from seg_ros.geometry.facets import Facets, facets_of
from seg_ros.geometry.surface import Surface, surface_of

BACK, LEFT, RIGHT = (Solid(4.5, 0.0, (0.1, 6.0, 2.6), label=WALL), Solid(2.0, 2.0, (6.0, 0.1, 2.6), label=WALL),
                     Solid(2.0, -2.0, (6.0, 0.1, 2.6), label=WALL))
CUPBOARD = Solid(2.6, -1.0, (0.5, 1.2, 1.1))


def room_view(*things: Solid, pitch_deg: float = 12.0, height_m: float = 1.0, walls: tuple[Solid, ...] = (
        BACK, LEFT, RIGHT)) -> View:
    """Return what a camera sees of the room with things in it."""
    return seen(Scene((*walls, *things), camera_height_m=height_m, pitch_rad=math.radians(pitch_deg),
                      camera=CAMERA.scaled_to(320, 240)))


def parts_of(view: View, depth: NDArray[np.uint16] | None = None) -> tuple[Surface, Facets]:
    """Return the surface and its flat pieces."""
    surface = surface_of(view.frame(depth))
    return surface, facets_of(surface)
