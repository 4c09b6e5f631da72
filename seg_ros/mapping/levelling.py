# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Poses in a frame that is not level become poses in a map: z up, 0 on the floor that is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.ground import level_from_optical
from seg_ros.mapping.view import View
from seg_ros.space import Plane

LEAST_TRUST = 0.5  # of the floor that the map is levelled by
MOST_HELD = 60  # views that wait for it


class Levelling:
    """
    Turns views by the first floor that is well seen; the views before it wait.

    The map's x points where the camera that saw the floor looks, and its z = 0 lies under that camera.
    ``map_from_world`` is the (4, 4) turn, once it is known.
    """

    def __init__(self) -> None:
        self.map_from_world: NDArray[np.float64] | None = None
        self._held: list[View] = []

    @property
    def waiting(self) -> int:
        """How many views wait for a floor."""
        return len(self._held)

    def levelled(self, view: View) -> list[View]:
        """Return what can be placed now, in order: nothing until a floor was seen, then all that waited."""
        if self.map_from_world is None and view.floor is not None and view.floor.trust >= LEAST_TRUST:
            self.map_from_world = _map_from_camera(view.floor) @ np.linalg.inv(view.map_from_camera)
        self._held = [*self._held, view][-MOST_HELD:]
        if self.map_from_world is None:
            return []
        placed = [replace(one, map_from_camera=self.map_from_world @ one.map_from_camera) for one in self._held]
        self._held = []
        return placed


def _map_from_camera(floor: Plane) -> NDArray[np.float64]:
    pose = np.eye(4)
    turn = level_from_optical(floor).astype(np.float64)
    left, _, right = np.linalg.svd(turn)  # the nearest rotation, to the last digit
    pose[:3, :3], pose[2, 3] = left @ right, floor.camera_height_m
    return pose
