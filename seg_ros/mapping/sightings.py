# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The objects of one view, each with the box around what is seen of it, in the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.pinhole import Rays
from seg_ros.geometry.surface import MIN_PIXELS, Surface
from seg_ros.mapping.sight import projected
from seg_ros.mapping.view import View

MANY_PIXELS = 1024  # of an object, that are looked at
NEAREST_M, SLACK_M, WELL_WITHIN = 0.2, 0.1, 0.42
TRIM = 1000  # one point in so many is left outside of the box at each of its sides

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
        if moves[instances.class_ids[k]]:
            continue
        points = _points_of(view, instances.masks[k], instances.corners[k])
        if points.shape[1] < MIN_PIXELS:
            continue
        range_m = float(np.linalg.norm(points.mean(axis=1)))
        if nearest_m <= range_m <= farthest_m:
            placed = view.map_from_camera[:3, :3] @ points + view.place[:, None]
            found.append((k, *_ends(placed), range_m))
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


def _points_of(view: View, mask: NDArray[np.bool_], corner: NDArray[np.int32]) -> Floats:
    """Return (3, N) points in the optical frame that lie on an object, of a large one only some."""
    step = max(1, int((mask.size / MANY_PIXELS) ** 0.5))
    left, top = int(corner[0]), int(corner[1])
    window = slice(top, top + mask.shape[0], step), slice(left, left + mask.shape[1], step)
    surface = view.surface
    part = Surface(np.ascontiguousarray(surface.z[window]),
                   Rays(np.ascontiguousarray(surface.rays.x[window]), np.ascontiguousarray(surface.rays.y[window])))
    pixels = part.object_pixels(np.ascontiguousarray(mask[::step, ::step]), np.zeros(2, np.int32), view.ground)
    return part.points_at(pixels).astype(np.float64)


def _ends(points: Floats) -> tuple[Floats, Floats]:
    """Return the (3,) low and high ends of (3, N) points, a small share of them outside."""
    count = points.shape[1]
    trim = count // TRIM
    ordered = np.partition(points, (trim, count - 1 - trim), axis=1)
    return ordered[:, trim], ordered[:, count - 1 - trim]
