# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The objects of one view, each with the box around what is seen of it, in the map."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.cutout import MIN_PIXELS, object_mask, thinned, window_of
from seg_ros.mapping.sight import projected
from seg_ros.mapping.view import View

LARGE = 4_000  # pixels of a crop, of which not every one is looked at
NEAREST_M, SLACK_M, WELL_WITHIN = 0.2, 0.1, 0.42

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sightings:
    """
    N objects with depth, best score first.

    :param low, high: (N, 3) corners of the box in the map's axes, metres. :param ranges_m: (N,) from the camera.
    :param class_ids: (N,). :param scores: (N,) 0..1. :param track_ids: (N,), 0 for none.
    """

    low: Floats
    high: Floats
    ranges_m: Floats
    class_ids: NDArray[np.uint8]
    scores: NDArray[np.float32]
    track_ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.low)

    @property
    def centres(self) -> Floats:
        """(N, 3), the middles of the boxes."""
        return (self.low + self.high) / 2


def sightings(view: View, moves: NDArray[np.bool_], *, nearest_m: float, farthest_m: float) -> Sightings:
    """
    Return the objects of a view that stay where they are, as far as their depth is known and in range.

    :param moves: (256,) by class id, what is left out.
    """
    found: list[tuple[int, Floats, Floats, float]] = []
    instances = view.instances
    if instances is None:
        return _sightings(view, found)
    for k in range(len(instances)):
        ends = None if moves[instances.class_ids[k]] else _ends(view, instances.masks[k], instances.corners[k])
        if ends is not None:
            range_m = float(np.linalg.norm(ends.mean(axis=0) - view.place))
            if nearest_m <= range_m <= farthest_m:
                found.append((k, ends[0], ends[1], range_m))
    return _sightings(view, found)


def shown(view: View, low: Floats, high: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """
    Return of N boxes which this view shows, and behind which it sees.

    A box is shown when its middle lies well within the image and nothing nearer hides it.
    """
    centres, reach = (low + high) / 2, np.linalg.norm(high - low, axis=1) / 2 + SLACK_M
    points = (centres - view.place) @ view.map_from_camera[:3, :3]
    depth, camera = points[:, 2], view.camera
    ahead = np.where(depth > NEAREST_M, depth, np.inf)
    u, v = projected((points[:, 0] / ahead).astype(np.float32), (points[:, 1] / ahead).astype(np.float32), camera)
    inside = (depth > NEAREST_M) & (np.abs(u / camera.width - 0.5) < WELL_WITHIN) & (
        np.abs(v / camera.height - 0.5) < WELL_WITHIN)
    columns, rows = (np.where(inside, image, 0).astype(np.intp) for image in (u, v))
    measured = view.surface.z[rows, columns]
    return inside & (np.abs(measured - depth) <= reach), inside & (measured > depth + reach)


def _sightings(view: View, found: list[tuple[int, Floats, Floats, float]]) -> Sightings:
    low, high = (np.array([row[side] for row in found], float).reshape(-1, 3) for side in (1, 2))
    ranges_m = np.array([row[3] for row in found], float)
    if view.instances is None:
        return Sightings(low, high, ranges_m, np.zeros(0, np.uint8), np.zeros(0, np.float32), np.zeros(0, np.int64))
    chosen = view.instances.taken([row[0] for row in found])
    return Sightings(low, high, ranges_m, chosen.class_ids, chosen.scores, chosen.track_ids)


def _ends(view: View, mask: NDArray[np.bool_], corner: NDArray[np.int32]) -> Floats | None:
    """Return (2, 3), the low and high ends of an object along the map's axes; None when it has next to no depth."""
    surface = view.surface
    if mask.size > LARGE:
        surface, (mask, corner) = view.thinned, thinned(mask, corner, view.step)
    window = window_of(mask, corner)
    own = object_mask(surface, mask, corner, view.ground)
    if cv2.countNonZero(own) < MIN_PIXELS:
        return None
    ends = np.empty((2, 3))
    for axis, (right, down, ahead) in enumerate(view.map_from_camera[:3, :3]):
        place = cv2.addWeighted(surface.rays.x[window], right, surface.rays.y[window], down, ahead)
        place = cv2.multiply(place, surface.z[window], dst=place)
        ends[:, axis] = cv2.minMaxLoc(place, own)[:2]
    return np.asarray(ends + view.place)
